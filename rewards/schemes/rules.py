"""Rules as data: what earns how much, when, rounded and capped how.

Nothing here knows a database, a clock or a request. A scheme is read from top to bottom: of the
``base`` rules of a source the first that matches a deed pays for it, every ``bonus`` that
matches adds to that, and every ``multiplier`` that matches changes what stands above it.
Numbers that a community may write with a fraction are ``Decimal``; points given are whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from rewards.ledger.expiry import Policy


@dataclass(frozen=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Term:
    """One word of a scheme's vocabulary: a class, a grade, a level or an identity tag."""

    key: str
    name: Words


class Source(StrEnum):
    """What a rule pays for. One deed may be paid for by several: an event and its hours."""

    EVENT = "event"
    HOURS = "hours"
    MONEY = "money"
    GOODS = "goods"
    SUGGESTION = "suggestion"
    PHOTO_REPORT = "photo_report"
    REFERRAL = "referral"
    VISIT = "visit"
    TEAM = "team"
    MANUAL = "manual"


class Provenance(StrEnum):
    """How it is known that somebody served: the door's scanner, a typed code, or memory."""

    SCANNED = "scanned"
    TYPED = "typed"
    BACK_FILLED = "back-filled"


class Days(StrEnum):
    """A kind of day by the scheme's calendar."""

    WORKDAY = "workday"
    DAY_OFF = "day_off"
    HOLIDAY = "holiday"


class Stretch(StrEnum):
    """What a streak counts: days, weeks or months."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Streak:
    """At least *length* stretches in a row, the deed's own included, each with points given."""

    length: int
    stretch: Stretch


@dataclass(frozen=True)
class When:
    """The condition of a rule; what is empty asks for nothing.

    Days, weekdays (ISO, 1 is Monday) and the time of day are those at which the deed began,
    in the programme's time zone. ``until`` is not included; ``since`` after ``until`` spans
    midnight. ``tags``: the resident has at least one of them. ``first_time``: no points of this
    source were given to the resident before; a streak, too, is one of this source.
    """

    classes: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    provenances: frozenset[Provenance] = frozenset()
    weekdays: frozenset[int] = frozenset()
    days: Days | None = None
    since: time | None = None
    until: time | None = None
    first_time: bool = False
    streak: Streak | None = None


class Per(StrEnum):
    """What an amount is for one of."""

    ACT = "act"
    HOUR = "hour"
    YUAN = "yuan"
    ITEM = "item"


class Rounding(StrEnum):
    """How a number between two whole ones becomes one of them; none adds more than a half."""

    DOWN = "down"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True)
class Step:
    """Quantities count in steps of *size* (half an hour, ten yuan), rounded so."""

    size: Decimal
    rounding: Rounding = Rounding.DOWN


@dataclass(frozen=True)
class Rate:
    """So many points an act, hour, yuan or item."""

    points: Decimal
    per: Per = Per.ACT
    step: Step | None = None


class Axis(StrEnum):
    """What the rows or columns of a table of points are."""

    CLASS = "class"
    GRADE = "grade"
    LEVEL = "level"


@dataclass(frozen=True)
class Table:
    """Points by two facts (class × grade), or by one: ``cells`` by (row, column) keys.

    ``columns`` is None for a table of one fact; its cells' column is the empty text. A deed
    without a cell isn't paid for by this rule: the rule doesn't match.
    """

    rows: Axis
    columns: Axis | None
    cells: Mapping[tuple[str, str], Decimal]
    per: Per = Per.ACT
    step: Step | None = None


@dataclass(frozen=True)
class Factor:
    """What a multiplier makes of the points of the source that stand above it."""

    times: Decimal


Amount = Rate | Table | Factor


class Role(StrEnum):
    """How a rule's points stand to those of the other rules of its source."""

    BASE = "base"
    BONUS = "bonus"
    MULTIPLIER = "multiplier"


class Window(StrEnum):
    """What a cap looks at. Weeks begin on Monday; days end at midnight of the programme."""

    ACT = "act"
    EVENT = "event"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Measure(StrEnum):
    """What a cap counts. Quantities are those of the rule: hours, yuan, items."""

    POINTS = "points"
    TIMES = "times"
    QUANTITY = "quantity"


class Whose(StrEnum):
    """For whom together a cap counts; a resident without a household is one of their own."""

    RESIDENT = "resident"
    HOUSEHOLD = "household"


class WhenOver(StrEnum):
    """What becomes of what goes over a cap: cut down to what fits, or nothing given at all."""

    TRIM = "trim"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Cap:
    """At most so many points, times or units in a window; a cap of times always refuses."""

    most: Decimal
    window: Window
    measure: Measure = Measure.POINTS
    whose: Whose = Whose.RESIDENT
    when_over: WhenOver = WhenOver.TRIM


@dataclass(frozen=True)
class Rule:
    """One rule. ``complaint`` is the factor after an upheld complaint, None if it changes
    nothing. ``expiry`` is that of the points it gives, None for the scheme's own."""

    key: str
    name: Words
    source: Source
    amount: Amount
    role: Role = Role.BASE
    when: When = When()
    rounding: Rounding = Rounding.HALF_UP
    caps: tuple[Cap, ...] = ()
    complaint: Decimal | None = None
    expiry: Policy | None = None


@dataclass(frozen=True)
class SharedCap:
    """A cap on several rules together; without rules, on all of them. Never on quantities."""

    key: str
    name: Words
    cap: Cap
    rules: frozenset[str] = frozenset()
