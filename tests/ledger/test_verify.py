"""Reconciliation finds whatever was changed behind the ledger's back, and says it in words."""

import os
import threading
from concurrent.futures import BrokenExecutor

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from rewards import ledger, sealcheck
from rewards.db import reading
from rewards.ledger import seals
from rewards.ledger.checks import CHECKS, leaves
from rewards.ledger.seals import checkpoints, tiles
from tests.conftest import Acting, Database
from tests.ledger import sealed
from tests.ledger.book import LATER, SOON, TODAY, Book


def unfreeze(connection: Connection) -> None:
    """Do what only the owner of the database can: get past the triggers."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        connection.execute(text(f"DROP TRIGGER {name}"))


def unfrozen(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        unfreeze(connection)
        for statement in statements:
            connection.execute(text(statement))


def found_after(database: Database, tampering: str) -> set[str]:
    """What is found once *tampering* was done; then it is undone."""
    with database.engine.connect() as connection:
        unfreeze(connection)
        connection.execute(text(tampering))
        with Session(connection) as session:
            return {drift.what for drift in ledger.verify(session)}


def found(database: Database, outside: str | None = None) -> set[str]:
    with Session(database.engine) as session:
        drifts = list(ledger.verify(session, outside=outside))
        assert all(str(drift) and "%(" not in str(drift) for drift in drifts)
        return {drift.what for drift in drifts}


def hold(book: Book, amount: int) -> int:
    def work(op: ledger.Operation) -> dict[str, int]:
        until = op.now.replace(year=op.now.year + 1)
        return {
            "id": ledger.place(
                op, book.wallet, book.shop, amount, today=TODAY, until=until, reason="示例"
            )
        }

    return book.do(work).result()["id"]


@pytest.fixture
def busy(book: Book) -> Book:
    """A ledger with one of everything that is kept."""
    book.accrue(30, SOON)
    wrong = book.accrue(20, LATER)
    spent = book.redeem(25).result()["id"]
    book.give_back(spent, 5).result()
    hold(book, 4)
    captured = hold(book, 3)
    book.do(lambda op: {"id": ledger.capture(op, captured, 2)}).result()
    book.redeem(20).result()
    assert book.take_back(wrong, ledger.WhenSpent.OWE)["owed"] > 0
    book.accrue(9, SOON)
    return book


def test_a_sound_ledger_has_no_drift(busy: Book, database: Database) -> None:
    sealed.seal(database)
    assert found(database) == set()


TAMPERINGS: list[tuple[str, set[str]]] = [
    ("UPDATE balance SET posted = posted + 1", {"balance", "lots of wallet"}),
    ("UPDATE balance SET held = held - 1", {"held", "lots of wallet"}),
    ("UPDATE lot SET remaining = remaining + 1 WHERE id = 1", {"lot", "lots of wallet"}),
    (
        "UPDATE transfer SET amount = amount + 1 WHERE id = 1",
        {"balance", "lot entries of transfer"},
    ),
    (
        "UPDATE lot_entry SET change = change + 1 WHERE transfer_id = 1",
        {"lot", "lot entries of transfer"},
    ),
    ("DELETE FROM lot_entry WHERE transfer_id = 3", {"lot", "lot entries of transfer"}),
    ("UPDATE reversed SET total = total - 1 WHERE transfer_id = 3", {"reversals of transfer"}),
    ("UPDATE reversed SET amount = amount + 1", {"counter of transfer"}),
    ("DELETE FROM owed", {"reversals of transfer"}),
    ("UPDATE owed SET account_id = 2", {"owed"}),
    ("UPDATE transfer SET reverses_id = 1 WHERE id = 4", {"reversals of transfer", "opposite"}),
    ("UPDATE hold_lot SET amount = amount + 1 WHERE hold_id = 1", {"lot", "lots of hold"}),
    ("UPDATE hold_end SET captured = captured + 1", {"capture of hold"}),
    ("DELETE FROM hold_end", {"lot", "held"}),
    ("UPDATE lot SET expires_on = '9998-12-31' WHERE id = 1", {"lapse"}),
]


def test_what_the_transfers_do_not_bear_out_is_found(busy: Book, database: Database) -> None:
    for tampering, what in TAMPERINGS:
        assert found_after(database, tampering) == what, tampering
    assert found(database) == set()


@pytest.fixture
def log(acting: Acting, book: Book, database: Database, monkeypatch: pytest.MonkeyPatch) -> Book:
    """21 sealed transfers in tiles of four, on two levels, with a tail; two checkpoints."""
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)
    monkeypatch.setattr(leaves, "AT_ONCE", 2)
    sealed.fill(acting, book, 7)
    sealed.seal(database)
    sealed.fill(acting, book, 14)
    sealed.seal(database)
    return book


def newest(database: Database) -> seals.Checkpoint:
    with Session(database.engine) as session:
        made = seals.latest(session)
        assert made is not None
        return made


SEALED_OTHERWISE: list[tuple[str, set[str]]] = [
    ("UPDATE transfer SET amount = amount + 1 WHERE id = 6", {"sealed", "sealed sum"}),
    ("UPDATE transfer SET reason = '别的' WHERE id = 13", {"sealed"}),
    ("UPDATE transfer SET happened_at = '2020-01-01 00:00:00.000000' WHERE id = 2", {"sealed"}),
    ("DELETE FROM transfer WHERE id = 9", {"sealed", "sealed sum", "sealed transfers"}),
    ("UPDATE transfer SET id = -id WHERE id = 1", {"sealed"}),
    ("UPDATE transfer SET amount = 99 WHERE id = 21", {"checkpoint", "sealed sum"}),
    ("DELETE FROM seal_tile WHERE level = 0 AND number = 1", {"tile", "checkpoint"}),
    ("DELETE FROM seal_tile WHERE level = 1", {"tile", "checkpoint"}),
    ("UPDATE seal_tile SET root = hashes WHERE level = 0 AND number = 2", {"tile"}),
    ("UPDATE seal_checkpoint SET size = 6 WHERE size = 7", {"checkpoint"}),
    ("UPDATE seal_checkpoint SET note = replace(note, '7', '8')", {"checkpoint"}),
    ("UPDATE seal_checkpoint SET through_id = 20 WHERE size = 21", {"sealed transfers"}),
    ("UPDATE sealed_sum SET total = total + 1", {"sealed sum"}),
]


def test_what_was_sealed_and_is_otherwise_now_is_found(log: Book, database: Database) -> None:
    for tampering, what in SEALED_OTHERWISE:
        assert found_after(database, tampering) >= what, tampering
    assert found(database) == set()


def test_the_transfer_that_was_changed_is_named(log: Book, database: Database) -> None:
    unfrozen(database, "UPDATE transfer SET reason = '别的' WHERE id = 13")
    with Session(database.engine) as session:
        assert [(d.what, d.id) for d in ledger.verify(session)] == [("sealed", 13)]


def test_a_checkpoint_from_outside_is_borne_out(log: Book, database: Database) -> None:
    assert found(database, newest(database).note) == set()
    with Session(database.engine) as session:
        first = session.get_one(seals.Checkpoint, 7)
    assert found(database, first.note) == set()


def test_history_made_anew_is_found_by_a_checkpoint_from_outside(
    log: Book, database: Database
) -> None:
    """Everything is sealed again with the same key: only who kept a checkpoint can tell."""
    kept = newest(database).note
    unfrozen(
        database,
        "UPDATE transfer SET reason = '别的' WHERE id = 13",
        "DELETE FROM seal_tile",
        "DELETE FROM seal_checkpoint",
        "DELETE FROM sealed_sum",
    )
    sealed.seal(database)
    assert found(database) == set()
    assert found(database, kept) == {"outside"}


def test_a_checkpoint_of_another_key_or_log_or_time_is_found(log: Book, database: Database) -> None:
    made = newest(database)
    other = checkpoints._signer("A" * 43 + "=", "a test")
    text_ = checkpoints.body(sealed.ORIGIN, made.size, made.root)
    assert found(database, other.note(sealed.ORIGIN, text_)) == {"outside"}
    later = checkpoints.body(sealed.ORIGIN, made.size + 1, made.root)
    assert found(database, sealed.signer().note(sealed.ORIGIN, later)) == {"outside"}
    foreign = checkpoints.body("elsewhere", made.size, made.root)
    assert found(database, sealed.signer().note(sealed.ORIGIN, foreign)) == {"outside"}
    with pytest.raises(sealcheck.Malformed):
        found(database, "no checkpoint")


def test_checkpoints_that_are_gone_are_missed_by_one_from_outside(
    log: Book, database: Database
) -> None:
    """Tiles without a checkpoint are also what is left of a first sealing that was killed."""
    kept = newest(database).note
    unfrozen(database, "DELETE FROM seal_checkpoint", "DELETE FROM sealed_sum")
    assert found(database) == set()
    assert found(database, kept) == {"outside"}


def test_a_checkpoint_from_outside_finds_a_ledger_that_was_never_sealed(
    log: Book, database: Database
) -> None:
    kept = newest(database).note
    tables = ("seal_tile", "seal_checkpoint", "seal_log", "sealed_sum")
    unfrozen(database, *(f"DELETE FROM {table}" for table in tables))
    assert found(database, kept) == {"outside"}


def test_progress_goes_up_to_the_whole(log: Book, database: Database) -> None:
    told: list[tuple[int, int]] = []
    with Session(database.engine) as session:
        list(ledger.verify(session, progress=lambda done, whole: told.append((done, whole))))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1] == max(whole for _, whole in told)


def test_one_state_is_read_while_others_write(busy: Book, database: Database) -> None:
    """What is committed in the middle of a run is not seen by it, and doesn't wait for it."""
    done = threading.Event()

    def interrupt(session: Session):
        other = threading.Thread(target=lambda: (busy.accrue(7, LATER), done.set()))
        other.start()
        other.join(10)
        assert done.is_set(), "a run must not keep others from writing"
        return iter(())

    with Session(database.engine) as session:
        before = _reading(session)
        drifts = list(ledger.verify(session, more=[interrupt, *CHECKS]))
        assert _reading(session, begin=False) == before
    assert drifts == []
    assert found(database) == set()


def _reading(session: Session, begin: bool = True) -> int:
    if begin:
        token = reading.set(True)
        ledger.consistent(session)
        counted = ledger.count(session)
        reading.reset(token)
        return counted
    return ledger.count(session)


@pytest.mark.one_database
def test_helpers_hash_a_long_log(
    acting: Acting, book: Book, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On processes of their own; what they find odd is looked at again in the run's own state."""
    monkeypatch.setattr(leaves, "AT_ONCE", 1)
    sealed.fill(acting, book, 600)
    sealed.seal(database)
    database.engine.dispose()
    with ledger.helping(leaves.MANY) as helpers:
        with Session(database.engine) as session:
            assert list(ledger.verify(session, helpers=helpers)) == []
        unfrozen(database, "UPDATE transfer SET reason = '别的' WHERE id = 300")
        with Session(database.engine) as session:
            drifts = list(ledger.verify(session, helpers=helpers))
    assert [(d.what, d.id) for d in drifts] == [("sealed", 300)]


def test_few_transfers_are_hashed_without_help() -> None:
    with ledger.helping(leaves.MANY - 1) as helpers:
        assert helpers is None


@pytest.mark.one_database
def test_a_helper_looks_on_a_connection_of_its_own(log: Book, database: Database) -> None:
    with Session(database.engine) as session:
        salt_key = session.get_one(seals.SealLog, 1).salt_key
    first = leaves.Stretch(0, 2, 0, archived=False)
    assert leaves._help(database.url, salt_key, first)
    unfrozen(database, "UPDATE transfer SET reason = '别的' WHERE id = 6")
    assert not leaves._help(database.url, salt_key, first)


@pytest.mark.one_database
def test_a_helper_that_died_is_done_without(acting: Acting, book: Book, database: Database) -> None:
    sealed.fill(acting, book, 300)
    sealed.seal(database)
    database.engine.dispose()
    with ledger.helping(leaves.MANY) as helpers:
        assert helpers is not None
        with pytest.raises(BrokenExecutor):
            helpers.submit(os._exit, 1).result()
        with Session(database.engine) as session:
            assert list(ledger.verify(session, helpers=helpers)) == []
