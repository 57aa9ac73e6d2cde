"""Wallets whose points last as long as they move: earning and spending put the day off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, bindparam, case, select, update
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.db import table
from rewards.ledger.expiring import expire_idle
from rewards.ledger.expiry import kept_alive, later
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import Balance


@dataclass(frozen=True)
class Activity:
    """The business day, by the programme's zone, on which wallets earn.

    ``idle_months`` is given when they earn idle points: how long these last without a move.
    """

    today: date
    timezone: str
    idle_months: int | None = None


_BALANCE = table(Balance)
_SAME = among(_BALANCE.c.account_id, "wallets")
_DAY = bindparam("day", type_=Date())
_ALIVE = select(_BALANCE.c.account_id, _BALANCE.c.idle_months, _BALANCE.c.lapses_on).where(
    _SAME, _BALANCE.c.lapses_on >= bindparam("today")
)
_PUT_OFF = update(_BALANCE).where(_SAME).values(lapses_on=_DAY)
_BEGIN = (
    update(_BALANCE)
    .where(_SAME)
    .values(
        idle_months=bindparam("months"),
        lapses_on=case((_BALANCE.c.lapses_on > _DAY, _BALANCE.c.lapses_on), else_=_DAY),
    )
)


def earned(op: Operation, wallet_ids: Sequence[int], issuer_id: int, activity: Activity) -> None:
    """Put off the day on which the locked wallets' idle points lapse, as they earn again.

    Where it is over and new idle points come in, the old ones are swept first.
    """
    if activity.idle_months is None:
        put_off(op.session, wallet_ids, activity.today)
        return
    for start in range(0, len(wallet_ids), 500):
        part = wallet_ids[start : start + 500]
        expire_idle(op, part, issuer_id, today=activity.today, timezone=activity.timezone)
    _begin(op, wallet_ids, activity.idle_months, activity.today)


def put_off(session: Session, wallet_ids: Sequence[int], today: date) -> None:
    """Put off the day on which these locked wallets' idle points lapse, as they move today."""
    rows = session.connection().execute(_ALIVE, {"wallets": wallet_ids, "today": today})
    wallets: dict[date, list[int]] = {}
    for wallet_id, months, lapses_on in rows:
        if day := kept_alive(months, lapses_on, today):
            wallets.setdefault(day, []).append(wallet_id)
    for day, part in wallets.items():
        session.connection().execute(_PUT_OFF, {"wallets": part, "day": day})


def _begin(op: Operation, wallet_ids: Sequence[int], months: int, today: date) -> None:
    """Count *months* from today; a later day that was promised before stands."""
    day = later(today, months)
    asked = {"wallets": wallet_ids, "months": months, "day": day}
    op.session.connection().execute(_BEGIN, asked)
