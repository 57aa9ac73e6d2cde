"""What evaluating is about: the facts of a deed going in, the lines it is worth coming out."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from rewards.schemes.rules import Cap, Provenance, Rule, SharedCap, Source


class Kind(StrEnum):
    """What somebody did."""

    SERVICE = "service"
    MONEY = "money"
    GOODS = "goods"
    SUGGESTION = "suggestion"
    PHOTO_REPORT = "photo_report"
    REFERRAL = "referral"
    VISIT = "visit"
    TEAM = "team"
    MANUAL = "manual"


# Service at an event is paid for as taking part and by the hour; everything else as itself.
SOURCES: dict[Kind, tuple[Source, ...]] = {
    kind: (Source.EVENT, Source.HOURS) if kind is Kind.SERVICE else (Source(kind.value),)
    for kind in Kind
}


@dataclass(frozen=True)
class Deed:
    """What somebody did, as far as any rule may ask; ``began_at`` is aware.

    ``minutes``, ``fen`` and ``items`` are what was served, given or brought; a service of no
    minutes is none. ``household`` is a name that its members share. ``complaint`` says that
    one was upheld.
    """

    kind: Kind
    resident_id: int
    began_at: datetime
    timezone: str
    minutes: int = 0
    fen: int = 0
    items: int = 0
    household: str = ""
    event_id: int | None = None
    class_: str | None = None
    grade: str | None = None
    level: str | None = None
    place: str = ""
    tags: frozenset[str] = frozenset()
    provenance: Provenance | None = None
    complaint: bool = False


@dataclass(frozen=True)
class Entry:
    """What one rule gave for one deed: what later caps, first times and streaks count.

    A rule that gave nothing leaves no entry; ``points`` of a multiplier may be negative.
    ``quantity`` is what was counted, in minutes, fen or items. ``day`` is that on which the
    deed began, in the programme's time zone.
    """

    rule: str
    source: Source
    resident_id: int
    household: str
    event_id: int | None
    day: date
    points: int
    quantity: int


@dataclass(frozen=True)
class Cut:
    """A cap that bit: what there was, and what it left of it.

    In points, in times, or in minutes, fen or items, as the cap measures. Of a cap on several
    rules (``shared``) these are points of all their lines together, and it stands with the last
    line that it took from.
    """

    cap: Cap
    before: int
    left: int
    shared: SharedCap | None = None


@dataclass(frozen=True)
class Line:
    """What one rule made of a deed.

    Of ``quantity`` (minutes, fen, items; 1 for an act) steps and caps left ``counted``. Each
    hour, yuan or item of it brings ``each``; all of it, and after an upheld complaint
    ``complaint`` times that, comes to ``exact``, which is rounded and capped to ``points``.

    Of a multiplier, ``quantity`` and ``counted`` are the points that stand above it, ``each`` is
    its factor, ``exact`` what becomes of them; ``points`` are what it adds or takes.
    """

    rule: Rule
    quantity: int
    counted: int
    each: Decimal
    exact: Fraction
    points: int
    complaint: Decimal | None = None
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a deed is worth: its lines in the order of the rules, and what they come to."""

    lines: tuple[Line, ...] = ()
    entries: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)
