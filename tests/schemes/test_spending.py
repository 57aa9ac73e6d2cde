"""The rules of spending: who may spend what, when and where, and what the refusal says."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.errors import Refused
from rewards.schemes import spending
from rewards.schemes.calendar import first_day
from rewards.schemes.presets import preset
from rewards.schemes.rules import Window
from rewards.schemes.scheme import Allowance, ShopClass, Spending
from rewards.schemes.spending import Purchase, Spent

SUNDAY = date(2026, 11, 22)


def buy(**changes: Any) -> Purchase:
    """Ten points by a bill for dinner on a Sunday, but for what is changed."""
    usual = {"category": "dining", "day": SUNDAY, "points": 10, "by_price": True}
    return Purchase(**usual | changes)


def refusal(
    rules: Spending, purchase: Purchase, minutes: int = 0, before: list[Spent] | None = None
) -> tuple[str, dict[str, Any]] | None:
    """The name and the facts of what stands in the way."""
    try:
        spending.check(rules, purchase, minutes, before or [])
    except Refused as refused:
        return refused.code, refused.facts
    return None


def test_without_rules_nothing_stands_in_the_way() -> None:
    assert not spending.restricts(Spending())
    assert refusal(Spending(), buy(points=1_000_000, by_price=False)) is None


@pytest.mark.parametrize(
    ("minutes", "served"), [(0, (0, 0)), (5999, (99, 59)), (6000, None), (6001, None)]
)
def test_guangzhou_opens_after_100_hours(minutes: int, served: tuple[int, int] | None) -> None:
    rules = preset("guangzhou").scheme.spending
    if served is None:
        assert refusal(rules, buy(), minutes) is None
    else:
        facts = {"hours": 100, "served_hours": served[0], "served_minutes": served[1]}
        assert refusal(rules, buy(), minutes) == ("spending_not_open", facts)


@pytest.mark.parametrize(
    ("day", "before", "again"),
    [
        (date(2026, 9, 30), [date(2026, 7, 1)], "2026-10-01"),
        (date(2026, 10, 1), [date(2026, 9, 30)], None),
        (date(2026, 12, 31), [date(2026, 10, 1)], "2027-01-01"),
        (date(2027, 1, 1), [date(2026, 12, 31)], None),
        (date(2028, 2, 29), [date(2028, 1, 1)], "2028-04-01"),
        (date(2028, 2, 29), [], None),
    ],
)
def test_hailin_allows_one_redemption_a_quarter(
    day: date, before: list[date], again: str | None
) -> None:
    rules = preset("hailin").scheme.spending
    found = refusal(rules, buy(day=day), 0, [Spent(d, 1) for d in before])
    assert (found and (found[0], found[1]["again"])) == (again and ("spent_often", again))


def test_days_of_the_week_and_the_month() -> None:
    weekend = Spending(weekdays=frozenset({6, 7}))
    assert refusal(weekend, buy()) is None
    monday = buy(day=SUNDAY + timedelta(1))
    assert refusal(weekend, monday) == ("no_spending_day", {"next": "2026-11-28"})
    first = Spending(month_days=frozenset({1, 15}))
    assert refusal(first, buy()) == ("no_spending_day", {"next": "2026-12-01"})
    assert refusal(first, buy(day=date(2026, 12, 15))) is None
    sundays_31 = Spending(weekdays=frozenset({7}), month_days=frozenset({31}))
    assert refusal(sundays_31, buy()) == ("no_spending_day", {"next": "2027-01-31"})


def test_classes_of_shop() -> None:
    rules = Spending(categories=frozenset({ShopClass.DINING}))
    assert refusal(rules, buy()) is None
    assert refusal(rules, buy(category="medical")) == ("not_this_shop", {})


def test_times() -> None:
    rules = Spending(times=(Allowance(2, Window.DAY), Allowance(3, Window.MONTH)))
    today, first = Spent(SUNDAY, 5), Spent(date(2026, 11, 1), 5)
    assert refusal(rules, buy(), 0, [today, first]) is None
    facts = {"most": 2, "again": "2026-11-23"}
    assert refusal(rules, buy(), 0, [today, today]) == ("spent_often_today", facts)
    assert refusal(rules, buy(), 0, [first, first, first]) == (
        "spent_often",
        {"most": 3, "again": "2026-12-01", "since": "2026-11-01", "until": "2026-11-30"},
    )
    assert refusal(rules, buy(), 0, [Spent(date(2026, 10, 31), 5)] * 9) is None


def test_the_next_time_is_on_a_day_that_is_open() -> None:
    rules = Spending(weekdays=frozenset({6, 7}), times=(Allowance(1, Window.DAY),))
    assert refusal(rules, buy(), 0, [Spent(SUNDAY, 1)]) == (
        "spent_often_today",
        {"most": 1, "again": "2026-11-28"},
    )


def test_points() -> None:
    rules = Spending(
        points=(Allowance(40, Window.ACT), Allowance(50, Window.DAY), Allowance(60, Window.WEEK))
    )
    assert refusal(rules, buy(points=40)) is None
    assert refusal(rules, buy(points=41)) == ("spending_much_at_once", {"most": 40})
    assert refusal(rules, buy(points=10), 0, [Spent(SUNDAY, 40)]) is None
    assert refusal(rules, buy(points=11), 0, [Spent(SUNDAY, 40)]) == (
        "spending_much_today",
        {"most": 50, "left": 10, "again": "2026-11-23"},
    )
    monday = Spent(date(2026, 11, 16), 55)
    assert refusal(rules, buy(points=6), 0, [monday]) == (
        "spending_much",
        {
            "most": 60,
            "left": 5,
            "again": "2026-11-23",
            "since": "2026-11-16",
            "until": "2026-11-22",
        },
    )
    assert refusal(rules, buy(points=40), 0, [Spent(date(2026, 11, 15), 55)]) is None


def test_a_share_of_the_bill() -> None:
    half = Spending(bill_percent=50)
    assert spending.payable(half, 10_001) == 5000
    assert spending.payable(Spending(), 10_001) == 10_001
    assert refusal(half, buy()) is None
    assert refusal(half, buy(by_price=False)) == ("bill_needed", {"percent": 50})


def test_points_for_a_yuan() -> None:
    assert spending.rate(preset("dengjia").scheme.spending, own=10) == 1
    assert spending.rate(Spending(), own=10) == 10


def test_how_far_to_look_back() -> None:
    assert spending.looks_back(Spending(), SUNDAY) is None
    assert spending.looks_back(Spending(points=(Allowance(9, Window.ACT),)), SUNDAY) is None
    assert spending.looks_back(preset("hailin").scheme.spending, SUNDAY) == date(2026, 10, 1)
    both = Spending(times=(Allowance(1, Window.WEEK),), points=(Allowance(9, Window.YEAR),))
    assert spending.looks_back(both, SUNDAY) == date(2026, 1, 1)


WINDOWS = st.sampled_from([Window.DAY, Window.WEEK, Window.MONTH, Window.QUARTER, Window.YEAR])


@given(
    st.lists(st.builds(Allowance, st.integers(1, 4), WINDOWS), max_size=3),
    st.lists(st.builds(Allowance, st.integers(1, 60), WINDOWS), max_size=3),
    st.lists(
        st.builds(Spent, st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 30)),
        max_size=30,
    ),
)
def test_no_limit_is_ever_exceeded(
    times: list[Allowance], points: list[Allowance], wanted: list[Spent]
) -> None:
    rules = Spending(times=tuple(times), points=tuple(points))
    made: list[Spent] = []
    for one in sorted(wanted, key=lambda spent: spent.day):
        if refusal(rules, buy(day=one.day, points=one.points), 0, made) is None:
            made.append(one)
    for window in Window:
        if window in (Window.ACT, Window.EVENT):
            continue
        for day in {spent.day for spent in made}:
            since = first_day(window, day)
            inside = [s for s in made if first_day(window, s.day) == since]
            assert all(len(inside) <= a.most for a in times if a.window is window)
            assert all(
                sum(s.points for s in inside) <= a.most for a in points if a.window is window
            )
