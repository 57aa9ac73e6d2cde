"""What a draft would have given beside what was given: sums by resident, kind, rule and time.

Pure: acts and their outcomes are added one by one; the result is JSON that a page can draw.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush, heappushpop
from typing import Any
from zoneinfo import ZoneInfo

from rewards.previews.past import Done
from rewards.schemes import because
from rewards.schemes.calendar import first_day
from rewards.schemes.facts import Kind, Outcome
from rewards.schemes.rules import Window
from rewards.schemes.scheme import Scheme

OUTLIERS = 10
# More weeks than this are drawn as months.
MOST_WEEKS = 16


@dataclass
class Sum:
    """Acts, and the points that they were and would have been given."""

    acts: int = 0
    was: int = 0
    would: int = 0

    def add(self, was: int, would: int) -> None:
        self.acts += 1
        self.was += was
        self.would += would

    @property
    def change(self) -> int:
        return self.would - self.was


@dataclass
class ByRule:
    """What a rule of the draft gave, and how often a cap took something from it."""

    acts: int = 0
    points: int = 0
    cut: int = 0


@dataclass(order=True, frozen=True)
class Outlier:
    """An act with a large change; of equal ones the earlier is the larger."""

    size: int
    before: int
    done: Done = field(compare=False)
    outcome: Outcome = field(compare=False)


class Comparison:
    """Adds up a period of the days from *first* to *last*."""

    def __init__(self, scheme: Scheme, first: date, last: date) -> None:
        self._scheme = scheme
        weeks = (last - first).days // 7 < MOST_WEEKS
        self._window = Window.WEEK if weeks else Window.MONTH
        self._first, self._last = first, last
        self.residents: defaultdict[int, Sum] = defaultdict(Sum)
        self._kinds: defaultdict[Kind, Sum] = defaultdict(Sum)
        self._spans: defaultdict[date, Sum] = defaultdict(Sum)
        self._rules: defaultdict[str, ByRule] = defaultdict(ByRule)
        self._outliers: list[Outlier] = []
        self._changed = 0

    def add(self, done: Done, outcome: Outcome) -> None:
        """Count one act and what the draft gives for it."""
        deed, would = done.deed, outcome.points
        day = deed.began_at.astimezone(ZoneInfo(deed.timezone)).date()
        self.residents[deed.resident_id].add(done.was, would)
        self._kinds[deed.kind].add(done.was, would)
        self._spans[first_day(self._window, day)].add(done.was, would)
        for line in outcome.lines:
            rule = self._rules[line.rule.key]
            rule.acts += 1
            rule.points += line.points
            rule.cut += bool(line.cuts)
        if would != done.was:
            self._note(done, outcome)

    def result(self, over: Mapping[int, int]) -> dict[str, Any]:
        """All of it as JSON; *over* are the points that cards have no room for, by resident."""
        changes = [of.change for of in self.residents.values()]
        return {
            "acts": sum(of.acts for of in self._kinds.values()),
            "changed": self._changed,
            "was": sum(of.was for of in self._kinds.values()),
            "would": sum(of.would for of in self._kinds.values()),
            "more": sum(change > 0 for change in changes),
            "less": sum(change < 0 for change in changes),
            "same": sum(change == 0 for change in changes),
            "limit": self._scheme.wallet.limit,
            "full": len(over),
            "over": sum(over.values()),
            "kinds": {kind.value: vars(of) for kind, of in self._kinds.items()},
            "rules": list(self._by_rule()),
            "window": self._window.value,
            "spans": list(self._by_span()),
            "outliers": [_told(outlier) for outlier in sorted(self._outliers, reverse=True)],
        }

    def _note(self, done: Done, outcome: Outcome) -> None:
        """Keep the act if its change is among the largest."""
        self._changed += 1
        outlier = Outlier(abs(outcome.points - done.was), -self._changed, done, outcome)
        keep = heappush if len(self._outliers) < OUTLIERS else heappushpop
        keep(self._outliers, outlier)

    def _by_rule(self) -> Iterator[dict[str, Any]]:
        """The draft's rules in their order, those too that gave nothing."""
        for rule in self._scheme.rules:
            name = {"zh": rule.name.zh, "en": rule.name.en}
            yield {"rule": rule.key, "name": name, **vars(self._rules[rule.key])}

    def _by_span(self) -> Iterator[dict[str, Any]]:
        """Each week or month of the period, those too in which nothing was done."""
        day = self._first
        while day <= self._last:
            start = first_day(self._window, day)
            yield {"first": start.isoformat(), **vars(self._spans[start])}
            day = _next(self._window, start)


def _next(window: Window, start: date) -> date:
    """The first day of the window after that of *start*."""
    days = 7 if window is Window.WEEK else 31
    return first_day(window, date.fromordinal(start.toordinal() + days))


def _told(outlier: Outlier) -> dict[str, Any]:
    done, deed = outlier.done, outlier.done.deed
    return {
        "resident_id": deed.resident_id,
        "at": deed.began_at.isoformat(),
        "kind": deed.kind.value,
        "was": done.was,
        "would": outlier.outcome.points,
        "because": because.record(outlier.outcome),
    }
