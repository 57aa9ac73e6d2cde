"""Conditions compared: whether one rule's deeds are all among another's, or some of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cached_property
from itertools import product
from typing import Any

from rewards.schemes.calendar import is_kind
from rewards.schemes.rules import Axis, Days, Rule, Table, When
from rewards.schemes.scheme import Calendar

# None stands for any value.
Allowed = frozenset[Any] | None
MINUTES = 24 * 60


@dataclass(frozen=True)
class Condition:
    """A rule's condition as sets: of class, grade and level, of the day, the minute, the past.

    ``cells`` are the pairs of a table on the two ``axes``; a table on one axis is among
    ``facts``, and so are the place and the provenance.
    """

    when: When
    facts: Mapping[str, Allowed]
    axes: tuple[Axis, ...]
    cells: frozenset[tuple[str, ...]]
    days: frozenset[tuple[int, Days]]
    minutes: frozenset[int]

    @classmethod
    def of(cls, rule: Rule, calendar: Calendar) -> "Condition":
        when = rule.when
        facts: dict[str, Allowed] = {
            Axis.CLASS: when.classes or None,
            Axis.GRADE: when.grades or None,
            Axis.LEVEL: when.levels or None,
            "place": when.places or None,
            "provenance": when.provenances or None,
        }
        axes, cells = _cells(rule)
        cells = frozenset(c for c in cells if _fits(axes, c, facts))
        for place, axis in enumerate(axes):
            facts[axis] = frozenset(cell[place] for cell in cells)
        paired = len(axes) > 1
        return cls(
            when,
            facts,
            axes if paired else (),
            cells if paired else frozenset(),
            _days(when, calendar),
            _minutes(when.since, when.until),
        )

    @cached_property
    def possible(self) -> bool:
        """Whether any deed at all can meet it."""
        return bool(
            self.days
            and self.minutes
            and all(allowed is None or allowed for allowed in self.facts.values())
            and not (self.when.first_time and self.when.streak)
        )

    def within(self, other: "Condition") -> bool:
        """Whether whatever meets this meets the other too."""
        return (
            all(_inside(self.facts[name], other.facts[name]) for name in self.facts)
            and self._cells_within(other)
            and self.days <= other.days
            and self.minutes <= other.minutes
            and self._past_within(other)
        )

    def meets(self, other: "Condition") -> bool:
        """Whether some deed meets both."""
        return bool(
            all(_common(self.facts[name], other.facts[name]) for name in self.facts)
            and self._cells_meet(other)
            and self.days & other.days
            and self.minutes & other.minutes
            and not (self.when.first_time and other.when.streak)
            and not (self.when.streak and other.when.first_time)
        )

    def _cells_within(self, other: "Condition") -> bool:
        if not other.axes:
            return True
        if self.axes == other.axes:
            return self.cells <= other.cells
        sides = [self.facts[axis] for axis in other.axes]
        return all(cell in other.cells for cell in product(*(side or () for side in sides)))

    def _cells_meet(self, other: "Condition") -> bool:
        both = [axis for axis in self.axes if axis in other.axes]
        sides = []
        for one, another in ((self, other), (other, self)):
            left = {c for c in one.cells if _fits(one.axes, c, another.facts)}
            if one.axes and not left:
                return False
            sides.append({tuple(c[one.axes.index(axis)] for axis in both) for c in left})
        return not both or bool(sides[0] & sides[1])

    def _past_within(self, other: "Condition") -> bool:
        mine, theirs = self.when, other.when
        longer = theirs.streak is None or (
            mine.streak is not None
            and mine.streak.stretch is theirs.streak.stretch
            and mine.streak.length >= theirs.streak.length
        )
        tagged = not theirs.tags or (bool(mine.tags) and mine.tags <= theirs.tags)
        return longer and tagged and (mine.first_time or not theirs.first_time)


def _cells(rule: Rule) -> tuple[tuple[Axis, ...], frozenset[tuple[str, ...]]]:
    """The axes of a rule's table, always in the same order, and the cells by them."""
    table = rule.amount
    if not isinstance(table, Table):
        return (), frozenset()
    if table.columns is None:
        return (table.rows,), frozenset((row,) for row, _ in table.cells)
    axes = (table.rows, table.columns)
    if axes == tuple(sorted(axes)):
        return axes, frozenset(table.cells)
    return axes[::-1], frozenset((column, row) for row, column in table.cells)


def _fits(axes: tuple[Axis, ...], cell: tuple[str, ...], facts: Mapping[str, Allowed]) -> bool:
    return all(_has(facts[axis], key) for axis, key in zip(axes, cell, strict=True))


def _has(allowed: Allowed, value: str) -> bool:
    return allowed is None or value in allowed


def _inside(mine: Allowed, theirs: Allowed) -> bool:
    return theirs is None or (mine is not None and mine <= theirs)


def _common(mine: Allowed, theirs: Allowed) -> bool:
    return mine is None or theirs is None or bool(mine & theirs)


def _days(when: When, calendar: Calendar) -> frozenset[tuple[int, Days]]:
    """The weekdays that it can be, each as a holiday, another day off, or a workday.

    What kinds a weekday comes in, the calendar says.
    """
    ordinary = {(n, Days.WORKDAY if n < 6 else Days.DAY_OFF) for n in range(1, 8)}
    named = {(d.isoweekday(), _kind(calendar, d)) for d in calendar.holidays | calendar.worked}
    return frozenset(
        (weekday, kind)
        for weekday, kind in ordinary | named
        if (not when.weekdays or weekday in when.weekdays)
        and (when.days in (None, kind) or (when.days is Days.DAY_OFF and kind is Days.HOLIDAY))
    )


def _kind(calendar: Calendar, day: Any) -> Days:
    return next(k for k in (Days.HOLIDAY, Days.WORKDAY, Days.DAY_OFF) if is_kind(calendar, day, k))


def _minutes(since: time | None, until: time | None) -> frozenset[int]:
    """The minutes of the day from *since* until before *until*, over midnight if that is first."""
    begin = since.hour * 60 + since.minute if since else 0
    end = until.hour * 60 + until.minute if until else MINUTES
    if begin > end:
        return frozenset({*range(begin, MINUTES), *range(end)})
    return frozenset(range(begin, end))
