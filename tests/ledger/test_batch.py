"""Several claims that are decided together are answered as if each had come alone."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM
from rewards.bulk import writing
from rewards.ledger.batch import Batch, Outcome
from rewards.ledger.idempotency import Claim
from rewards.ledger.model import OperationRow
from rewards.ledger.purse import open_purses
from rewards.ledger.spending import Spend
from tests.conftest import START, Database
from tests.ledger.book import TODAY, Book


def claim(key: str, amount: int) -> Claim:
    return Claim.of(SYSTEM, "redemption:test", key, {"amount": amount})


def redeem_all(database: Database, book: Book, *asked: tuple[str, int]) -> list[Outcome]:
    """Redemptions of (key, amount) in one batch, all from the book's wallet."""
    with Session(database.engine) as session:
        with writing(session) as writer:
            claims = [claim(key, amount) for key, amount in asked]
            batch = Batch(writer, START, claims, "transfer")
        purse = open_purses(session, [book.wallet], START)[book.wallet]
        for position in batch.fresh:
            amount = asked[position][1]
            try:
                shares = purse.take(amount, today=TODAY, programme_id=1)
            except ledger.NotEnoughPoints as refusal:
                batch.refuse(position, refusal)
                continue
            spend = Spend(
                batch.ids["transfer"][position], book.wallet, book.shop, shares, "tea", START
            )
            batch.done(position, {"taken": amount}, spend)
        with writing(session) as writer:
            batch.write(writer)
        session.commit()
    return batch.outcomes()


def told(outcome: Outcome) -> object:
    """What a sender would learn: done, refused or not this key, and whether it is a repeat."""
    if isinstance(outcome, ledger.KeyReused):
        return "another body"
    if outcome.refusal is not None:
        return outcome.refusal.code, outcome.refusal.facts, outcome.replayed
    return outcome.result(), outcome.replayed


def test_each_takes_from_what_the_one_before_it_left(book: Book, database: Database) -> None:
    book.accrue(10)
    outcomes = redeem_all(database, book, ("a", 6), ("b", 6), ("c", 4))
    assert [told(outcome) for outcome in outcomes] == [
        ({"taken": 6}, False),
        ("not_enough_points", {"missing": 2}, False),
        ({"taken": 4}, False),
    ]
    assert book.spendable() == 0
    assert book.drifts() == []


def test_a_key_that_comes_twice_is_done_once(book: Book, database: Database) -> None:
    book.accrue(10)
    outcomes = redeem_all(database, book, ("a", 3), ("a", 3), ("a", 4), ("b", 20), ("b", 20))
    assert [told(outcome) for outcome in outcomes] == [
        ({"taken": 3}, False),
        ({"taken": 3}, True),
        "another body",
        ("not_enough_points", {"missing": 13}, False),
        ("not_enough_points", {"missing": 13}, True),
    ]
    assert book.spendable() == 7
    with Session(database.engine) as session:
        keys = session.scalars(
            select(OperationRow.key).where(OperationRow.scope == "redemption:test")
        )
        assert sorted(keys) == ["a", "b"]


def test_a_later_batch_answers_what_the_first_answered(book: Book, database: Database) -> None:
    book.accrue(10)
    redeem_all(database, book, ("a", 3), ("b", 20))
    again = redeem_all(database, book, ("b", 20), ("a", 3), ("a", 9), ("c", 1))
    assert [told(outcome) for outcome in again] == [
        ("not_enough_points", {"missing": 13}, True),
        ({"taken": 3}, True),
        "another body",
        ({"taken": 1}, False),
    ]
    assert book.spendable() == 6
    assert book.drifts() == []


def test_points_of_another_programme_are_left_alone(book: Book, database: Database) -> None:
    book.accrue(10)
    with Session(database.engine) as session:
        purse = open_purses(session, [book.wallet], START)[book.wallet]
        with pytest.raises(ledger.ForeignAccount):
            purse.take(1, today=TODAY, programme_id=2)
        assert purse.spendable(TODAY) == 10
        with pytest.raises(ledger.UnknownAccount):
            open_purses(session, [book.wallet, book.shop], START)
