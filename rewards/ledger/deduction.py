"""Points taken from a wallet because of what was done, and given back if that was a mistake.

Other than undoing an award, a deduction is of no award's points: it takes what can be spent.
"""

from dataclasses import dataclass
from datetime import date, datetime

from rewards.ledger.holding import release_overdue
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import DEDUCTION, REVERSAL, Owed, Waived
from rewards.ledger.redemption import put_back
from rewards.ledger.rows import (
    amount_left,
    check_amount,
    insert_transfers,
    lock_wallets,
    move_balances,
    reversible,
    share_out,
    spendable_lots,
    write_entries,
)


@dataclass(frozen=True)
class Deducted:
    """What a deduction came to: no transfer where nothing was there, no debt where none is kept."""

    transfer_id: int | None
    taken: int
    owed_id: int | None
    owed: int


def deduct(
    op: Operation,
    wallet_id: int,
    issuer_id: int,
    amount: int,
    *,
    today: date,
    happened_at: datetime,
    reason: str,
    owe: bool,
) -> Deducted:
    """Take *amount* from what can be spent, the earliest expiry first; never below zero.

    Where less is there, that is taken; with *owe* the rest is recorded as owed.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    check_amount(amount)
    lock_wallets(op.session, [wallet_id], issuer_id)
    release_overdue(op.session, [wallet_id], op.now)
    lots = spendable_lots(op.session, wallet_id, today)
    there = min(amount, sum(lot.remaining for lot in lots))
    transfer_id = None
    if there:
        row = {
            "kind": DEDUCTION,
            "debit_id": wallet_id,
            "credit_id": issuer_id,
            "amount": there,
            "happened_at": happened_at,
            "reason": reason,
        }
        [transfer_id] = insert_transfers(op, [row])
        shares = share_out(lots, there)
        write_entries(op.session, transfer_id, {i: -n for i, n in shares.items()})
        move_balances(op.session, {wallet_id: -there})
    missing = amount - there if owe else 0
    owed_id = _owe(op, wallet_id, missing, reason) if missing else None
    return Deducted(transfer_id, there, owed_id, missing)


def restore(
    op: Operation, deducted: Deducted, *, today: date, reason: str, grace_days: int = 0
) -> int | None:
    """Undo a deduction: its points return to the lots they left, and nothing is owed for it.

    Returns the new transfer's id, None where none was taken.

    Raises:
        NotReversible, AlreadyReversed: nothing was written.
    """
    undone = None
    if deducted.transfer_id is not None:
        original = reversible(op.session, deducted.transfer_id, DEDUCTION)
        amount = amount_left(op.session, original, None)
        grace = (today, grace_days)
        undone = put_back(op, original, REVERSAL, amount, reason=reason, grace=grace)
    if deducted.owed_id is not None:
        op.session.add(Waived(owed_id=deducted.owed_id, operation_id=op.id))
        op.session.flush()
    return undone


def _owe(op: Operation, wallet_id: int, amount: int, reason: str) -> int:
    debt = Owed(operation_id=op.id, account_id=wallet_id, amount=amount, reason=reason)
    op.session.add(debt)
    op.session.flush()
    return debt.id
