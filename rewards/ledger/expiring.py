"""Points past their last day leave their wallets, in batches that each stand or fall alone.

Nothing waits for this: what is past can't be spent whether or not it was swept. A lot is swept
once, because its points are taken under its lock; a run that was killed is simply run again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from rewards.ledger.idempotency import Operation
from rewards.ledger.model import EXPIRED, EXPIRY, IDLE, Account, Lot, LotEntry, last_day
from rewards.ledger.rows import insert_transfers, lock_wallets, move_balances

BATCH = 500


@dataclass(frozen=True)
class Swept:
    """How many lots were emptied, and of how many points."""

    lots: int
    points: int


def due(session: Session, programme_id: int, today: date) -> int:
    """How many of a programme's lots are past their last day and not empty."""
    lots = _past(programme_id, today).subquery()
    return session.scalar(select(func.count()).select_from(lots)) or 0


def next_due(
    session: Session, programme_id: int, today: date, *, after: int = 0, size: int = BATCH
) -> list[int]:
    """The next lots that are past, by id from *after* on: at most *size*, none at the end."""
    lots = _past(programme_id, today).where(Lot.id > after).order_by(Lot.id).limit(size)
    return list(session.scalars(lots))


def expire(
    op: Operation, lot_ids: Sequence[int], expired_id: int, *, today: date, timezone: str
) -> Swept:
    """Move what is left in those of the lots that are past to the account *expired_id*.

    *timezone* is the programme's: points are gone at midnight after their last day there.
    What holds have set aside is in no lot and so never touched.
    """
    wallets = select(Lot.account_id).where(Lot.id.in_(lot_ids)).distinct()
    lock_wallets(op.session, sorted(op.session.scalars(wallets)), expired_id)
    # A statement of its own, so that it sees what the lock was waited for.
    rows = op.session.execute(
        select(Lot.id, Lot.account_id, Lot.expires_on, Lot.remaining, last_day().label("last"))
        .where(Lot.id.in_(lot_ids), Lot.remaining > 0, last_day() < today)
        .order_by(Lot.id)
        .with_for_update(of=Lot)
    ).all()
    if rows:
        _sweep(op, rows, expired_id, timezone)
    return Swept(len(rows), sum(row.remaining for row in rows))


def expire_idle(
    op: Operation, wallet_ids: Sequence[int], issuer_id: int, *, today: date, timezone: str
) -> None:
    """Sweep the lapsed idle points of wallets that are about to earn: they are not revived."""
    lots = list(
        op.session.scalars(
            select(Lot.id).where(
                Lot.account_id.in_(wallet_ids),
                Lot.expires_on == IDLE,
                Lot.remaining > 0,
                last_day() < today,
            )
        )
    )
    if lots:
        issuer = op.session.get_one(Account, issuer_id)
        expired = select(Account.id).where(
            Account.programme_id == issuer.programme_id, Account.kind == EXPIRED
        )
        expired_id = op.session.scalars(expired).one()
        expire(op, lots, expired_id, today=today, timezone=timezone)


def _past(programme_id: int, today: date) -> Select[int]:
    return (
        select(Lot.id)
        .join(Account, Account.id == Lot.account_id)
        .where(Account.programme_id == programme_id, Lot.remaining > 0, last_day() < today)
    )


def _sweep(op: Operation, rows: Sequence[Any], expired_id: int, timezone: str) -> None:
    """One transfer a lot, so that each line of a statement names one last day."""
    totals: dict[int, int] = {}
    for row in rows:
        totals[row.account_id] = totals.get(row.account_id, 0) - row.remaining
    transfers = insert_transfers(
        op,
        [
            {
                "kind": EXPIRY,
                "debit_id": row.account_id,
                "credit_id": expired_id,
                "amount": row.remaining,
                "happened_at": _midnight_after(row.last, timezone),
                "reason": "",
            }
            for row in rows
        ],
    )
    entries = [
        {"transfer_id": transfer_id, "lot_id": row.id, "change": -row.remaining}
        for transfer_id, row in zip(transfers, rows, strict=True)
    ]
    op.session.execute(insert(LotEntry), entries)
    op.session.execute(
        update(Lot)
        .where(Lot.id.in_([row.id for row in rows]))
        .values(remaining=0)
        .execution_options(synchronize_session=False)
    )
    move_balances(op.session, totals)


def _midnight_after(last: date, timezone: str) -> datetime:
    return datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(timezone))
