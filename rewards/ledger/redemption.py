"""Points from a wallet to a merchant, and back into the very lots that they left."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards.ledger.idempotency import Operation
from rewards.ledger.model import REDEMPTION, VOID, Lot, LotEntry, Transfer
from rewards.ledger.refusals import NotEnoughPoints
from rewards.ledger.rows import (
    Portion,
    amount_left,
    check_amount,
    count_reversed,
    insert_opposite,
    insert_transfers,
    lock_wallets,
    move_balances,
    reversible,
    share_out,
    spendable_lots,
    write_entries,
)


def redeem(
    op: Operation, wallet_id: int, merchant_id: int, amount: int, *, today: date, reason: str
) -> int:
    """Take *amount* from the wallet for the merchant, the earliest expiry first.

    *today* is the programme's business day: a lot is spendable through its last day, whether
    or not a job has swept what is past. Returns the transfer's id.

    Raises:
        NotEnoughPoints: says how many are missing; nothing was written.
    """
    check_amount(amount)
    lock_wallets(op.session, [wallet_id], merchant_id)
    spendable = spendable_lots(op.session, wallet_id, today)
    missing = amount - sum(lot.remaining for lot in spendable)
    if missing > 0:
        raise NotEnoughPoints(missing=missing)
    taken = share_out(spendable, amount)
    [transfer_id] = insert_transfers(
        op,
        [
            {
                "kind": REDEMPTION,
                "debit_id": wallet_id,
                "credit_id": merchant_id,
                "amount": amount,
                "happened_at": op.now,
                "reason": reason,
            }
        ],
    )
    write_entries(op.session, transfer_id, {i: -n for i, n in taken.items()})
    move_balances(op.session, {wallet_id: -amount})
    return transfer_id


def give_back(op: Operation, transfer_id: int, *, reason: str, amount: int | None = None) -> int:
    """Undo a redemption, whole or in part: the points return to the very lots they left.

    What was taken last, the latest expiry, returns first, so that a partial refund restores
    what a smaller redemption would have left. Returns the new transfer's id.

    Raises:
        NotReversible, AlreadyReversed, BadAmount: nothing was written.
    """
    original = reversible(op.session, transfer_id, REDEMPTION)
    amount = amount_left(op.session, original, amount)
    lock_wallets(op.session, [original.debit_id], original.credit_id)
    count_reversed(op.session, original, amount)
    outstanding = _outstanding(op.session, original.id)
    restored = share_out(list(reversed(outstanding)), amount)
    undone = insert_opposite(op, original, VOID, amount, reason)
    write_entries(op.session, undone, restored)
    move_balances(op.session, {original.debit_id: amount})
    return undone


def _outstanding(session: Session, redemption_id: int) -> list[Portion]:
    """What a redemption took from each lot less what its voids restored, earliest first."""
    family = select(Transfer.id).where(
        (Transfer.id == redemption_id) | (Transfer.reverses_id == redemption_id)
    )
    rows = session.execute(
        select(Lot.id, -func.sum(LotEntry.change))
        .join(LotEntry, LotEntry.lot_id == Lot.id)
        .where(LotEntry.transfer_id.in_(family))
        .group_by(Lot.id, Lot.expires_on)
        .having(func.sum(LotEntry.change) < 0)
        .order_by(Lot.expires_on)
    )
    return [Portion(lot_id, int(taken)) for lot_id, taken in rows]
