"""The arithmetic of one line: quantity, steps, caps, exact points, rounding, caps again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from rewards.schemes.facts import Cut, Deed, Line
from rewards.schemes.matching import Asked, Test, key_on, tests
from rewards.schemes.rules import (
    Cap,
    Factor,
    Measure,
    Per,
    Rate,
    Role,
    Rounding,
    Rule,
    Step,
    Table,
    WhenOver,
)
from rewards.schemes.scheme import Calendar
from rewards.schemes.tally import Counter

# What quantities are counted in: minutes of an hour, fen of a yuan.
UNITS = {Per.ACT: 1, Per.HOUR: 60, Per.YUAN: 100, Per.ITEM: 1}


@dataclass(slots=True)
class Draft:
    """A line in the making; ``ratio`` is the exact worth of each minute, fen or item."""

    rule: Rule
    quantity: int
    counted: int
    each: Decimal
    ratio: Fraction
    complaint: Decimal | None
    exact: Fraction = Fraction(0)
    points: int = 0
    cuts: list[Cut] = field(default_factory=list)

    def reckon(self, above: int) -> None:
        """Let a multiplier change the points above it."""
        self.quantity = self.counted = above
        self.exact = self.ratio * above
        self.points = rounded(self.exact, self.rule.rounding) - above

    def line(self) -> Line:
        return Line(
            self.rule,
            self.quantity,
            self.counted,
            self.each,
            self.exact,
            self.points,
            self.complaint,
            tuple(self.cuts),
        )


class Ready:
    """A rule made ready to be used many times."""

    def __init__(self, rule: Rule, calendar: Calendar) -> None:
        self.rule = rule
        self.tests: Sequence[Test] = tests(rule, calendar)
        amount = rule.amount
        per = Per.ACT if isinstance(amount, Factor) else amount.per
        self.per, self.unit = per, UNITS[per]
        self.step = None if isinstance(amount, Factor) else amount.step
        self.each = {key: (points, Fraction(points) / self.unit) for key, points in _cells(rule)}
        self.caps = [Counter(c, self.most(c), frozenset({rule.key})) for c in rule.caps]
        self._on = {
            measure: [counter for counter in self.caps if counter.cap.measure is measure]
            for measure in Measure
        }
        if rule.role is Role.MULTIPLIER:  # which has no quantity to cap
            self._on[Measure.QUANTITY] = []

    def most(self, cap: Cap) -> int:
        """A cap's number in points, times, or minutes, fen and items."""
        return int(cap.most * self.unit) if cap.measure is Measure.QUANTITY else int(cap.most)

    def matches(self, asked: Asked) -> bool:
        """Whether the rule is about the deed; a table without a cell for it isn't."""
        return self._key(asked.deed) in self.each and all(test(asked) for test in self.tests)

    def pays(self, asked: Asked) -> Draft:
        """What a base rule or a bonus that matches gives for the deed."""
        quantity = quantity_of(asked.deed, self.per)
        each, ratio = self.each[self._key(asked.deed)]
        counted = stepped(quantity, self.step, self.unit)
        draft = Draft(self.rule, quantity, counted, each, ratio, self._complaint(asked.deed))
        if self._lets_through(draft, asked):
            draft.exact = ratio * draft.counted
            if draft.complaint is not None:
                draft.exact *= Fraction(draft.complaint)
            draft.points = rounded(draft.exact, self.rule.rounding)
            self._cap_points(draft, asked)
        return draft

    def multiplies(self, asked: Asked, above: int) -> Draft:
        """What a multiplier adds to the points above it, or takes from them.

        After an upheld complaint its own part is lessened, not what stands above it.
        """
        each, ratio = self.each[self._key(asked.deed)]
        complaint = self._complaint(asked.deed)
        if complaint is not None:
            ratio = 1 + (ratio - 1) * Fraction(complaint)
        draft = Draft(self.rule, above, above, each, ratio, complaint)
        if self._lets_through(draft, asked):
            draft.reckon(above)
            self._cap_points(draft, asked)
        return draft

    def _key(self, deed: Deed) -> tuple[str | None, str | None]:
        amount = self.rule.amount
        if isinstance(amount, Table):
            return key_on(amount.rows, deed), key_on(amount.columns, deed)
        return "", ""

    def _complaint(self, deed: Deed) -> Decimal | None:
        return self.rule.complaint if deed.complaint else None

    def _lets_through(self, draft: Draft, asked: Asked) -> bool:
        """Cap what is counted, then the times; False if nothing is to be given at all."""
        for counter in self._on[Measure.QUANTITY]:
            room = max(0, counter.most - asked.tally.used(counter, asked.deed, asked.day))
            if draft.counted > room:
                left = room if counter.cap.when_over is WhenOver.TRIM else 0
                draft.cuts.append(Cut(counter.cap, draft.counted, left))
                draft.counted = left
        for counter in self._on[Measure.TIMES]:
            if asked.tally.used(counter, asked.deed, asked.day) >= counter.most:
                draft.cuts.append(Cut(counter.cap, 1, 0))
                draft.counted = 0
                break
        return draft.counted > 0

    def _cap_points(self, draft: Draft, asked: Asked) -> None:
        for counter in self._on[Measure.POINTS]:
            room = max(0, counter.most - asked.tally.used(counter, asked.deed, asked.day))
            if draft.points > room:
                left = room if counter.cap.when_over is WhenOver.TRIM else 0
                draft.cuts.append(Cut(counter.cap, draft.points, left))
                draft.points = left


def quantity_of(deed: Deed, per: Per) -> int:
    """How much of it was done: in minutes, fen or items, or 1 for an act."""
    match per:
        case Per.HOUR:
            return deed.minutes
        case Per.YUAN:
            return deed.fen
        case Per.ITEM:
            return deed.items
    return 1


def stepped(quantity: int, step: Step | None, unit: int) -> int:
    """The quantity in whole steps."""
    if step is None:
        return quantity
    size = int(step.size * unit)
    return rounded(Fraction(quantity, size), step.rounding) * size


def rounded(exact: Fraction, how: Rounding) -> int:
    """A number that isn't negative as a whole one: never more than a half above it."""
    match how:
        case Rounding.HALF_UP:
            return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
        case Rounding.HALF_EVEN:
            return round(exact)
    return exact.numerator // exact.denominator


def _cells(rule: Rule) -> list[tuple[tuple[str | None, str | None], Decimal]]:
    """The amount by a deed's keys on the axes; one that is the same for all stands at ("", "")."""
    match rule.amount:
        case Rate(points):
            return [(("", ""), points)]
        case Factor(times):
            return [(("", ""), times)]
        case Table(cells=cells):
            return list(cells.items())
