"""Idle points last as long as their wallet moves, and are never revived."""

from datetime import UTC, date, datetime

import pytest

from rewards import ledger
from rewards.ledger import IDLE, NEVER, Activity
from tests.conftest import Acting
from tests.ledger.book import LATER, TODAY
from tests.ledger.sweeper import ZONE, Sweeper


@pytest.fixture
def book(acting: Acting) -> Sweeper:
    return Sweeper(acting)


def test_idle_points_last_as_long_as_the_wallet_moves(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    assert book.dated() == {date(2027, 5, 20): 30}
    assert book.spendable(date(2027, 5, 20)) == 30
    assert book.spendable(date(2027, 5, 21)) == 0
    book.redeem(10, today=date(2027, 5, 20)).result()
    assert book.dated(date(2027, 5, 21)) == {date(2027, 11, 20): 20}
    book.earn(5, LATER, Activity(date(2027, 6, 1), ZONE))
    assert book.dated(date(2027, 6, 1)) == {LATER: 5, date(2027, 12, 1): 20}


def test_lapsed_idle_points_are_swept_before_new_ones_come(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    late = date(2027, 8, 1)
    book.earn_idle(7, late)
    assert book.dated(late) == {date(2028, 2, 1): 7}
    assert (book.posted(book.wallet), book.posted(book.expired)) == (7, 30)
    assert book.drifts() == []


def test_lapsed_idle_points_are_not_revived_by_spending(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    book.accrue(10, NEVER)
    late = date(2027, 8, 1)
    with pytest.raises(ledger.NotEnoughPoints):
        book.redeem(11, today=late).result()
    book.redeem(4, today=late).result()
    book.earn(1, NEVER, Activity(late, ZONE))
    assert book.dated(late) == {NEVER: 7}
    assert book.sweep_all(late) == 30


def test_a_shorter_policy_takes_no_day_away(book: Sweeper) -> None:
    book.earn_idle(30, TODAY, months=12)
    book.earn_idle(5, TODAY, months=3)
    assert book.dated() == {date(2027, 11, 20): 35}
    book.redeem(1, today=date(2027, 10, 1)).result()
    assert book.dated() == {date(2028, 1, 1): 34}


def test_idle_points_need_to_know_how_long_they_last(book: Sweeper) -> None:
    for activity in (None, Activity(TODAY, ZONE)):
        with pytest.raises(ValueError, match="idle"):
            book.earn(5, IDLE, activity)


def test_idle_and_dated_points_of_one_day_are_shown_as_one(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    book.accrue(5, date(2027, 5, 20))
    assert book.dated() == {date(2027, 5, 20): 35}


def test_setting_idle_points_aside_is_a_move_too(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    later_on = date(2027, 3, 1)
    until = datetime(2027, 3, 2, tzinfo=UTC)
    book.do(
        lambda op: {
            "id": ledger.place(
                op, book.wallet, book.shop, 4, today=later_on, until=until, reason="voucher"
            )
        }
    ).result()
    assert book.dated(later_on) == {date(2027, 9, 1): 26}
