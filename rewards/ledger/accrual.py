"""Points into wallets: one or many at once, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert

from rewards.ledger.idempotency import Operation
from rewards.ledger.model import ACCRUAL, LotEntry
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


def accrue(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    """Put points from the issuer into wallets, all or none.

    Returns the transfers' ids in the order given.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    if not accruals:
        return []
    totals: dict[int, int] = {}
    lots: dict[tuple[int, date], int] = {}
    for a in accruals:
        check_amount(a.amount)
        totals[a.wallet_id] = totals.get(a.wallet_id, 0) + a.amount
        lots[a.wallet_id, a.expires_on] = lots.get((a.wallet_id, a.expires_on), 0) + a.amount
    lock_wallets(op.session, sorted(totals), issuer_id)
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
