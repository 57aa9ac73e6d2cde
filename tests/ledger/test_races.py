"""Many at once, from threads with connections of their own, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.errors import Refused
from tests.conftest import START, Database
from tests.ledger.book import TODAY, Book

AT_ONCE = 16


def at_once(database: Database, jobs) -> Counter[str]:
    """Run *jobs* (functions of an act) in parallel; counts their outcomes by name."""

    def run(job) -> str:
        with Session(database.engine) as session:
            try:
                answer = job(Act(session, SYSTEM, START))
                session.commit()
                answer.result()
            except Refused as refusal:
                return refusal.code
            return "replayed" if answer.replayed else "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(run, jobs))


def redemption(book: Book, key: str, amount: int = 5):
    def work(op: ledger.Operation):
        return {"id": ledger.redeem(op, book.wallet, book.shop, amount, today=TODAY, reason="tea")}

    return lambda act: ledger.once(act, "t", key, {"amount": amount}, work)


def test_one_key_many_times_takes_points_once(book: Book, database: Database) -> None:
    book.accrue(100)
    outcomes = at_once(database, [redemption(book, "same") for _ in range(AT_ONCE)])
    assert outcomes == {"done": 1, "replayed": AT_ONCE - 1}
    assert book.spendable() == 95
    assert book.drifts() == []


def test_one_key_for_many_things_does_one_of_them(book: Book, database: Database) -> None:
    book.accrue(100)
    outcomes = at_once(
        database, [redemption(book, "same", amount) for amount in range(1, AT_ONCE + 1)]
    )
    assert outcomes == {"done": 1, "idempotency_key_reused": AT_ONCE - 1}
    assert book.drifts() == []


def test_funds_for_some_pay_exactly_some(book: Book, database: Database) -> None:
    book.accrue(23, date(2026, 12, 31))
    book.accrue(27, date(2027, 1, 31))
    outcomes = at_once(database, [redemption(book, f"race-{i}") for i in range(AT_ONCE)])
    assert outcomes == {"done": 10, "not_enough_points": AT_ONCE - 10}
    assert book.spendable() == 0
    assert book.drifts() == []


def test_a_storm_of_partial_refunds_never_exceeds_the_original(
    book: Book, database: Database
) -> None:
    book.accrue(50)
    spent = book.redeem(30).result()["id"]

    def refund(key: str):
        def work(op: ledger.Operation):
            return {"id": ledger.give_back(op, spent, reason="storm", amount=4)}

        return lambda act: ledger.once(act, "refund", key, {}, work)

    outcomes = at_once(database, [refund(f"key-{i}") for i in range(AT_ONCE)])
    assert outcomes == {"done": 7, "already_reversed": AT_ONCE - 7}
    assert book.spendable() == 48
    assert book.drifts() == []


def test_awards_and_redemptions_meet_without_losing_a_point(book: Book, database: Database) -> None:
    book.accrue(100)

    def award(key: str):
        def work(op: ledger.Operation):
            accrual = ledger.Accrual(book.wallet, 3, date(2026, 12, 31), "work", op.now)
            return {"id": ledger.accrue(op, book.issuer, [accrual])[0]}

        return lambda act: ledger.once(act, "award", key, {}, work)

    jobs = [redemption(book, f"race-{i}") for i in range(8)] + [award(f"key-{i}") for i in range(8)]
    assert at_once(database, jobs) == {"done": 16}
    assert book.spendable() == 100 - 8 * 5 + 8 * 3
    assert book.drifts() == []
