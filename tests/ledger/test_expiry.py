"""Policies of expiry: each last day below was counted by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.ledger import IDLE, NEVER, expiry
from rewards.ledger.expiry import BadPolicy, Idle, Months, Never, YearEnd, last_day

LAST_DAYS = [
    (Never(), "2026-11-20", NEVER),
    (Idle(6), "2026-11-20", IDLE),
    (Months(1, False), "2026-01-15", "2026-02-15"),
    (Months(1, False), "2026-01-31", "2026-02-28"),
    (Months(1, False), "2028-01-31", "2028-02-29"),
    (Months(1, False), "2026-03-31", "2026-04-30"),
    (Months(1, False), "2026-12-31", "2027-01-31"),
    (Months(2, False), "2026-12-31", "2027-02-28"),
    (Months(12, False), "2028-02-29", "2029-02-28"),
    (Months(48, False), "2028-02-29", "2032-02-29"),
    (Months(11, False), "2026-01-01", "2026-12-01"),
    (Months(1, True), "2026-01-01", "2026-02-28"),
    (Months(1, True), "2026-01-31", "2026-02-28"),
    (Months(1, True), "2028-01-31", "2028-02-29"),
    (Months(12, True), "2026-11-20", "2027-11-30"),
    (Months(12, True), "2028-02-29", "2029-02-28"),
    (Months(12, True), "2027-02-28", "2028-02-29"),
    (Months(13, True), "2026-12-31", "2028-01-31"),
    (YearEnd(0), "2026-01-01", "2026-12-31"),
    (YearEnd(0), "2026-12-31", "2026-12-31"),
    (YearEnd(1), "2026-01-01", "2027-12-31"),
    (YearEnd(2), "2028-02-29", "2030-12-31"),
]


@pytest.mark.parametrize(("policy", "earned", "last"), LAST_DAYS)
def test_the_last_day(policy: expiry.Policy, earned: str, last: str | date) -> None:
    expected = date.fromisoformat(last) if isinstance(last, str) else last
    assert last_day(policy, date.fromisoformat(earned)) == expected


@given(st.integers(1, 1200), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_months_end_where_the_calendar_says(months: int, earned: date) -> None:
    to_the_day, rounded = (last_day(Months(months, r), earned) for r in (False, True))
    assert (rounded + timedelta(days=1)).day == 1
    assert to_the_day <= rounded < to_the_day + timedelta(days=31)
    passed = (to_the_day.year - earned.year) * 12 + to_the_day.month - earned.month
    assert passed == months and to_the_day.day <= earned.day


@pytest.mark.parametrize(
    "policy",
    [Never(), Months(1, False), Months(1200, True), YearEnd(0), YearEnd(100), Idle(24)],
)
def test_what_is_written_is_read_back(policy: expiry.Policy) -> None:
    assert expiry.parse(expiry.serialize(policy)) == policy


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "never",
        [],
        {},
        {"kind": "weekly"},
        {"kind": ["never"]},
        {"kind": "never", "months": 12},
        {"kind": "months", "months": 12},
        {"kind": "months", "months": 0, "to_month_end": True},
        {"kind": "months", "months": 1201, "to_month_end": True},
        {"kind": "months", "months": True, "to_month_end": True},
        {"kind": "months", "months": "12", "to_month_end": True},
        {"kind": "months", "months": 12, "to_month_end": 1},
        {"kind": "year_end", "years": -1},
        {"kind": "year_end", "years": 101},
        {"kind": "year_end", "years": 1.0},
        {"kind": "idle", "months": 0},
        {"kind": "idle", "months": 6, "years": 1},
    ],
)
def test_what_is_no_policy_is_refused_by_name(malformed: object) -> None:
    with pytest.raises(BadPolicy):
        expiry.parse(malformed)


TODAY = date(2026, 11, 20)


def test_idle_points_are_put_off_by_a_move_and_never_revived() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert expiry.kept_alive(6, TODAY, TODAY) == date(2027, 5, 20), "the last day still counts"
    assert expiry.kept_alive(6, yesterday, TODAY) is None, "lapsed"
    assert expiry.kept_alive(6, date(2027, 6, 1), TODAY) is None, "never moved back"
    assert expiry.kept_alive(6, date(2027, 5, 20), TODAY) is None, "nothing to move"
    assert expiry.kept_alive(None, None, TODAY) is None, "no such points"


def test_a_lot_can_be_spent_through_its_last_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert expiry.usable(TODAY, None, TODAY) and not expiry.usable(yesterday, None, TODAY)
    assert expiry.usable(IDLE, TODAY, TODAY) and not expiry.usable(IDLE, yesterday, TODAY)
    assert not expiry.usable(IDLE, None, TODAY)
    assert expiry.usable(NEVER, yesterday, TODAY)
