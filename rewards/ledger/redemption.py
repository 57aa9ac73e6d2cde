"""Points from a wallet to a merchant, and back into the very lots that they left."""

from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.bulk import next_ids, writing
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import REDEMPTION, VOID, Lot, LotEntry, Transfer, last_day
from rewards.ledger.purse import open_purses
from rewards.ledger.reading import reversed_amount
from rewards.ledger.rows import (
    Portion,
    amount_left,
    check_amount,
    count_reversed,
    insert_opposite,
    lock_wallets,
    move_balances,
    open_lots,
    programme_of,
    reversible,
    share_out,
    write_entries,
)
from rewards.ledger.spending import Spend, write_spends


def redeem(
    op: Operation, wallet_id: int, merchant_id: int, amount: int, *, today: date, reason: str
) -> int:
    """Take *amount* from the wallet for the merchant, the earliest expiry first.

    *today* is the programme's business day: a lot is spendable through its last day, whether
    or not a job has swept what is past. Returns the transfer's id.

    Raises:
        NotEnoughPoints: says how many are missing; nothing was written.
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    check_amount(amount)
    merchant = programme_of(op.session, merchant_id)
    purse = open_purses(op.session, [wallet_id], op.now)[wallet_id]
    shares = purse.take(amount, today=today, programme_id=merchant)
    [transfer_id] = next_ids(op.session, {"transfer": 1})["transfer"]
    spend = Spend(transfer_id, wallet_id, merchant_id, shares, reason, op.now, purse.put_off)
    with writing(op.session) as writer:
        write_spends(writer, op.now, [(op.id, spend)])
    return transfer_id


def give_back(
    op: Operation,
    transfer_id: int,
    *,
    reason: str,
    amount: int | None = None,
    today: date | None = None,
    grace_days: int = 0,
) -> int:
    """Undo a redemption, whole or in part: the points return to the very lots they left.

    What was taken last, the latest expiry, returns first, so that a partial refund restores
    what a smaller redemption would have left. Where a lot's last day is over by *today*, its
    points can be spent for *grace_days* more, from today. Returns the new transfer's id.

    Raises:
        NotReversible, AlreadyReversed, BadAmount: nothing was written.
    """
    original = reversible(op.session, transfer_id, REDEMPTION)
    amount = amount_left(op.session, original, amount)
    grace = (today, grace_days) if today is not None else None
    return put_back(op, original, VOID, amount, reason=reason, grace=grace)


def put_back(
    op: Operation,
    original: Transfer,
    kind: str,
    amount: int,
    *,
    reason: str,
    grace: tuple[date, int] | None,
) -> int:
    """Undo *amount* of what left a wallet, by a transfer of *kind* into the lots that it left.

    *grace* is the day and how many more from it points past their last day can be spent.
    """
    lock_wallets(op.session, [original.debit_id], original.credit_id)
    count_reversed(op.session, original, amount)
    restored = share_out(_outstanding(op.session, original.id, amount), amount)
    if grace is not None and grace[1]:
        restored = _with_grace(op.session, original.debit_id, restored, *grace)
    undone = insert_opposite(op, original, kind, amount, reason)
    write_entries(op.session, undone, restored)
    move_balances(op.session, {original.debit_id: amount})
    return undone


_TAKEN = (
    select(Lot.id, -LotEntry.change)
    .join(LotEntry, LotEntry.lot_id == Lot.id)
    .where(LotEntry.transfer_id == bindparam("transfer"))
    .order_by(Lot.expires_on.desc())
)
_PAST = select(Lot.id).where(among(Lot.id.expression, "lots"), last_day() < bindparam("today"))


def _outstanding(session: Session, original_id: int, amount: int) -> list[Portion]:
    """What a transfer took from each lot and nothing restored, the latest expiry first.

    *amount* is about to be restored and counted already. What came back before came in the
    same order, whether into these lots or into others by grace.
    """
    rows = session.execute(_TAKEN, {"transfer": original_id})
    taken = [Portion(lot_id, points) for lot_id, points in rows]
    back = share_out(taken, reversed_amount(session, original_id) - amount)
    left = [Portion(p.id, p.remaining - back.get(p.id, 0)) for p in taken]
    return [p for p in left if p.remaining]


def _with_grace(
    session: Session, wallet_id: int, restored: dict[int, int], today: date, grace_days: int
) -> dict[int, int]:
    """*restored* (lot id to points), what would be past its last day in a lot of its own."""
    past = set(session.scalars(_PAST, {"lots": restored, "today": today}))
    late = sum(points for lot_id, points in restored.items() if lot_id in past)
    if not late:
        return restored
    name = wallet_id, today + timedelta(days=grace_days)
    [grace_id] = open_lots(session, [name]).values()
    kept = {lot_id: points for lot_id, points in restored.items() if lot_id not in past}
    return {**kept, grace_id: kept.get(grace_id, 0) + late}
