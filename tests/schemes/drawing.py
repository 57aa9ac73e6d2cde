"""Hypothesis draws schemes and deeds: few residents and days, so that caps are reached."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from rewards.schemes.facts import Deed, Kind
from rewards.schemes.rules import (
    Axis,
    Cap,
    Days,
    Factor,
    Measure,
    Per,
    Provenance,
    Rate,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Step,
    Streak,
    Stretch,
    Table,
    When,
    WhenOver,
    Whose,
    Window,
    Words,
)
from rewards.schemes.scheme import Calendar, Scheme

NAME = Words("规则", "Rule")
CLASSES, GRADES = ("elders", "safety"), ("one", "two")
FROM = datetime(2026, 1, 30, 14, tzinfo=UTC)  # near the ends of a day and a month in Beijing


def sets(*values):
    return st.just(frozenset()) | st.frozensets(st.sampled_from(values))


def decimals(least: int, most: int):
    return st.integers(least * 4, most * 4).map(lambda quarters: Decimal(quarters) / 4)


steps = st.builds(Step, st.sampled_from([Decimal("0.5"), Decimal(1)]), st.sampled_from(Rounding))
conditions = st.builds(
    When,
    classes=sets(*CLASSES),
    grades=sets(*GRADES),
    provenances=sets(*Provenance),
    weekdays=sets(1, 6, 7),
    days=st.none() | st.sampled_from(Days),
    since=st.none() | st.just(time(22)),
    until=st.none() | st.just(time(6)),
    first_time=st.booleans(),
    streak=st.none() | st.builds(Streak, st.integers(1, 3), st.sampled_from(Stretch)),
)
factors = st.builds(Factor, decimals(0, 3))
measured = st.just((Per.ACT, None)) | st.tuples(st.just(Per.HOUR), st.none() | steps)
rates = st.builds(lambda points, per: Rate(points, *per), decimals(0, 9), measured)
tables = st.builds(
    lambda cells, per: Table(Axis.CLASS, Axis.GRADE, cells, *per),
    st.dictionaries(
        st.tuples(st.sampled_from(CLASSES), st.sampled_from(GRADES)), decimals(0, 9), min_size=1
    ),
    measured,
)


def caps(measures):
    return st.builds(
        Cap,
        st.integers(0, 12).map(Decimal),
        st.sampled_from(Window),
        st.sampled_from(measures),
        st.sampled_from(Whose),
        st.sampled_from(WhenOver),
    )


def rules(number: int):
    of_a_role = st.one_of(
        st.tuples(st.sampled_from([Role.BASE, Role.BONUS]), rates | tables),
        st.tuples(st.just(Role.MULTIPLIER), factors),
    )
    return st.builds(
        lambda how, **more: Rule(f"r{number}", NAME, role=how[0], amount=how[1], **more),
        of_a_role,
        source=st.sampled_from([Source.HOURS, Source.HOURS, Source.EVENT]),
        when=st.just(When()) | conditions,
        rounding=st.sampled_from(Rounding),
        caps=st.lists(caps(list(Measure)), max_size=2).map(tuple),
        complaint=st.none() | st.sampled_from([Decimal(0), Decimal("0.5")]),
    )


def shared(key: str):
    """A cap on rules that may not all be there."""
    return st.builds(
        lambda cap, rules: SharedCap(key, NAME, cap, rules),
        caps([Measure.POINTS, Measure.TIMES]),
        sets("r0", "r1", "r2"),
    )


some_rules = [st.tuples(*(rules(n) for n in range(count))) for count in (1, 2, 4)]
schemes = st.builds(
    lambda rules, caps: Scheme(
        NAME,
        rules,
        calendar=Calendar(frozenset({FROM.date() + timedelta(2)})),
        shared_caps=caps,
    ),
    st.one_of(some_rules),
    st.one_of(st.just(()), st.tuples(shared("x")), st.tuples(shared("x"), shared("y"))),
)
deeds = st.builds(
    Deed,
    st.just(Kind.SERVICE),
    st.integers(1, 3),
    st.integers(0, 24 * 12).map(lambda hours: FROM + timedelta(hours=hours)),
    st.sampled_from(["Asia/Shanghai", "America/New_York"]),
    minutes=st.integers(0, 600),
    household=st.sampled_from(["", "3-201"]),
    event_id=st.none() | st.integers(1, 3),
    class_=st.sampled_from(CLASSES),
    grade=st.none() | st.sampled_from(GRADES),
    provenance=st.sampled_from(Provenance),
    complaint=st.booleans(),
)
histories = st.lists(deeds, min_size=1, max_size=12)
