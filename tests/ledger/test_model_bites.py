"""The model notices a ledger that does wrong: whatever it looks at is broken once on purpose."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from rewards import ledger
from tests.conftest import Database
from tests.ledger import machine
from tests.ledger.both import accounts_of
from tests.ledger.test_verify import unfreeze

# What breaks which invariant of the ledger: points conjured up, lost, doubled, or nowhere.
SABOTAGE = {
    "a balance that no transfer bears out": "UPDATE balance SET posted = posted + 1",
    "points held by no hold": "UPDATE balance SET held = held + 1",
    "a lot that its entries don't come to": "UPDATE lot SET remaining = remaining + 1",
    "a lot that changed its day": (
        "UPDATE lot SET expires_on = '2027-01-01' WHERE expires_on = '2026-11-20'"
    ),
    "a lot entry without its transfer's sum": (
        "UPDATE lot_entry SET change = change + 1 WHERE change > 0"
    ),
    "a transfer of more": "UPDATE transfer SET amount = amount + 1 WHERE kind = 'accrual'",
    "a transfer that is gone": "DELETE FROM transfer WHERE kind = 'redemption'",
    "a transfer to another": "UPDATE transfer SET credit_id = {other} WHERE kind = 'redemption'",
    "one done twice": (
        "INSERT INTO transfer (id, operation_id, kind, debit_id, credit_id, amount, happened_at, "
        "recorded_at, reason) SELECT 1000 + id, operation_id, kind, debit_id, credit_id, amount, "
        "happened_at, recorded_at, reason FROM transfer WHERE kind = 'redemption'"
    ),
    "points out of nothing": (
        "INSERT INTO transfer (id, operation_id, kind, debit_id, credit_id, amount, happened_at, "
        "recorded_at, reason) SELECT 1000 + id, operation_id, kind, {issuer}, {shop}, 5, "
        "happened_at, recorded_at, reason FROM transfer WHERE kind = 'redemption'"
    ),
    "a hold that took less": "UPDATE hold_lot SET amount = amount - 1",
    "a hold that ended unseen": (
        "INSERT INTO hold_end (hold_id, outcome, captured, ended_at) "
        "SELECT id, 'timed_out', 0, until FROM hold"
    ),
}


@pytest.fixture
def run(database: Database) -> Iterator[machine.Machine]:
    """A run in which points were given, spent and set aside."""

    class Here(machine.Machine):
        engine, happened = database.engine, Counter()
        accounts = accounts_of(database.engine)

    here = Here()
    here.begin((machine.TODAY, ledger.NEVER, ledger.IDLE))
    here.redeem(wallet=1, shop=0, amount=5)
    here.hold(wallet=0, shop=1, amount=7, hours=24)
    here.both_agree()
    yield here
    here.teardown()


@pytest.mark.parametrize("what", SABOTAGE)
def test_rows_that_are_wrong_are_noticed(run: machine.Machine, what: str) -> None:
    accounts = run.accounts
    statement = SABOTAGE[what].format(
        other=accounts.shops[1], shop=accounts.shops[0], issuer=accounts.issuer
    )
    savepoint = run.connection.begin_nested()
    unfreeze(run.connection)
    if run.connection.dialect.name == "sqlite":
        run.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    assert run.connection.execute(text(statement)).rowcount
    with pytest.raises(AssertionError):
        run.both_agree()
    savepoint.rollback()
    run.both_agree()


def twice(real: Callable[..., Any]) -> Callable[..., Any]:
    def done(op: ledger.Operation, *args: Any, **how: Any) -> Any:
        real(op, *args, **how)
        return real(op, *args, **how)

    return done


def nothing(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **how: None


def without_memory(real: Callable[..., Any]) -> Callable[..., Any]:
    keys = iter(range(10**9))
    return lambda act, scope, key, body, work: real(act, scope, f"{key}-{next(keys)}", body, work)


def one_body(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda act, scope, key, body, work: real(act, scope, key, {}, work)


def yesterday(real: Callable[..., Any]) -> Callable[..., Any]:
    """A day too late: what is past counts as there."""
    return lambda session, of, today, **how: real(session, of, today - timedelta(days=1), **how)


def one_more(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **how: real(*args, **how) + 1


def silent(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **how: iter((0,))


WRONGS: list[tuple[str, Callable[..., Any]]] = [
    ("accrue", twice),
    ("redeem", twice),
    ("place", twice),
    ("release", nothing),
    ("time_out", silent),
    ("once", without_memory),
    ("once", one_body),
    ("spendable_of", yesterday),
    ("dated", yesterday),
    ("owed", one_more),
    ("posted", one_more),
]


@pytest.mark.one_database
@pytest.mark.parametrize(("name", "wrong"), WRONGS)
def test_a_ledger_that_does_wrong_is_noticed(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, wrong: Callable[..., Any]
) -> None:
    monkeypatch.setattr(ledger, name, wrong(getattr(ledger, name)))
    with pytest.raises(AssertionError):
        machine.check(database.engine, runs=50, steps=40, from_seed=1, shrink=False)
