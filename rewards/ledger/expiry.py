"""When points expire, as data: a policy says the last day that points of a day can be spent.

Pure: dates in, dates out. A policy is kept as JSON, such as
``{"kind": "months", "months": 12, "to_month_end": true}``.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, ClassVar

from rewards.errors import N_, Refused
from rewards.ledger.model import IDLE, NEVER

LONGEST_MONTHS, LONGEST_YEARS = 1200, 100


class BadPolicy(Refused):
    """Not a policy of expiry: an unknown kind, or a length out of bounds."""

    code = "bad_expiry_policy"
    status = 422
    message = N_("This isn't a rule for the expiry of points. Choose one of the kinds offered.")


@dataclass(frozen=True)
class Never:
    """Points can be spent for ever."""

    kind: ClassVar[str] = "never"


@dataclass(frozen=True)
class Months:
    """Through the same day *months* later (or that month's last, if it is shorter).

    With ``to_month_end``, through the end of that month.
    """

    kind: ClassVar[str] = "months"
    months: int
    to_month_end: bool


@dataclass(frozen=True)
class YearEnd:
    """Through 31 December of the year of earning, or of *years* after it."""

    kind: ClassVar[str] = "year_end"
    years: int


@dataclass(frozen=True)
class Idle:
    """As long as the wallet moves: through *months* after it last earned or spent."""

    kind: ClassVar[str] = "idle"
    months: int


Policy = Never | Months | YearEnd | Idle
KINDS: dict[str, type[Policy]] = {p.kind: p for p in (Never, Months, YearEnd, Idle)}
BOUNDS = {"months": (1, LONGEST_MONTHS), "years": (0, LONGEST_YEARS)}


def parse(data: object) -> Policy:
    """The policy that *data* (JSON) describes.

    Raises:
        BadPolicy: it describes none.
    """
    if not isinstance(data, Mapping) or data.get("kind") not in list(KINDS):
        raise BadPolicy
    made = KINDS[data["kind"]]
    names = {field.name for field in fields(made)}
    if set(data) != names | {"kind"} or not all(_fits(name, data[name]) for name in names):
        raise BadPolicy
    return made(**{name: data[name] for name in names})


def serialize(policy: Policy) -> dict[str, Any]:
    """The policy as JSON; :func:`parse` reads it back."""
    return {"kind": policy.kind, **asdict(policy)}


def last_day(policy: Policy, earned: date) -> date:
    """The last day that points earned on *earned* can be spent.

    ``NEVER`` for always, and ``IDLE`` where the day depends on what the wallet does next.
    """
    match policy:
        case Never():
            return NEVER
        case Months(months, to_month_end):
            day = later(earned, months)
            return _month_end(day) if to_month_end else day
        case YearEnd(years):
            return date(earned.year + years, 12, 31)
    return IDLE


def later(day: date, months: int) -> date:
    """The same day *months* later, or the last one of a month too short for it."""
    count = day.month - 1 + months
    year, month = day.year + count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def usable(expires_on: date, lapses_on: date | None, today: date) -> bool:
    """Whether a lot of the date *expires_on* can be spent, in a wallet that lapses so."""
    last = lapses_on if expires_on == IDLE else expires_on
    return last is not None and last >= today


def kept_alive(idle_months: int | None, lapses_on: date | None, today: date) -> date | None:
    """The day that a wallet's idle points lapse on now that it moved; None: as it was.

    Nothing moves for a wallet without idle points, nor for points that have lapsed already:
    they are not revived.
    """
    if idle_months is None or lapses_on is None or lapses_on < today:
        return None
    moved = later(today, idle_months)
    return moved if moved > lapses_on else None


def _fits(name: str, value: object) -> bool:
    if name == "to_month_end":
        return isinstance(value, bool)
    least, most = BOUNDS[name]
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
