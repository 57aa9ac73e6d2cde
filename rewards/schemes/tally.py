"""What was given before, counted as a scheme's caps, first times and streaks ask.

Evaluating looks at nothing else of the past: a tally is built from the entries of earlier
awards, and grows by those of each further one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rewards.schemes.calendar import first_day, number_of
from rewards.schemes.facts import Deed, Entry
from rewards.schemes.rules import Cap, Measure, Source, Stretch, Whose, Window

Holder = int | str  # a resident's id, or the name of a household
Bucket = date | int  # the first day of a window, or the id of an event


@dataclass(frozen=True, eq=False)
class Counter:
    """Counts for one cap: what the rules named gave, or all rules if none is named.

    ``most`` is the cap's number in points, times, or minutes, fen and items.
    """

    cap: Cap
    most: int
    rules: frozenset[str]

    def bucket(self, day: date, event_id: int | None) -> Bucket | None:
        """Where this counts what was done then and there; None if a cap sees that act alone."""
        if self.cap.window is Window.ACT:
            return None
        return event_id if self.cap.window is Window.EVENT else first_day(self.cap.window, day)

    def holder(self, of: Deed | Entry) -> Holder:
        """Whom this counts for: a resident without a household is one of their own."""
        if self.cap.whose is Whose.HOUSEHOLD and of.household:
            return of.household
        return of.resident_id


class Tally:
    """Sums by counter, holder and window; who was ever paid by a source, and when."""

    def __init__(self, counters: Sequence[Counter], stretches: frozenset[Stretch]) -> None:
        self._for_all = [c for c in counters if not c.rules]
        self._by_rule: defaultdict[str, list[Counter]] = defaultdict(list)
        for counter in counters:
            for rule in counter.rules:
                self._by_rule[rule].append(counter)
        self._stretches = stretches
        self._sums: defaultdict[tuple[Counter, Holder, Bucket], int] = defaultdict(int)
        self._paid: set[tuple[int, Source]] = set()
        self._seen: set[tuple[int, Source, Stretch, int]] = set()

    def add(self, entries: Iterable[Entry]) -> None:
        """Count what was given for one deed: all of its entries at once, as one time."""
        timed: set[Counter] = set()
        for entry in entries:
            if not entry.points:
                continue
            self._paid.add((entry.resident_id, entry.source))
            for stretch in self._stretches:
                number = number_of(stretch, entry.day)
                self._seen.add((entry.resident_id, entry.source, stretch, number))
            for counter in (*self._by_rule.get(entry.rule, ()), *self._for_all):
                bucket = counter.bucket(entry.day, entry.event_id)
                if bucket is not None and counter not in timed:
                    amount = _amount(counter, entry)
                    self._sums[counter, counter.holder(entry), bucket] += amount
                    if counter.cap.measure is Measure.TIMES:
                        timed.add(counter)

    def used(self, counter: Counter, deed: Deed, day: date) -> int:
        """What the cap's holder had of it before, in the window that the deed falls in."""
        bucket = counter.bucket(day, deed.event_id)
        if bucket is None:
            return 0
        return self._sums.get((counter, counter.holder(deed), bucket), 0)

    def paid(self, resident_id: int, source: Source) -> bool:
        """Whether the resident was ever given points of that source."""
        return (resident_id, source) in self._paid

    def unbroken(self, deed: Deed, source: Source, stretch: Stretch, day: date, most: int) -> int:
        """How many stretches in a row, counting up to *most*, end just before that of *day*."""
        number = number_of(stretch, day)
        for back in range(1, most + 1):
            if (deed.resident_id, source, stretch, number - back) not in self._seen:
                return back - 1
        return most


def _amount(counter: Counter, entry: Entry) -> int:
    match counter.cap.measure:
        case Measure.POINTS:
            return entry.points
        case Measure.QUANTITY:
            return entry.quantity
    return 1
