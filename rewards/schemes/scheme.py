"""A scheme: a programme's rules from one date on, and what else goes with its points."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rewards.ledger.expiry import Never, Policy
from rewards.schemes.rules import Rule, SharedCap, Term, WhenOver, Window, Words

NEVER = Never()
NO_WORDS = Words("", "")


@dataclass(frozen=True)
class Calendar:
    """Public holidays, and the Saturdays and Sundays that are worked in exchange for them.

    A day off is a holiday, or a Saturday or Sunday that isn't worked; the others are workdays.
    """

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Wallet:
    """How long points last, and how many a wallet holds (None: any number)."""

    expiry: Policy = NEVER
    grace_days: int = 0
    limit: int | None = None
    when_full: WhenOver = WhenOver.TRIM


@dataclass(frozen=True)
class Allowance:
    """At most so many in a window, counted for one resident."""

    most: int
    window: Window


@dataclass(frozen=True)
class GivingOn:
    """Whether residents may give points to a neighbour or a cause, and how many."""

    to_neighbours: bool = False
    to_causes: bool = False
    points: Allowance | None = None

    @property
    def allowed(self) -> bool:
        return self.to_neighbours or self.to_causes


class ShopClass(StrEnum):
    """The four classes of shop that residents look for."""

    DINING = "dining"
    ENTERTAINMENT = "entertainment"
    EDUCATION = "education"
    MEDICAL = "medical"


@dataclass(frozen=True)
class Spending:
    """When, where and how much of their points residents may spend; empty asks for nothing.

    ``weekdays`` and ``month_days`` (1 to 31) are the days on which points can be spent;
    ``categories`` the classes of shop. ``bill_percent`` is the most of a bill that points may
    pay, ``points_per_yuan`` what a yuan costs at every shop (None: each shop's own).
    """

    after_hours: int = 0
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    times: tuple[Allowance, ...] = ()
    points: tuple[Allowance, ...] = ()
    points_per_yuan: int | None = None
    bill_percent: int = 100
    categories: frozenset[ShopClass] = frozenset()
    giving_on: GivingOn = GivingOn()


@dataclass(frozen=True)
class Star:
    """A grade for hours served, and what it brings."""

    key: str
    name: Words
    hours: int
    benefits: Words = NO_WORDS


@dataclass(frozen=True)
class Deduction:
    """Points that an approved act takes away."""

    key: str
    name: Words
    points: int


@dataclass(frozen=True)
class Scheme:
    """All of a programme's rules from one date on.

    ``below_zero``: what a deduction finds no points for is recorded as owed; otherwise only
    what is there is taken.
    """

    name: Words
    rules: tuple[Rule, ...]
    classes: tuple[Term, ...] = ()
    grades: tuple[Term, ...] = ()
    levels: tuple[Term, ...] = ()
    tags: tuple[Term, ...] = ()
    calendar: Calendar = Calendar()
    shared_caps: tuple[SharedCap, ...] = ()
    wallet: Wallet = Wallet()
    spending: Spending = Spending()
    stars: tuple[Star, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    below_zero: bool = False
