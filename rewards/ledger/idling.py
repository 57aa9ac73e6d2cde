"""Wallets whose points last as long as they move: earning and spending put the day off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from rewards.bulk import among
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
    rows = session.execute(
        select(Balance.account_id, Balance.idle_months, Balance.lapses_on).where(
            among(session, Balance.account_id.expression, wallet_ids), Balance.lapses_on >= today
        )
    )
    wallets: dict[date, list[int]] = {}
    for wallet_id, months, lapses_on in rows:
        if day := kept_alive(months, lapses_on, today):
            wallets.setdefault(day, []).append(wallet_id)
    for day, part in wallets.items():
        session.execute(
            update(Balance)
            .where(among(session, Balance.account_id.expression, part))
            .values(lapses_on=day)
            .execution_options(synchronize_session=False)
        )


def _begin(op: Operation, wallet_ids: Sequence[int], months: int, today: date) -> None:
    """Count *months* from today; a later day that was promised before stands."""
    day = later(today, months)
    op.session.execute(
        update(Balance)
        .where(among(op.session, Balance.account_id.expression, wallet_ids))
        .values(
            idle_months=months,
            lapses_on=case((Balance.lapses_on > day, Balance.lapses_on), else_=day),
        )
        .execution_options(synchronize_session=False)
    )
