"""What is wrong with one rule in itself: its amount, its caps, its condition."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from rewards.schemes.problems import Path, Problem
from rewards.schemes.reckoning import UNITS, rounded
from rewards.schemes.rules import (
    Cap,
    Factor,
    Measure,
    Per,
    Rate,
    Role,
    Rule,
    Source,
    Step,
    Table,
    Window,
)

# What each source's deeds are counted in besides acts.
UNITS_OF: dict[Source, frozenset[Per]] = {
    Source.EVENT: frozenset(),
    Source.HOURS: frozenset({Per.HOUR}),
    Source.MONEY: frozenset({Per.YUAN}),
    Source.GOODS: frozenset({Per.YUAN, Per.ITEM}),
    Source.SUGGESTION: frozenset(),
    Source.PHOTO_REPORT: frozenset(),
    Source.REFERRAL: frozenset({Per.ITEM}),
    Source.VISIT: frozenset({Per.HOUR, Per.ITEM}),
    Source.TEAM: frozenset({Per.HOUR, Per.ITEM}),
    Source.MANUAL: frozenset({Per.HOUR, Per.YUAN, Per.ITEM}),
}
AT_EVENTS = frozenset({Source.EVENT, Source.HOURS, Source.VISIT, Source.TEAM})


def problems(rule: Rule, at: Path) -> Iterator[Problem]:
    """All that is wrong with the rule, which stands at *at*."""
    yield from _condition(rule, (*at, "when"))
    yield from _amount(rule, (*at, "amount"))
    for n, one in enumerate(rule.caps):
        yield from cap(rule, one, (*at, "caps", n))


def cap(rule: Rule, cap: Cap, at: Path) -> Iterator[Problem]:
    """What is wrong with a cap on the rule, alone or with others."""
    if cap.window is Window.EVENT and rule.source not in AT_EVENTS:
        yield Problem("no_event", (*at, "window"), {"source": rule.source.value})
    if cap.measure is Measure.QUANTITY and isinstance(rule.amount, Factor):
        yield Problem("no_quantity", (*at, "measure"))
    elif not _is_whole(cap.most * _unit(rule, cap)):
        facts = {"most": str(cap.most), "measure": cap.measure.value}
        yield Problem("cap_not_whole", (*at, "most"), facts)
    elif cap.most < (one := _one_act(rule, cap.measure)):
        named = {"most": str(cap.most), "one": str(one), "rule": rule.name}
        yield Problem("cap_below_one_act", (*at, "most"), named)


def _condition(rule: Rule, at: Path) -> Iterator[Problem]:
    when = rule.when
    if when.since is not None and when.since == when.until:
        yield Problem("empty_time", (*at, "until"), {"time": f"{when.since:%H:%M}"})
    if when.first_time and when.streak is not None:
        yield Problem("first_in_a_row", (*at, "first_time"))
    if when.provenances and rule.source not in AT_EVENTS:
        yield Problem("no_provenance", (*at, "provenances"), {"source": rule.source.value})


def _amount(rule: Rule, at: Path) -> Iterator[Problem]:
    amount = rule.amount
    if isinstance(amount, Factor):
        if rule.role is not Role.MULTIPLIER:
            yield Problem("times_multiply", at)
        return
    if rule.role is Role.MULTIPLIER:
        yield Problem("multiplier_has_times", at)
    if amount.per is not Per.ACT and amount.per not in UNITS_OF[rule.source]:
        facts = {"per": amount.per.value, "source": rule.source.value}
        yield Problem("unit_doesnt_fit", (*at, "per"), facts)
    if isinstance(amount, Table) and amount.rows is amount.columns:
        yield Problem("same_axis", (*at, "table", "columns"))
    if amount.step is not None and not _is_whole(amount.step.size * UNITS[amount.per]):
        facts = {"size": str(amount.step.size), "per": amount.per.value}
        yield Problem("step_not_whole", (*at, "step", "size"), facts)


def _unit(rule: Rule, cap: Cap) -> int:
    """How many minutes, fen or items one of what the cap counts is."""
    if cap.measure is not Measure.QUANTITY or isinstance(rule.amount, Factor):
        return 1
    return UNITS[rule.amount.per]


def _one_act(rule: Rule, measure: Measure) -> Decimal | int:
    """The least that a cap has to leave room for: one act, or one step of what is counted.

    Of a table, its largest cell. What a multiplier gives depends on others.
    """
    if isinstance(rule.amount, Factor) or measure is Measure.TIMES:
        return 0 if measure is Measure.POINTS else 1
    step = _step(rule.amount.step)
    return step if measure is Measure.QUANTITY else _points(rule, rule.amount, step)


def _points(rule: Rule, amount: Rate | Table, step: Decimal) -> int:
    each = amount.points if isinstance(amount, Rate) else max(amount.cells.values())
    return rounded(Fraction(each) * Fraction(step), rule.rounding)


def _step(step: Step | None) -> Decimal:
    return Decimal(1) if step is None else step.size


def _is_whole(number: Decimal) -> bool:
    return number == int(number)
