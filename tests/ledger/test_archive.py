"""Old months leave the ledger for a file that proves itself; what stays is as right as before."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.ledger import seals
from rewards.ledger.archive import detaching, file
from rewards.ledger.archive.model import Archive
from rewards.ledger.archive.refusals import (
    Archived,
    BadArchive,
    ForeignArchive,
    NothingToArchive,
    TruncatedArchive,
    UnprovenArchive,
)
from rewards.ledger.model import LotEntry, Transfer
from rewards.ledger.seals import tiles
from tests.conftest import START, Acting, Database, FakeClock
from tests.ledger import sealed
from tests.ledger.book import LATER, SOON, Book
from tests.ledger.test_verify import unfrozen

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def old(
    book: Book, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Book]:
    """Ten sealed transfers of November and three of December, in tiles of four."""
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)
    # An operation that moved nothing, so that no transfer has the number of its operation.
    assert book.redeem(1).refusal is not None
    for amount in (10, 20, 30):
        book.accrue(amount, SOON)
    book.accrue(40, LATER)
    spent = book.redeem(35).result()["id"]
    book.give_back(spent, 5).result()
    book.take_back(4)
    for amount in (1, 2, 3):
        book.accrue(amount, LATER)
    clock.now = DECEMBER
    for amount in (4, 5, 6):
        book.accrue(amount, LATER)
    sealed.seal(database)
    yield book
    clock.now = START


def written(database: Database, path: Path, before: datetime = DECEMBER) -> file.Contents:
    with Session(database.engine) as session:
        detaching.write(session, detaching.due(session, before), path, DECEMBER)
    return file.read(path)


def detached(database: Database, path: Path, before: datetime = DECEMBER) -> Archive:
    contents = file.read(path)
    with Session(database.engine, expire_on_commit=False) as session:
        stretch = detaching.belongs(session, contents, before)
        row = detaching.detach(session, stretch, contents, DECEMBER)
        session.commit()
        return row


def here(database: Database) -> list[int]:
    with Session(database.engine) as session:
        return list(session.scalars(select(Transfer.id).order_by(Transfer.id)))


def state(book: Book) -> list[object]:
    """All that anybody is told of balances."""
    lots = book.lots()
    with book.acting() as act:
        accounts = (book.wallet, book.shop, book.issuer)
        figures = ledger.verification.figures(act.session)
        posted = [ledger.posted(act.session, account) for account in accounts]
        return [lots, posted, {**vars(figures), "archived": 0}]


def test_whole_tiles_of_the_month_leave_and_all_balances_stay(
    old: Book, database: Database, tmp_path: Path
) -> None:
    before = state(old)
    contents = written(database, tmp_path / "2026-11")
    assert here(database) == list(range(1, 14)), "writing the file deletes nothing"
    row = detached(database, tmp_path / "2026-11")
    assert (row.first_id, row.last_id, row.first_leaf, row.last_leaf) == (1, 8, 0, 7)
    assert row.recorded_through == START and row.sha256 == contents.sha256
    assert here(database) == [9, 10, 11, 12, 13]
    assert state(old) == before
    assert old.drifts() == []


def test_the_next_months_follow_and_seals_go_on(
    old: Book, database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    written(database, tmp_path / "a")
    detached(database, tmp_path / "a")
    before = state(old)
    clock.forward(days=31)
    for amount in (7, 8, 9, 10):
        old.accrue(amount, LATER)
    assert sealed.seal(database) is not None
    january = datetime(2027, 1, 1, tzinfo=UTC)
    with Session(database.engine) as session:
        assert detaching.due(session, january).size == 4
    written(database, tmp_path / "b", january)
    assert detached(database, tmp_path / "b", january).first_leaf == 8
    assert here(database) == [13, 14, 15, 16, 17]
    assert state(old) != before and old.drifts() == []
    with Session(database.engine) as session:
        files = [file.read(tmp_path / name) for name in "ab"]
        older = files[0].header.checkpoint
        assert list(ledger.verify(session, outside=older, files=files)) == []
        for lacking, size in ((0, 8), (1, 4)):
            there = [one for one in files if one is not files[lacking]]
            needed = list(ledger.verify(session, outside=older, files=there))
            assert [(d.what, d.id, d.kept) for d in needed] == [("archive file", lacking + 1, size)]


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE archived_account SET change = change + CASE account_id WHEN 1 THEN -9 ELSE 9 END "
        "WHERE account_id IN (1, 3)",
        "UPDATE archived_lot SET change = change + 9 WHERE lot_id = 1",
        "UPDATE archive SET last_leaf = last_leaf + 4",
        "UPDATE archive SET sha256 = 'another'",
    ],
)
def test_what_an_archive_carries_is_vouched_for_by_its_file(
    old: Book, database: Database, tmp_path: Path, forged: str
) -> None:
    contents = written(database, tmp_path / "file")
    detached(database, tmp_path / "file")
    with Session(database.engine) as session:
        assert list(ledger.verify(session, files=[contents])) == []
    unfrozen(database, forged)
    with Session(database.engine) as session:
        found = {drift.what for drift in ledger.verify(session, files=[contents])}
    assert "archive file" in found


def test_the_newest_transfer_always_stays(old: Book, database: Database, tmp_path: Path) -> None:
    """SQLite gives the number of a deleted newest row away again."""
    for _ in range(3):
        old.accrue(1)
    sealed.seal(database)
    late = datetime(2030, 1, 1, tzinfo=UTC)
    assert here(database)[-1] == 16
    written(database, tmp_path / "all", late)
    assert detached(database, tmp_path / "all", late).last_id == 12
    assert old.accrue(1) == 17
    assert old.drifts() == []


def test_nothing_young_or_unsealed_leaves(old: Book, database: Database, tmp_path: Path) -> None:
    with Session(database.engine) as session, pytest.raises(NothingToArchive):
        detaching.due(session, START)
    written(database, tmp_path / "2026-11")
    detached(database, tmp_path / "2026-11")
    with Session(database.engine) as session, pytest.raises(NothingToArchive):
        detaching.due(session, DECEMBER)


def test_the_database_refuses_to_delete_what_no_archive_covers(
    old: Book, database: Database, tmp_path: Path
) -> None:
    written(database, tmp_path / "2026-11")
    detached(database, tmp_path / "2026-11")
    for statement in (
        "DELETE FROM transfer",
        "DELETE FROM transfer WHERE id = 9",
        "DELETE FROM lot_entry WHERE transfer_id = 9",
        "UPDATE lot_entry SET change = 1",
        "DELETE FROM archive",
        "UPDATE archive SET last_id = 99",
    ):
        with database.engine.connect() as connection, pytest.raises(DatabaseError, match="never"):
            connection.execute(text(statement))


def test_what_is_archived_cannot_be_undone_and_says_what_to_do(
    old: Book, database: Database, tmp_path: Path
) -> None:
    written(database, tmp_path / "2026-11")
    last = detached(database, tmp_path / "2026-11").last_id
    for undo in (
        lambda: old.take_back(1),
        lambda: old.take_back(last),
        lambda: old.give_back(5).result(),
    ):
        with pytest.raises(Archived):
            undo()
    with pytest.raises(ledger.NotReversible):
        old.take_back(999)
    assert old.take_back(9) == {"taken": 2, "owed": 0}
    assert old.drifts() == []


def test_stopped_between_writing_and_deleting_it_goes_on_from_the_file(
    old: Book, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "2026-11"
    contents = written(database, path)
    stretch_of = detaching.belongs
    with Session(database.engine) as session:
        detaching.detach(session, stretch_of(session, contents, DECEMBER), contents, DECEMBER)
        session.rollback()
    assert here(database) == list(range(1, 14)) and old.drifts() == []
    old.accrue(1)
    sealed.seal(database)
    assert detached(database, path).last_id == 8
    with Session(database.engine) as session, pytest.raises((ForeignArchive, NothingToArchive)):
        detaching.belongs(session, contents, DECEMBER)
    assert here(database)[0] == 9 and old.drifts() == []


def test_the_same_entries_make_the_same_file(old: Book, database: Database, tmp_path: Path) -> None:
    first, second = written(database, tmp_path / "a"), written(database, tmp_path / "b")
    assert first.sha256 == second.sha256
    assert not list(tmp_path.glob("*.part"))


def test_a_file_says_all_that_was_in_the_ledger(
    old: Book, database: Database, tmp_path: Path
) -> None:
    contents = written(database, tmp_path / "2026-11")
    assert contents.entries == 8
    with Session(database.engine) as session:
        entries = session.execute(
            select(LotEntry.lot_id, func.sum(LotEntry.change))
            .where(LotEntry.transfer_id <= 8)
            .group_by(LotEntry.lot_id)
        )
        assert contents.lots == {lot: int(total) for lot, total in entries}
    lines = list(map(json.loads, gzip.decompress((tmp_path / "2026-11").read_bytes()).splitlines()))
    assert lines[5]["entry"]["reason"] == "tea"
    assert lines[5]["lots"] == [[1, "2026-11-30", -35]]


Change = Callable[[list[bytes]], list[bytes]]


def _edit(number: int, old_: str, new: str) -> Change:
    def change(lines: list[bytes]) -> list[bytes]:
        assert old_.encode() in lines[number]
        lines[number] = lines[number].replace(old_.encode(), new.encode())
        return lines

    return change


def _signed(change: Change) -> Change:
    """The change, with the digest at the end made right by whoever made it."""

    def changed(lines: list[bytes]) -> list[bytes]:
        *lines, _ = change(lines)
        digest = file.sha256(b"".join(lines)).hexdigest()
        return [*lines, file._line({"entries": len(lines) - 1, "sha256": digest})]

    return changed


DAMAGES: list[tuple[Change, type[BadArchive]]] = [
    (lambda lines: lines[:-1], TruncatedArchive),
    (lambda lines: [], TruncatedArchive),
    (lambda lines: [*lines[:-1], lines[-1][:-1]], TruncatedArchive),
    (lambda lines: [*lines, lines[1]], BadArchive),
    (_edit(3, '"amount":30', '"amount":31'), BadArchive),
    (_edit(0, "e-points archive 1", "e-points archive 9"), BadArchive),
    (_signed(_edit(0, "e-points archive 1", "e-points archive 9")), BadArchive),
    (_edit(2, '"entry"', '"other"'), BadArchive),
    (_edit(2, "{", "["), BadArchive),
    (_signed(_edit(3, '"amount":30', '"amount":31')), UnprovenArchive),
    (_signed(_edit(3, '"reason":"work"', '"reason":"gift"')), UnprovenArchive),
    (_signed(lambda lines: [lines[0], *lines[2:]]), UnprovenArchive),
    (_signed(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]]), UnprovenArchive),
    (_signed(_edit(0, '"last_leaf":7', '"last_leaf":8')), UnprovenArchive),
    (_signed(_edit(0, '"first_leaf":0', '"first_leaf":4')), UnprovenArchive),
    (_signed(_edit(0, '"beside":["', '"beside":["AAAA","')), UnprovenArchive),
    (_signed(_edit(0, "points.example", "points.elsewhere")), UnprovenArchive),
]


def test_a_damaged_or_forged_file_is_a_named_error_and_nothing_is_written(
    old: Book, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "2026-11"
    written(database, path)
    whole = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    for number, (change, refusal) in enumerate(DAMAGES):
        path.write_bytes(gzip.compress(b"".join(change(list(whole)))))
        with pytest.raises(refusal) as raised:
            detached(database, path)
        assert type(raised.value) is refusal, number
    assert here(database) == list(range(1, 14))


@pytest.mark.parametrize("data", [b"", b"no gzip at all"])
def test_what_is_no_archive_is_a_named_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(BadArchive):
        file.read(tmp_path / "file")


def test_a_cut_off_file_is_named(old: Book, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "2026-11"
    written(database, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TruncatedArchive):
        file.read(path)


def test_a_file_of_forged_lots_is_not_of_this_ledger(
    old: Book, database: Database, tmp_path: Path
) -> None:
    """Lot entries aren't sealed: the file's must come to what is here."""
    path = tmp_path / "2026-11"
    written(database, path)
    with gzip.open(path) as packed:
        lines = packed.read().splitlines(keepends=True)
    forge = _signed(_edit(1, '"lots":[[1,"2026-11-30",10]]', '"lots":[[1,"2026-11-30",11]]'))
    path.write_bytes(gzip.compress(b"".join(forge(lines))))
    with pytest.raises(ForeignArchive):
        detached(database, path)
    assert here(database) == list(range(1, 14))


def test_the_file_of_another_ledger_is_refused(
    old: Book, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "2026-11"
    written(database, path)
    unfrozen(database, "DELETE FROM seal_checkpoint")
    with pytest.raises(ForeignArchive):
        detached(database, path)


def test_the_file_agrees_with_a_checkpoint_kept_elsewhere_or_says_not(
    old: Book, database: Database, tmp_path: Path, acting: Acting
) -> None:
    path = tmp_path / "2026-11"
    contents = written(database, path)
    assert file.read(path, contents.header.checkpoint).entries == 8
    old.accrue(1)
    other = sealed.seal(database)
    assert other is not None
    for outside in (other.note, "no checkpoint"):
        with pytest.raises(UnprovenArchive):
            file.read(path, outside)


def test_verify_finds_forged_sums_of_an_archive(
    old: Book, database: Database, tmp_path: Path
) -> None:
    written(database, tmp_path / "2026-11")
    detached(database, tmp_path / "2026-11")
    unfrozen(
        database,
        "UPDATE archived_account SET change = change + 1 "
        "WHERE account_id = (SELECT min(account_id) FROM archived_account)",
    )
    assert {"archive", "sealed sum"} <= {drift.what for drift in old.drifts()}


def test_verify_finds_archived_tiles_that_were_changed(
    old: Book, database: Database, tmp_path: Path
) -> None:
    written(database, tmp_path / "2026-11")
    detached(database, tmp_path / "2026-11")
    unfrozen(database, "UPDATE seal_tile SET root = hashes WHERE level = 0 AND number = 0")
    assert ("tile", 0) in {(drift.what, drift.id) for drift in old.drifts()}


def test_a_proof_of_what_stayed_is_as_before(old: Book, database: Database, tmp_path: Path) -> None:
    written(database, tmp_path / "2026-11")
    detached(database, tmp_path / "2026-11")
    with Session(database.engine) as session:
        assert seals.proof(session, 10)["index"] == 9
