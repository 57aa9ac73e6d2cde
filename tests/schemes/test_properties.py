"""What holds for every scheme and every history of deeds."""

from collections import defaultdict
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.schemes.evaluate import Engine, evaluate_all
from rewards.schemes.facts import Deed, Outcome
from rewards.schemes.rules import Factor, Measure, Per, Role, Source, Whose, Window
from rewards.schemes.scheme import Scheme
from tests.schemes.drawing import deeds, histories, rules, schemes

# A busy machine isn't a failure.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
UNITS = {Per.ACT: 1, Per.HOUR: 60}


def window_of(window: Window, deed: Deed, number: int) -> object:
    """The window a deed falls in, found in another way than the engine's."""
    day = deed.began_at.astimezone(ZoneInfo(deed.timezone)).date()
    return {
        Window.ACT: number,
        Window.EVENT: f"event {deed.event_id}" if deed.event_id else number,
        Window.DAY: day,
        Window.WEEK: tuple(day.isocalendar())[:2],
        Window.MONTH: (day.year, day.month),
        Window.QUARTER: (day.year, (day.month + 2) // 3),
        Window.YEAR: day.year,
    }[window]


def had(cap, keys, history: list[Deed], outcomes: list[Outcome]) -> dict[object, int]:
    """What the rules of those keys gave, for each window and holder of the cap, as it measures."""
    sums: dict[object, int] = defaultdict(int)
    for number, (deed, outcome) in enumerate(zip(history, outcomes, strict=True)):
        home = deed.household if cap.whose is Whose.HOUSEHOLD else ""
        slot = (home or deed.resident_id, window_of(cap.window, deed, number))
        lines = [line for line in outcome.lines if line.rule.key in keys]
        match cap.measure:
            case Measure.POINTS:
                sums[slot] += sum(line.points for line in lines)
            case Measure.TIMES:
                sums[slot] += any(line.points for line in lines)
            case Measure.QUANTITY:
                sums[slot] += sum(line.counted for line in lines if line.points)
    return sums


@given(schemes, histories, st.randoms(use_true_random=False))
def test_caps_are_never_exceeded_whatever_the_order(scheme: Scheme, history, random):
    random.shuffle(history)
    outcomes = evaluate_all(scheme, history)
    for rule in scheme.rules:
        for cap in rule.caps:
            if isinstance(rule.amount, Factor) and cap.measure is Measure.QUANTITY:
                continue
            unit = 1
            if cap.measure is Measure.QUANTITY:
                unit = UNITS[rule.amount.per]
            sums = had(cap, {rule.key}, history, outcomes)
            assert max(sums.values()) <= max(cap.most * unit, 0)
    for shared in scheme.shared_caps:
        keys = shared.rules or {rule.key for rule in scheme.rules}
        assert max(had(shared.cap, keys, history, outcomes).values()) <= shared.cap.most


@given(schemes, histories)
def test_a_batch_is_worth_what_its_deeds_are_worth_one_by_one(scheme: Scheme, history):
    given_before, one_by_one = [], []
    for deed in history:
        engine = Engine(scheme)
        outcome = engine.evaluate(deed, engine.tally(given_before))
        given_before.append(outcome.entries)
        one_by_one.append(outcome)
    assert evaluate_all(scheme, history) == one_by_one


@given(schemes, histories)
def test_rounding_never_makes_more_than_half_a_point(scheme: Scheme, history):
    for outcome in evaluate_all(scheme, history):
        for line in outcome.lines:
            above = line.counted if line.rule.role is Role.MULTIPLIER else 0
            assert line.points + above - line.exact <= Fraction(1, 2)


@given(schemes, histories, rules(99), st.sampled_from(["class", "source"]), st.integers(0, 6))
def test_a_rule_that_cannot_match_changes_nothing(scheme: Scheme, history, rule, how, place):
    if how == "class":
        rule = replace(rule, when=replace(rule.when, classes=frozenset({"nobody"})))
    else:
        rule = replace(rule, source=Source.VISIT)
    more = (*scheme.rules[:place], rule, *scheme.rules[place:])
    assert evaluate_all(replace(scheme, rules=more), history) == evaluate_all(scheme, history)


@given(schemes, histories, deeds)
def test_evaluating_again_comes_to_the_same_and_leaves_the_tally(scheme: Scheme, history, deed):
    engine = Engine(scheme)
    tally = engine.tally(outcome.entries for outcome in evaluate_all(scheme, history))
    before = deepcopy((tally._paid, tally._seen, list(tally._sums.values())))
    assert engine.evaluate(deed, tally) == engine.evaluate(deed, tally)
    assert before == (tally._paid, tally._seen, list(tally._sums.values()))


@given(schemes, histories)
def test_no_deed_is_worth_less_than_nothing(scheme: Scheme, history):
    assert min(outcome.points for outcome in evaluate_all(scheme, history)) >= 0


@given(schemes, deeds)
def test_without_caps_and_history_order_of_deeds_is_all_the_same(scheme: Scheme, deed):
    free = replace(
        scheme,
        shared_caps=(),
        rules=tuple(
            replace(r, caps=(), when=replace(r.when, first_time=False, streak=None))
            for r in scheme.rules
        ),
    )
    assert len({o.points for o in evaluate_all(free, [deed, deed, deed])}) == 1
