"""A programme's rates: what each way of earning gives, as data with a date of effect.

Rates are never edited: a change is a new row, and every award records the row that it was
computed by. Computing is pure: facts in, points and their explanation out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from rewards import audit
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.db import Base, BigId
from rewards.errors import N_, Refused
from rewards.immutable import frozen
from rewards.ledger import expiry
from rewards.schemes.refusals import PastDate

TRIM, REFUSE = "trim", "refuse"
LONGEST_GRACE = 366


@frozen()
class Rates(Base):
    """One programme's rates from a moment on. Points are whole; caps of 0 mean none.

    - ``points_per_hour`` for volunteering, counted by the minute and at most
      ``hours_cap`` hours an event; an event may set its own.
    - ``points_per_yuan`` for donations, at most ``donation_cap`` points a donation.
    - ``points_per_suggestion`` for an adopted suggestion, at most ``suggestions_cap``
      rewarded ones a resident and calendar month.
    - ``expiry`` says when points expire (a policy of :mod:`rewards.ledger.expiry`); points
      restored after their last day can be spent for ``grace_days`` more.
    - ``wallet_limit`` is the most that one wallet can hold, None for no limit; what is earned
      beyond it is trimmed off or refused, as ``when_full`` says.
    """

    __tablename__ = "rates"
    __table_args__ = (
        CheckConstraint(
            "points_per_hour >= 0 AND hours_cap >= 0 AND points_per_yuan >= 0 AND "
            "donation_cap >= 0 AND points_per_suggestion >= 0 AND suggestions_cap >= 0",
            name="not_negative",
        ),
        CheckConstraint("grace_days >= 0", name="grace_not_negative"),
        CheckConstraint("wallet_limit > 0", name="wallet_limit_positive"),
        CheckConstraint("when_full IN ('trim', 'refuse')", name="when_full_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    effective_from: Mapped[datetime]
    points_per_hour: Mapped[int]
    hours_cap: Mapped[int]
    points_per_yuan: Mapped[int]
    donation_cap: Mapped[int]
    points_per_suggestion: Mapped[int]
    suggestions_cap: Mapped[int]
    expiry: Mapped[dict[str, Any]] = mapped_column(JSON)
    grace_days: Mapped[int] = mapped_column(default=0)
    wallet_limit: Mapped[int | None]
    when_full: Mapped[str] = mapped_column(String(6), default=TRIM)
    set_by: Mapped[str] = mapped_column(String(40))


class RatesChanged(Refused):
    """Others set new rates after the page was drawn by which these were checked."""

    code = "rates_changed"
    message = N_("The rates were changed meanwhile. Look at them, then enter yours again.")


class NoRates(Refused):
    """The programme had no rates in force at the moment asked for."""

    code = "no_rates"
    message = N_("The programme has no rates in force yet. An administrator can set them.")


@dataclass(frozen=True)
class Worth:
    """What an act is worth, and how that was computed, as JSON that a page can word."""

    points: int
    because: dict[str, Any]


def set_rates(act: Act, programme_id: int, *, effective_from: datetime, **rates: Any) -> Rates:
    """Put new rates in force from a moment on; earlier ones stay for what happened before.

    Raises:
        expiry.BadPolicy: nothing was written.
    """
    expiry.parse(rates["expiry"])
    row = Rates(
        programme_id=programme_id,
        effective_from=effective_from,
        set_by=act.actor.reference,
        **rates,
    )
    act.session.add(row)
    act.session.flush()
    audit.record(
        act,
        "rates.set",
        f"programme:{programme_id}",
        programme_id=programme_id,
        rates_id=row.id,
        effective_from=effective_from.isoformat(),
        **rates,
    )
    return row


def announce(
    act: Act, programme: Programme, *, effective_on: date, seen: int | None, **rates: Any
) -> Rates:
    """Put new rates in force from a day on: at its beginning, or at once if it is today.

    ``seen`` is the id of the newest rates when these were checked (None: there were none). Sent
    twice, they are set once.

    Raises:
        PastDate, RatesChanged: nothing was written.
    """
    check_day(act, programme, effective_on)
    act.session.get_one(Programme, programme.id, with_for_update=True)
    newest = next(iter(history(act, programme.id, size=1)), None)
    if newest is not None and newest.id != seen:
        if _says(newest, act, programme, effective_on, rates):
            return newest
        raise RatesChanged
    midnight = datetime.combine(effective_on, time.min, ZoneInfo(programme.timezone))
    return set_rates(act, programme.id, effective_from=max(midnight, act.now), **rates)


def check_day(act: Act, programme: Programme, effective_on: date) -> None:
    """Refuse a day that is over, by the programme's own calendar."""
    if effective_on < local_date(act.now, programme.timezone):
        raise PastDate


def _says(
    row: Rates, act: Act, programme: Programme, effective_on: date, rates: dict[str, Any]
) -> bool:
    """Whether *row* is what is asked for again: a second tap on the same button."""
    return (
        row.set_by == act.actor.reference
        and local_date(row.effective_from, programme.timezone) == effective_on
        and all(getattr(row, name) == value for name, value in rates.items())
    )


def history(act: Act, programme_id: int, *, size: int = 100) -> list[Rates]:
    """The programme's rates in the order they were set, the newest first."""
    rows = select(Rates).where(Rates.programme_id == programme_id).order_by(Rates.id.desc())
    return list(act.session.scalars(rows.limit(size)))


class Standing(StrEnum):
    """Where one row of the history stands at a moment."""

    TO_COME = "to_come"
    IN_FORCE = "in_force"
    PAST = "past"


def standing(row: Rates, rows: Sequence[Rates], now: datetime) -> Standing:
    """Where *row* stands among all *rows*; one that a later one overtook is past."""

    def order(rates: Rates) -> tuple[datetime, int]:
        return rates.effective_from, rates.id

    if row.effective_from > now:
        overtaken = any(r.effective_from == row.effective_from and r.id > row.id for r in rows)
        return Standing.PAST if overtaken else Standing.TO_COME
    latest = max((r for r in rows if r.effective_from <= now), key=order)
    return Standing.IN_FORCE if row is latest else Standing.PAST


def in_force(act: Act, programme_id: int, moment: datetime) -> Rates:
    """The rates in force at *moment*, that is when the act happened.

    Raises:
        NoRates: none were.
    """
    row = act.session.scalar(
        select(Rates)
        .where(Rates.programme_id == programme_id, Rates.effective_from <= moment)
        .order_by(Rates.effective_from.desc(), Rates.id.desc())
        .limit(1)
    )
    if row is None:
        raise NoRates
    return row


def grace_days(act: Act, programme_id: int) -> int:
    """For how many days points can be spent that come back now, after their last day."""
    try:
        return in_force(act, programme_id, act.now).grace_days
    except NoRates:
        return 0


def for_hours(minutes: int, *, points_per_hour: int, hours_cap: int, bonus: int = 0) -> Worth:
    """Points for *minutes* of service: by the minute, capped, rounded half up once, plus bonus."""
    counted = min(minutes, hours_cap * 60) if hours_cap else minutes
    exact = Decimal(points_per_hour) * counted / 60
    points = int(exact.quantize(Decimal(1), ROUND_HALF_UP)) + bonus
    return Worth(
        points,
        {
            "way": "hours",
            "minutes": minutes,
            "counted": counted,
            "points_per_hour": points_per_hour,
            "hours_cap": hours_cap,
            "bonus": bonus,
        },
    )


def for_donation(fen: int, rates: Rates) -> Worth:
    """Points for a gift worth *fen*: each whole point that it pays for, capped."""
    exact = Decimal(fen) * rates.points_per_yuan / 100
    points = int(exact.quantize(Decimal(1), ROUND_FLOOR))
    if rates.donation_cap:
        points = min(points, rates.donation_cap)
    return Worth(
        points,
        {
            "way": "donation",
            "fen": fen,
            "points_per_yuan": rates.points_per_yuan,
            "cap": rates.donation_cap,
        },
    )


def for_suggestion(rewarded_this_month: int, rates: Rates) -> Worth:
    """Points for an adopted suggestion; none beyond the month's cap."""
    capped = bool(rates.suggestions_cap) and rewarded_this_month >= rates.suggestions_cap
    return Worth(
        0 if capped else rates.points_per_suggestion,
        {
            "way": "suggestion",
            "points": rates.points_per_suggestion,
            "cap": rates.suggestions_cap,
            "rewarded_this_month": rewarded_this_month,
        },
    )


def expires_on(earned: date, rates: Rates) -> date:
    """The last day that points earned on *earned* can be spent; IDLE if that depends."""
    return expiry.last_day(expiry.parse(rates.expiry), earned)


def idle_months(rates: Rates) -> int | None:
    """How long idle points last without a move; None where points expire by their date."""
    policy = expiry.parse(rates.expiry)
    return policy.months if isinstance(policy, expiry.Idle) else None
