"""Points that come back after their last day: days of grace, exactly, step by step."""

from datetime import date

import pytest

from rewards import ledger
from rewards.ledger import NEVER
from tests.conftest import Acting
from tests.ledger.book import LATER, SOON, TODAY
from tests.ledger.sweeper import AFTER, Sweeper


@pytest.fixture
def book(acting: Acting) -> Sweeper:
    return Sweeper(acting)


def test_a_late_void_gives_days_of_grace(book: Sweeper) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    spent = book.redeem(15).result()["id"]
    book.refund(spent, None, AFTER, grace_days=30)
    assert book.dated(AFTER) == {date(2026, 12, 31): 10, LATER: 10}
    assert book.spendable(AFTER) == 20
    assert book.drifts() == []


def test_without_grace_late_points_stay_past(book: Sweeper) -> None:
    book.accrue(10, SOON)
    spent = book.redeem(10).result()["id"]
    book.refund(spent, None, AFTER, grace_days=0)
    assert (book.spendable(AFTER), book.sweep_all()) == (0, 10)


def test_grace_isn_t_for_points_that_are_not_late(book: Sweeper) -> None:
    book.accrue(10, SOON)
    spent = book.redeem(10).result()["id"]
    book.refund(spent, None, SOON, grace_days=30)
    assert book.lots() == {SOON: 10}


def test_grace_on_the_day_of_another_lot_joins_it(book: Sweeper) -> None:
    grace = date(2026, 12, 31)
    book.accrue(10, SOON)
    book.accrue(10, grace)
    spent = book.redeem(15).result()["id"]
    book.refund(spent, None, AFTER, grace_days=30)
    assert book.lots() == {SOON: 0, grace: 20}
    assert book.drifts() == []


def test_partial_voids_over_time_restore_every_point_once(book: Sweeper) -> None:
    """The latest expiry returns first; each step goes on where the one before it stopped."""
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    book.accrue(10, NEVER)
    spent = book.redeem(30).result()["id"]
    book.refund(spent, 12, AFTER, grace_days=30)  # all of NEVER, 2 of LATER
    assert book.lots() == {SOON: 0, LATER: 2, NEVER: 10}
    later_on = date(2027, 7, 1)
    book.refund(spent, 9, later_on, grace_days=30)  # 8 of LATER and 1 of SOON, both past
    assert book.lots() == {SOON: 0, LATER: 2, NEVER: 10, date(2027, 7, 31): 9}
    book.refund(spent, 4, later_on, grace_days=0)
    assert book.lots()[SOON] == 4
    book.refund(spent, None, later_on, grace_days=10)
    assert book.lots() == {
        SOON: 4,
        LATER: 2,
        NEVER: 10,
        date(2027, 7, 31): 9,
        date(2027, 7, 11): 5,
    }
    with pytest.raises(ledger.AlreadyReversed):
        book.refund(spent, 1, later_on, grace_days=0)
    assert book.drifts() == []


def test_idle_points_that_come_back_lapsed_are_given_grace(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    spent = book.redeem(30).result()["id"]
    late = date(2027, 8, 1)
    book.refund(spent, None, late, grace_days=14)
    assert book.dated(late) == {date(2027, 8, 15): 30}
