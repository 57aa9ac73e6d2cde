"""What else is asked of archives: whose file it is, what has left, and until when."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.ledger.archive import detaching, file, model
from rewards.ledger.archive.refusals import ForeignArchive, UnprovenArchive
from rewards.ledger.seals import tiles
from tests.conftest import START, Acting, Database, FakeClock
from tests.ledger import sealed
from tests.ledger.book import LATER, Book
from tests.ledger.test_archive import DECEMBER, detached, old, written

__all__ = ["old"]

JANUARY = datetime(2027, 1, 1, tzinfo=UTC)


def test_who_asks_is_told_through_when_movements_have_left(
    old: Book, database: Database, acting: Acting, tmp_path: Path
) -> None:
    with acting() as act:
        bystander = ledger.open_account(act.session, ledger.MERCHANT, "quiet", 1).id
    with Session(database.engine) as session:
        assert model.archived_through(session) is None
        assert model.every(session) == []
    written(database, tmp_path / "a")
    row = detached(database, tmp_path / "a")
    with Session(database.engine) as session:
        assert model.archived_through(session) == START
        assert model.archived_through(session, old.wallet) == START
        assert model.archived_through(session, bystander) is None
        assert [archive.id for archive in model.every(session)] == [row.id]


def test_a_file_that_has_left_is_not_the_next_one(
    old: Book, database: Database, tmp_path: Path, clock: FakeClock
) -> None:
    contents = written(database, tmp_path / "a")
    with Session(database.engine) as session:
        stretch = detaching.belongs(session, contents, DECEMBER)
    detached(database, tmp_path / "a")
    clock.forward(days=31)
    for amount in (7, 8, 9, 10):
        old.accrue(amount, LATER)
    sealed.seal(database)
    with Session(database.engine) as session:
        with pytest.raises(ForeignArchive, match="oldest"):
            detaching.belongs(session, contents, JANUARY)
        with pytest.raises(ForeignArchive, match="left already"):
            detaching.detach(session, stretch, contents, DECEMBER)


def test_a_file_of_other_sums_is_not_of_this_ledger(
    old: Book, database: Database, tmp_path: Path
) -> None:
    contents = written(database, tmp_path / "a")
    with Session(database.engine) as session:
        stretch = detaching.belongs(session, contents, DECEMBER)
        contents.accounts[old.wallet] += 1
        with pytest.raises(ForeignArchive, match="transfers come to"):
            detaching.detach(session, stretch, contents, DECEMBER)
        contents.accounts[old.wallet] -= 1
        contents.moved[old.wallet] += 1
        with pytest.raises(ForeignArchive, match="transfers come to"):
            detaching.detach(session, stretch, contents, DECEMBER)


def test_transfers_without_lots_leave_too(
    book: Book,
    database: Database,
    acting: Acting,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)
    sealed.fill(acting, book, 9)
    sealed.seal(database)
    written(database, tmp_path / "a")
    assert detached(database, tmp_path / "a").last_leaf == 7


@pytest.mark.parametrize("edges", [(-1, 6), (4, 3), (9, 16)])
def test_a_file_of_more_than_was_signed_proves_nothing(
    old: Book, database: Database, tmp_path: Path, edges: tuple[int, int]
) -> None:
    contents = written(database, tmp_path / "a")
    first, last = edges
    header = file.Header(**{**vars(contents.header), "first_leaf": first, "last_leaf": last})
    forged = file.Contents(header, contents.statement, "", entries=last - first + 1)
    with pytest.raises(UnprovenArchive, match="fewer"):
        file._prove(forged, None)


def test_a_file_of_one_leaf_more_than_was_signed_proves_nothing(
    old: Book, database: Database, tmp_path: Path
) -> None:
    contents = written(database, tmp_path / "a")
    size = contents.statement.size
    edges = {"first_leaf": size - 1, "last_leaf": size}
    header = file.Header(**{**vars(contents.header), **edges})
    with pytest.raises(UnprovenArchive, match="fewer"):
        file._prove(file.Contents(header, contents.statement, "", entries=2), None)
