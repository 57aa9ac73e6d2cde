"""What is wrong with a scheme although its form is right: all that keeps it from taking effect."""

from collections.abc import Iterable, Iterator

from rewards.schemes import rulechecks
from rewards.schemes.conditions import Condition
from rewards.schemes.problems import Path, Problem
from rewards.schemes.rules import Axis, Role, Rule, SharedCap, Table, Term
from rewards.schemes.scheme import Allowance, Scheme

SATURDAY = 6
VOCABULARY = {
    "classes": Axis.CLASS,
    "grades": Axis.GRADE,
    "levels": Axis.LEVEL,
    "tags": None,
}


def problems(scheme: Scheme) -> list[Problem]:
    """All that is wrong, each at its place, in the order of the document."""
    return [
        *_keys(scheme),
        *_calendar(scheme),
        *(p for n, rule in enumerate(scheme.rules) for p in _rule(rule, n, scheme)),
        *_order(scheme),
        *_shared_caps(scheme),
        *_spending(scheme),
        *_stars(scheme),
    ]


def _keys(scheme: Scheme) -> Iterator[Problem]:
    """Keys that two things of one list have; shared caps and rules are one list."""
    for name in ("classes", "grades", "levels", "tags", "rules", "stars", "deductions"):
        keys = [item.key for item in getattr(scheme, name)]
        yield from _twice(((name, n, "key"), key) for n, key in enumerate(keys))
    rules = [(("rules", n, "key"), rule.key) for n, rule in enumerate(scheme.rules)]
    caps = [(("shared_caps", n, "key"), cap.key) for n, cap in enumerate(scheme.shared_caps)]
    yield from (p for p in _twice([*rules, *caps]) if p.path[0] == "shared_caps")


def _twice(keys: Iterable[tuple[Path, str]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, key in keys:
        if key in seen:
            yield Problem("key_used_twice", path, {"key": key})
        seen.add(key)


def _calendar(scheme: Scheme) -> Iterator[Problem]:
    holidays = scheme.calendar.holidays
    for day in sorted(scheme.calendar.worked):
        path: Path = ("calendar", "worked", day.isoformat())
        if day in holidays:
            yield Problem("holiday_and_worked", path, {"day": day.isoformat()})
        elif day.isoweekday() < SATURDAY:
            yield Problem("worked_anyway", path, {"day": day.isoformat()})


def _rule(rule: Rule, number: int, scheme: Scheme) -> Iterator[Problem]:
    at: Path = ("rules", number)
    yield from _terms(rule, at, scheme)
    yield from rulechecks.problems(rule, at)


def _terms(rule: Rule, at: Path, scheme: Scheme) -> Iterator[Problem]:
    """Classes, grades, levels and tags that the scheme doesn't list."""
    for name, axis in VOCABULARY.items():
        terms: tuple[Term, ...] = getattr(scheme, name)
        known = {term.key for term in terms}
        for key in sorted(getattr(rule.when, name) - known):
            yield _unknown((*at, "when", name, key), key, name)
        if axis is not None and isinstance(rule.amount, Table):
            cells = (*at, "amount", "table", "cells")
            rows = {row for row, _ in rule.amount.cells if rule.amount.rows is axis}
            for row in sorted(rows - known):
                yield _unknown((*cells, row), row, name)
            for row, column in rule.amount.cells:
                if rule.amount.columns is axis and column not in known:
                    yield _unknown((*cells, row, column), column, name)


def _unknown(path: Path, key: str, vocabulary: str) -> Problem:
    return Problem("unknown_term", path, {"key": key, "vocabulary": vocabulary})


def _order(scheme: Scheme) -> Iterator[Problem]:
    """Rules that never come to pay, or that leave open which of two does."""
    conditions = [Condition.of(rule, scheme.calendar) for rule in scheme.rules]
    for n, (rule, mine) in enumerate(zip(scheme.rules, conditions, strict=True)):
        if not mine.possible:
            yield Problem("never_met", ("rules", n, "when"), {"rule": rule.name})
            continue
        above = [
            (earlier, theirs)
            for earlier, theirs in zip(scheme.rules[:n], conditions[:n], strict=True)
            if earlier.source is rule.source and theirs.possible
        ]
        if rule.role is Role.BASE:
            yield from _contended(rule, n, mine, above)
        elif rule.role is Role.MULTIPLIER and not any(mine.meets(c) for _, c in above):
            yield Problem("nothing_above", ("rules", n), {"rule": rule.name})


def _contended(
    rule: Rule, number: int, mine: Condition, above: list[tuple[Rule, Condition]]
) -> Iterator[Problem]:
    """A base rule against those above it: the first that stands in its way is named."""
    for earlier, theirs in above:
        if earlier.role is not Role.BASE:
            continue
        facts = {"rule": rule.name, "other": earlier.name}
        if mine.within(theirs):
            yield Problem("unreachable_rule", ("rules", number), facts)
            return
        if mine.meets(theirs) and not theirs.within(mine):
            yield Problem("overlapping_rules", ("rules", number), facts)
            return


def _shared_caps(scheme: Scheme) -> Iterator[Problem]:
    known = {rule.key for rule in scheme.rules}
    for n, shared in enumerate(scheme.shared_caps):
        at: Path = ("shared_caps", n)
        for key in sorted(shared.rules - known):
            yield Problem("unknown_rule", (*at, "rules", key), {"key": key})
        for rule in _covered(shared, scheme):
            found = next(rulechecks.cap(rule, shared.cap, (*at, "cap")), None)
            if found is not None:
                yield found
                break


def _covered(shared: SharedCap, scheme: Scheme) -> list[Rule]:
    return [r for r in scheme.rules if not shared.rules or r.key in shared.rules]


def _spending(scheme: Scheme) -> Iterator[Problem]:
    for name in ("times", "points"):
        allowances: tuple[Allowance, ...] = getattr(scheme.spending, name)
        windows = [allowance.window for allowance in allowances]
        for n, window in enumerate(windows):
            if window in windows[:n]:
                path: Path = ("spending", name, n, "window")
                yield Problem("window_twice", path, {"window": window.value})


def _stars(scheme: Scheme) -> Iterator[Problem]:
    for n, (lower, higher) in enumerate(zip(scheme.stars, scheme.stars[1:], strict=False)):
        if higher.hours <= lower.hours:
            facts = {"hours": higher.hours, "before": lower.hours}
            yield Problem("stars_not_rising", ("stars", n + 1, "hours"), facts)
