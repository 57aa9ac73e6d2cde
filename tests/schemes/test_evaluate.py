"""The order of things in evaluating: which rules pay, what caps see, what shared caps take."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from rewards.ledger.expiry import IDLE, NEVER, Idle, Months, Never, YearEnd
from rewards.schemes.evaluate import Engine, evaluate_all
from rewards.schemes.facts import Deed, Kind, Outcome
from rewards.schemes.rules import (
    Cap,
    Factor,
    Measure,
    Per,
    Rate,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Step,
    Streak,
    Stretch,
    When,
    WhenOver,
    Whose,
    Window,
    Words,
)
from rewards.schemes.scheme import Scheme, Wallet

NAME = Words("规则", "Rule")
NOON = datetime(2026, 3, 4, 4, tzinfo=UTC)  # a Wednesday, noon in Beijing
SERVED = Deed(Kind.SERVICE, 1, NOON, "Asia/Shanghai", minutes=60, event_id=1, class_="elders")


def rule(key: str, points: str, **more: object) -> Rule:
    fields = {"source": Source.HOURS, "amount": Rate(Decimal(points), Per.HOUR)} | more
    return Rule(key, NAME, **fields)  # type: ignore[arg-type]


def times(key: str, factor: str, **more: object) -> Rule:
    return rule(key, "0", amount=Factor(Decimal(factor)), role=Role.MULTIPLIER, **more)


def bonus(key: str, points: str, **more: object) -> Rule:
    return rule(key, "0", amount=Rate(Decimal(points)), role=Role.BONUS, **more)


def cap(most: str, window: Window = Window.DAY, **more: object) -> Cap:
    return Cap(Decimal(most), window, **more)  # type: ignore[arg-type]


def shared(most: str, *rules: str, window: Window = Window.DAY, **more: object) -> SharedCap:
    return SharedCap("together", NAME, cap(most, window, **more), frozenset(rules))


def scheme(*rules: Rule, caps: tuple[SharedCap, ...] = ()) -> Scheme:
    return Scheme(NAME, rules, shared_caps=caps)


def once(*rules: Rule, deed: Deed = SERVED, caps: tuple[SharedCap, ...] = ()) -> list[int]:
    [outcome] = evaluate_all(scheme(*rules, caps=caps), [deed])
    return given(outcome)


def given(outcome: Outcome) -> list[int]:
    return [line.points for line in outcome.lines]


def test_the_first_base_rule_that_matches_pays_with_every_bonus():
    elders = When(classes=frozenset({"elders"}))
    rules = [rule("a", "5", when=elders), rule("b", "9"), bonus("c", "2"), bonus("d", "1")]
    assert once(*rules) == [5, 2, 1]
    assert once(*rules, deed=replace(SERVED, class_="safety")) == [9, 2, 1]


def test_an_event_pays_for_taking_part_and_for_its_hours():
    part = rule("part", "0", source=Source.EVENT, amount=Rate(Decimal(3)))
    assert once(rule("hours", "1"), part, deed=replace(SERVED, minutes=120)) == [2, 3]


def test_a_service_of_no_minutes_is_none():
    part = rule("part", "0", source=Source.EVENT, amount=Rate(Decimal(3)))
    assert once(part, deed=replace(SERVED, minutes=0)) == []


def test_a_multiplier_changes_what_stands_above_it():
    assert once(rule("a", "5"), times("m", "1.5"), bonus("c", "2")) == [5, 3, 2]
    assert once(rule("a", "5"), bonus("c", "2"), times("m", "0.5")) == [5, 2, -3]
    assert once(times("m", "2"), rule("a", "5")) == [5]


def test_a_complaint_lessens_what_the_rules_give_that_say_so():
    complained = replace(SERVED, complaint=True)
    half = Decimal("0.5")
    assert once(rule("a", "5", complaint=half), bonus("c", "2"), deed=complained) == [3, 2]
    assert once(rule("a", "5"), times("m", "3", complaint=half), deed=complained) == [5, 5]


@pytest.mark.parametrize(
    ("how", "minutes", "points"),
    [
        (Rounding.DOWN, 59, 0),
        (Rounding.HALF_UP, 30, 1),
        (Rounding.HALF_UP, 29, 0),
        (Rounding.HALF_EVEN, 30, 0),
        (Rounding.HALF_EVEN, 90, 2),
    ],
)
def test_a_line_is_rounded_once(how, minutes, points):
    assert once(rule("a", "1", rounding=how), deed=replace(SERVED, minutes=minutes)) == [points]


def test_steps_come_before_caps():
    halves = Rate(Decimal(2), Per.HOUR, Step(Decimal("0.5"), Rounding.HALF_UP))
    of = rule("a", "0", amount=halves, caps=(cap("1", measure=Measure.QUANTITY),))
    assert once(of, deed=replace(SERVED, minutes=44)) == [1]
    assert once(of, deed=replace(SERVED, minutes=46)) == [2]
    assert once(of, deed=replace(SERVED, minutes=200)) == [2]


def test_the_first_written_of_two_equal_caps_is_the_one_that_bites():
    daily, weekly = cap("3"), cap("3", Window.WEEK)
    [outcome] = evaluate_all(scheme(rule("a", "5", caps=(daily, weekly))), [SERVED])
    assert [(cut.cap, cut.before, cut.left) for cut in outcome.lines[0].cuts] == [(daily, 5, 3)]


def test_a_refusing_cap_gives_nothing_of_what_does_not_fit_whole():
    most = cap("8", when_over=WhenOver.REFUSE)
    outcomes = evaluate_all(scheme(rule("a", "5", caps=(most,))), [SERVED, SERVED])
    assert [o.points for o in outcomes] == [5, 0]
    assert outcomes[1].entries == ()


def test_times_refuse_and_what_brought_nothing_was_no_time():
    once_a_day = cap("1", measure=Measure.TIMES)
    short = replace(SERVED, minutes=10)
    of = scheme(rule("a", "1", caps=(once_a_day,)))
    assert [o.points for o in evaluate_all(of, [short, SERVED, SERVED])] == [0, 1, 0]


def test_a_household_shares_its_cap_and_a_resident_without_one_has_their_own():
    of = scheme(rule("a", "5", caps=(cap("8", whose=Whose.HOUSEHOLD),)))
    who = [(1, "3-201"), (2, "3-201"), (3, ""), (4, "")]
    deeds = [replace(SERVED, resident_id=n, household=home) for n, home in who]
    assert [o.points for o in evaluate_all(of, deeds)] == [5, 3, 5, 5]


def test_an_event_cap_counts_an_event_and_without_one_the_act():
    of = scheme(rule("a", "5", caps=(cap("8", Window.EVENT),)))
    deeds = [replace(SERVED, event_id=n) for n in (1, 1, 2, None, None)]
    assert [o.points for o in evaluate_all(of, deeds)] == [5, 3, 5, 5, 5]


def test_a_shared_cap_takes_from_the_last_line_upwards():
    assert once(rule("a", "10"), bonus("c", "5"), caps=(shared("12"),)) == [10, 2]
    assert once(rule("a", "10"), bonus("c", "5"), caps=(shared("7"),)) == [7, 0]
    assert once(rule("a", "10"), bonus("c", "5"), caps=(shared("3", "c"),)) == [10, 3]


def test_a_shared_cap_sees_what_a_multiplier_leaves():
    halved = [rule("a", "16"), times("m", "0.5")]
    assert once(*halved, caps=(shared("10"),)) == [16, -8]
    assert once(*halved, caps=(shared("5"),)) == [13, -8]
    assert once(*halved, caps=(shared("5", when_over=WhenOver.REFUSE),)) == [0, 0]
    assert once(*halved, caps=(shared("4", "a"),)) == [4, -2]


def test_a_shared_cap_of_times_counts_an_act_once():
    of = scheme(rule("a", "5"), bonus("c", "1"), caps=(shared("2", measure=Measure.TIMES),))
    assert [o.points for o in evaluate_all(of, [SERVED] * 3)] == [6, 6, 0]


def test_the_first_time_is_the_first_that_brought_points():
    of = scheme(rule("a", "1"), bonus("c", "5", when=When(first_time=True)))
    short = replace(SERVED, minutes=10)
    other = replace(SERVED, resident_id=2)
    assert [o.points for o in evaluate_all(of, [SERVED, SERVED, other, short])] == [6, 1, 6, 0]


@pytest.mark.parametrize(
    ("stretch", "days", "points"),
    [
        (Stretch.DAY, [(3, 1), (3, 2), (3, 3), (3, 5), (3, 6), (3, 7)], [1, 1, 3, 1, 1, 3]),
        (Stretch.WEEK, [(3, 1), (3, 2), (3, 15), (3, 22), (3, 29)], [1, 1, 3, 3, 3]),
        (Stretch.MONTH, [(1, 31), (2, 1), (3, 31), (5, 1)], [1, 1, 3, 1]),
    ],
)
def test_a_streak_is_that_many_stretches_in_a_row(stretch, days, points):
    of = scheme(rule("a", "1"), bonus("c", "2", when=When(streak=Streak(3, stretch))))
    deeds = [replace(SERVED, began_at=datetime(2026, m, d, 4, tzinfo=UTC)) for m, d in days]
    assert [o.points for o in evaluate_all(of, deeds)] == points


def test_the_time_of_day_may_span_midnight():
    night = When(since=time(22), until=time(6))
    of = rule("a", "1", when=night)
    hours = {h: once(of, deed=replace(SERVED, began_at=NOON.replace(hour=h))) for h in range(24)}
    assert [h for h in hours if hours[h]] == [14, 15, 16, 17, 18, 19, 20, 21]  # 22:00–05:59


def test_entries_given_before_count_as_if_evaluated_now():
    of = scheme(rule("a", "5", caps=(cap("8", Window.MONTH),)))
    [before] = evaluate_all(of, [SERVED])
    [after] = evaluate_all(of, [SERVED], [before.entries])
    assert after.points == 3


def test_the_points_of_an_act_last_as_long_as_the_line_that_lasts_longest():
    def last(wallet: object, *policies: object) -> date:
        lines = [bonus(f"r{n}", "1", expiry=policy) for n, policy in enumerate(policies)]
        engine = Engine(replace(scheme(*lines), wallet=Wallet(wallet)))  # type: ignore[arg-type]
        return engine.last_day(engine.evaluate(SERVED, engine.tally()), date(2026, 3, 4))

    assert last(Never()) == NEVER
    assert last(Months(1, False), None) == date(2026, 4, 4)
    assert last(Months(1, False), Months(2, False), YearEnd(0)) == date(2026, 12, 31)
    assert last(Idle(6), None, Months(2, False)) == IDLE
    assert last(Idle(6), Months(2, False)) == date(2026, 5, 4)


def test_the_engine_says_how_far_back_it_looks():
    def looks(*rules: Rule) -> date | None:
        return Engine(scheme(*rules)).looks_back(date(2026, 3, 4))

    assert looks(rule("a", "1", caps=(cap("1", Window.ACT),))) is None
    assert looks(rule("a", "1", caps=(cap("1"), cap("9", Window.WEEK)))) == date(2026, 3, 2)
    assert looks(rule("a", "1", when=When(streak=Streak(3, Stretch.MONTH)))) == date(2026, 1, 1)
    assert looks(rule("a", "1", caps=(cap("1", Window.EVENT),))) is None
    assert looks(rule("a", "1", when=When(first_time=True))) is None


def test_the_engine_says_whether_events_and_first_times_matter():
    plain, by_event = rule("a", "1"), rule("a", "1", caps=(cap("1", Window.EVENT),))
    first = rule("a", "1", when=When(first_time=True))
    asked = [Engine(scheme(of)) for of in (plain, by_event, first)]
    assert [engine.by_event for engine in asked] == [False, True, False]
    assert [engine.asks_ever for engine in asked] == [False, False, True]
