"""What a scheme lets residents give on: pure, by the calendar."""

from datetime import date, timedelta

import pytest

from rewards.schemes import giving
from rewards.schemes.giving import GivingMuch, GivingMuchAtOnce, GivingMuchToday, Room
from rewards.schemes.rules import Window
from rewards.schemes.scheme import Allowance, GivingOn
from rewards.schemes.spending import Spent

LEAP_DAY = date(2028, 2, 29)


def rules(window: Window | None, most: int = 100) -> GivingOn:
    return GivingOn(True, True, Allowance(most, window) if window else None)


@pytest.mark.parametrize(
    ("window", "since", "until"),
    [
        (Window.DAY, LEAP_DAY, LEAP_DAY),
        (Window.WEEK, date(2028, 2, 28), date(2028, 3, 5)),
        (Window.MONTH, date(2028, 2, 1), LEAP_DAY),
        (Window.QUARTER, date(2028, 1, 1), date(2028, 3, 31)),
        (Window.YEAR, date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_a_window_counts_from_its_first_day_through_its_last(
    window: Window, since: date, until: date
) -> None:
    limited = rules(window)
    assert giving.looks_back(limited, LEAP_DAY) == since
    inside = [Spent(since, 30), Spent(until, 30)]
    a_day = timedelta(days=1)
    outside = [Spent(since - a_day, 100), Spent(until + a_day, 100)]
    assert giving.room(limited, LEAP_DAY, [*inside, *outside]) == Room(40, until)
    giving.check(limited, 40, LEAP_DAY, inside)
    refusal = GivingMuchToday if window is Window.DAY else GivingMuch
    with pytest.raises(refusal) as refused:
        giving.check(limited, 41, LEAP_DAY, inside)
    assert (refused.value.facts["most"], refused.value.facts["left"]) == (100, 40)


def test_a_lowered_limit_leaves_nothing_and_never_less() -> None:
    before = [Spent(LEAP_DAY, 500)]
    assert giving.room(rules(Window.MONTH), LEAP_DAY, before) == Room(0, LEAP_DAY)


def test_a_limit_of_one_gift_looks_at_no_other() -> None:
    limited, before = rules(Window.ACT), [Spent(LEAP_DAY, 500)]
    assert giving.looks_back(limited, LEAP_DAY) is None
    assert giving.room(limited, LEAP_DAY, before) == Room(100)
    giving.check(limited, 100, LEAP_DAY, before)
    with pytest.raises(GivingMuchAtOnce):
        giving.check(limited, 101, LEAP_DAY, before)


def test_without_a_limit_any_number_may_be_given() -> None:
    assert giving.looks_back(rules(None), LEAP_DAY) is None
    assert giving.room(rules(None), LEAP_DAY) == Room(None)
    giving.check(rules(None), 10**9, LEAP_DAY)
