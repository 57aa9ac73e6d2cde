"""Points into wallets: one or many at once, all or none, within what a wallet may own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rewards.ledger.idempotency import Operation
from rewards.ledger.model import ACCRUAL, Balance, LotEntry
from rewards.ledger.reading import spendable_of
from rewards.ledger.refusals import WalletFull
from rewards.ledger.rows import (
    check_amount,
    fill_lots,
    insert_transfers,
    lock_wallets,
    move_balances,
)


@dataclass(frozen=True)
class Accrual:
    """Points to put into one wallet; ``expires_on`` is the last day they can be spent."""

    wallet_id: int
    amount: int
    expires_on: date
    reason: str
    happened_at: datetime


class WhenFull(Enum):
    """What is done with points that a wallet has no room for: a matter of policy."""

    TRIM = "trim"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Limit:
    """The most that a wallet may own: what can be spent on the business day, and is held."""

    points: int
    when_full: WhenFull
    today: date


@dataclass(frozen=True)
class Given:
    """What an accrual came to: no transfer and 0 points where the wallet was full."""

    transfer_id: int | None
    amount: int


def accrue(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    """Put points from the issuer into wallets, all or none.

    Returns the transfers' ids in the order given.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    _lock(op, issuer_id, accruals)
    return _write(op, issuer_id, accruals)


def accrue_within(
    op: Operation, issuer_id: int, accruals: Sequence[Accrual], limit: Limit
) -> list[Given]:
    """As :func:`accrue`, but no wallet owns more than *limit* by it.

    Several accruals to one wallet share its room in their order. What doesn't fit is trimmed
    off, or all are refused. Returns what was given, in the order of the accruals.

    Raises:
        WalletFull: names the wallets and their room. Those of :func:`accrue`. Nothing was
            written.
    """
    wallets = _lock(op, issuer_id, accruals)
    amounts = _fitting(accruals, limit, _owned(op.session, wallets, limit.today))
    fitting = [replace(a, amount=n) for a, n in zip(accruals, amounts, strict=True) if n]
    ids = iter(_write(op, issuer_id, fitting))
    return [Given(next(ids) if n else None, n) for n in amounts]


def _lock(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    """Check the amounts and lock the wallets; answers these, each once."""
    for a in accruals:
        check_amount(a.amount)
    wallets = sorted({a.wallet_id for a in accruals})
    lock_wallets(op.session, wallets, issuer_id)
    return wallets


def _owned(session: Session, wallets: Sequence[int], today: date) -> dict[int, int]:
    """What each of the locked wallets owns: what can be spent today, and what is held."""
    owned: dict[int, int] = {}
    for start in range(0, len(wallets), 1000):
        part = list(wallets[start : start + 1000])
        free = spendable_of(session, part, today)
        held = select(Balance.account_id, Balance.held).where(Balance.account_id.in_(part))
        owned |= {wallet: free.get(wallet, 0) + n for wallet, n in session.execute(held)}
    return owned


def _fitting(accruals: Sequence[Accrual], limit: Limit, owned: dict[int, int]) -> list[int]:
    """How much of each accrual its wallet has room for."""
    amounts, rooms = [], {}
    for a in accruals:
        room = max(0, limit.points - owned[a.wallet_id])
        if a.amount > room:
            rooms.setdefault(a.wallet_id, room)
        amounts.append(min(a.amount, room))
        owned[a.wallet_id] += amounts[-1]
    if rooms and limit.when_full is WhenFull.REFUSE:
        wallets = list(rooms)
        raise WalletFull(room=rooms[wallets[0]], wallets=wallets, rooms=list(rooms.values()))
    return amounts


def _write(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    if not accruals:
        return []
    totals: dict[int, int] = {}
    lots: dict[tuple[int, date], int] = {}
    for a in accruals:
        totals[a.wallet_id] = totals.get(a.wallet_id, 0) + a.amount
        lots[a.wallet_id, a.expires_on] = lots.get((a.wallet_id, a.expires_on), 0) + a.amount
    move_balances(op.session, totals)
    lot_ids = fill_lots(op.session, lots)
    ids = insert_transfers(
        op,
        [
            {
                "kind": ACCRUAL,
                "debit_id": issuer_id,
                "credit_id": a.wallet_id,
                "amount": a.amount,
                "happened_at": a.happened_at,
                "reason": a.reason,
            }
            for a in accruals
        ],
    )
    op.session.execute(
        insert(LotEntry),
        [
            {
                "transfer_id": transfer_id,
                "lot_id": lot_ids[a.wallet_id, a.expires_on],
                "change": a.amount,
            }
            for transfer_id, a in zip(ids, accruals, strict=True)
        ],
    )
    return ids
