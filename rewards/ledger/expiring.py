"""Points past their last day leave their wallets, in batches that each stand or fall alone.

Nothing waits for this: what is past can't be spent whether or not it was swept. A lot is swept
once, because its points are taken under its lock; a run that was killed is simply run again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.db import table
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import EXPIRED, EXPIRY, IDLE, Account, Lot, LotEntry, last_day
from rewards.ledger.rows import insert_transfers, lock_wallets, move_balances

BATCH = 500


@dataclass(frozen=True)
class Swept:
    """How many lots were emptied, and of how many points."""

    lots: int
    points: int


_WALLETS = select(Lot.account_id).where(among(Lot.id.expression, "lots")).distinct()
_LOCK = (
    select(Lot.id, Lot.account_id, Lot.expires_on, Lot.remaining, last_day().label("last"))
    .where(among(Lot.id.expression, "lots"), Lot.remaining > 0, last_day() < bindparam("today"))
    .order_by(Lot.id)
    .with_for_update(of=Lot)
)
_LAPSED = select(Lot.id).where(
    among(Lot.account_id.expression, "wallets"),
    Lot.expires_on == IDLE,
    Lot.remaining > 0,
    last_day() < bindparam("today"),
)
_PAST = (
    select(Lot.id)
    .join(Account, Account.id == Lot.account_id)
    .where(
        Account.programme_id == bindparam("programme"),
        Lot.remaining > 0,
        last_day() < bindparam("today"),
    )
)
_DUE = select(func.count()).select_from(_PAST.subquery())
_NEXT_DUE = _PAST.where(Lot.id > bindparam("after")).order_by(Lot.id).limit(bindparam("size"))
_LOT = table(Lot)
_INSERT_ENTRY = insert(table(LotEntry))
_EMPTY = update(_LOT).where(among(_LOT.c.id, "lots")).values(remaining=0)


def due(session: Session, programme_id: int, today: date) -> int:
    """How many of a programme's lots are past their last day and not empty."""
    return session.scalar(_DUE, {"programme": programme_id, "today": today}) or 0


def next_due(
    session: Session, programme_id: int, today: date, *, after: int = 0, size: int = BATCH
) -> list[int]:
    """The next lots that are past, by id from *after* on: at most *size*, none at the end."""
    asked = {"programme": programme_id, "today": today, "after": after, "size": size}
    return list(session.scalars(_NEXT_DUE, asked))


def expire(
    op: Operation, lot_ids: Sequence[int], expired_id: int, *, today: date, timezone: str
) -> Swept:
    """Move what is left in those of the lots that are past to the account *expired_id*.

    *timezone* is the programme's: points are gone at midnight after their last day there.
    What holds have set aside is in no lot and so never touched.
    """
    wallets = op.session.scalars(_WALLETS, {"lots": lot_ids})
    lock_wallets(op.session, sorted(wallets), expired_id)
    # A statement of its own, so that it sees what the lock was waited for.
    rows = op.session.execute(_LOCK, {"lots": lot_ids, "today": today}).all()
    if rows:
        _sweep(op, rows, expired_id, timezone)
    return Swept(len(rows), sum(row.remaining for row in rows))


def expire_idle(
    op: Operation, wallet_ids: Sequence[int], issuer_id: int, *, today: date, timezone: str
) -> None:
    """Sweep the lapsed idle points of wallets that are about to earn: they are not revived."""
    lots = op.session.scalars(_LAPSED, {"wallets": wallet_ids, "today": today}).all()
    if lots:
        issuer = op.session.get_one(Account, issuer_id)
        expired = select(Account.id).where(
            Account.programme_id == issuer.programme_id, Account.kind == EXPIRED
        )
        expired_id = op.session.scalars(expired).one()
        expire(op, lots, expired_id, today=today, timezone=timezone)


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
    op.session.connection().execute(_INSERT_ENTRY, entries)
    op.session.connection().execute(_EMPTY, {"lots": [row.id for row in rows]})
    move_balances(op.session, totals)


def _midnight_after(last: date, timezone: str) -> datetime:
    return datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(timezone))
