"""Taking an award back, also where its points were spent."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sqlalchemy import bindparam, insert, select

from rewards.db import table
from rewards.ledger.holding import release_overdue
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import ACCRUAL, REVERSAL, LotEntry, Owed
from rewards.ledger.refusals import AlreadySpent
from rewards.ledger.rows import (
    amount_left,
    count_reversed,
    insert_opposite,
    lock_wallets,
    move_balances,
    reversible,
    share_out,
    spendable_lots,
    write_entries,
)

_OWN = select(LotEntry.lot_id).where(LotEntry.transfer_id == bindparam("transfer"))
_INSERT_OWED = insert(table(Owed))


class WhenSpent(Enum):
    """What taking an award back does where its points were spent: a matter of policy."""

    REFUSE = "refuse"
    OWE = "owe"


@dataclass(frozen=True)
class Taken:
    """What taking an award back came to: ``transfer_id`` is None if all was spent."""

    transfer_id: int | None
    taken: int
    owed: int


def take_back(
    op: Operation,
    transfer_id: int,
    *,
    today: date,
    reason: str,
    when_spent: WhenSpent,
    amount: int | None = None,
) -> Taken:
    """Undo an accrual, whole or in part: first from its own lot, then from what is spendable.

    Where the points were spent, ``WhenSpent.REFUSE`` refuses and ``WhenSpent.OWE`` takes what
    is there and records the rest as owed. A lot never goes below zero.

    Raises:
        NotReversible, AlreadyReversed, BadAmount, AlreadySpent: nothing was written.
    """
    original = reversible(op.session, transfer_id, ACCRUAL)
    wallet_id = original.credit_id
    amount = amount_left(op.session, original, amount)
    lock_wallets(op.session, [wallet_id], original.debit_id)
    release_overdue(op.session, [wallet_id], op.now)
    count_reversed(op.session, original, amount)
    own_ids = set(op.session.scalars(_OWN, {"transfer": original.id}))
    lots = spendable_lots(op.session, wallet_id, today, also=own_ids)
    lots.sort(key=lambda lot: lot.id not in own_ids)
    there = min(amount, sum(lot.remaining for lot in lots))
    if there < amount and when_spent is WhenSpent.REFUSE:
        raise AlreadySpent(missing=amount - there)
    undone = None
    if there:
        undone = insert_opposite(op, original, REVERSAL, there, reason)
        write_entries(op.session, undone, {i: -n for i, n in share_out(lots, there).items()})
        move_balances(op.session, {wallet_id: -there})
    if there < amount:
        op.session.connection().execute(
            _INSERT_OWED,
            {
                "operation_id": op.id,
                "account_id": wallet_id,
                "transfer_id": original.id,
                "amount": amount - there,
                "reason": reason,
            },
        )
    return Taken(undone, there, amount - there)
