"""Points from a wallet to a neighbour's, or to a cause, and back.

What is given keeps its last day: a gift never makes points last longer. So it doesn't count as
a move of either wallet either, or two neighbours could keep idle points alive for ever by
passing one to and fro; idle points arrive with the day on which they would have lapsed.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.ledger.accrual import owned
from rewards.ledger.holding import release_overdue
from rewards.ledger.idempotency import Operation
from rewards.ledger.model import (
    CAUSE,
    GIFT,
    GIFT_RETURN,
    WALLET,
    Account,
    Lot,
    LotEntry,
    last_day,
)
from rewards.ledger.reading import owed
from rewards.ledger.refusals import (
    GiftGone,
    GivenToOneself,
    NotEnoughPoints,
    OwedPoints,
    ReceiverFull,
    UnknownAccount,
)
from rewards.ledger.rows import (
    Portion,
    amount_left,
    check_amount,
    count_reversed,
    insert_opposite,
    insert_transfers,
    lock_wallets,
    move_balances,
    open_lots,
    reversible,
    share_out,
    write_entries,
)

_KIND = select(Account.kind).where(Account.id == bindparam("account"))
_LOTS = (
    select(Lot.id, Lot.remaining, last_day().label("last"))
    .where(
        Lot.account_id == bindparam("wallet"), Lot.remaining > 0, last_day() >= bindparam("today")
    )
    .order_by(last_day(), Lot.expires_on)
    .with_for_update(of=Lot)
)
_ENTRIES = select(LotEntry.lot_id, LotEntry.change).where(
    LotEntry.transfer_id == bindparam("transfer")
)
_THERE = (
    select(Lot.id, Lot.remaining)
    .where(among(Lot.id.expression, "lots"), last_day() >= bindparam("today"))
    .order_by(Lot.id)
    .with_for_update(of=Lot)
)


def give(
    op: Operation, wallet_id: int, to_id: int, amount: int, *, today: date, limit: int | None = None
) -> int:
    """Give *amount* to the wallet or cause *to_id*, the earliest expiry first; the transfer's id.

    What the giver owes can't be given. *limit* is the most that the other wallet may own; a
    gift is never trimmed to it.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount, GivenToOneself, NotEnoughPoints, OwedPoints,
        ReceiverFull: nothing was written.
    """
    check_amount(amount)
    if wallet_id == to_id:
        raise GivenToOneself
    wallets = _wallets(op.session, wallet_id, to_id)
    lock_wallets(op.session, wallets, to_id)
    release_overdue(op.session, [wallet_id], op.now)
    rows = op.session.execute(_LOTS, {"wallet": wallet_id, "today": today}).all()
    _check_free(op.session, wallet_id, sum(row.remaining for row in rows), amount)
    if limit is not None and to_id in wallets:
        _check_room(op.session, to_id, amount, limit, today)
    taken = share_out([Portion(row.id, row.remaining) for row in rows], amount)
    [transfer_id] = insert_transfers(
        op,
        [
            {
                "kind": GIFT,
                "debit_id": wallet_id,
                "credit_id": to_id,
                "amount": amount,
                "happened_at": op.now,
                "reason": "",
            }
        ],
    )
    changes = {lot_id: -points for lot_id, points in taken.items()}
    moved = {wallet_id: -amount}
    if to_id in wallets:
        days = {row.id: row.last for row in rows}
        changes |= _arriving(op.session, to_id, taken, days)
        moved[to_id] = amount
    write_entries(op.session, transfer_id, changes)
    move_balances(op.session, moved)
    return transfer_id


def return_gift(op: Operation, transfer_id: int, *, today: date, reason: str) -> int:
    """Undo a gift: its points return to the very lots that they left; the new transfer's id.

    Whole or not at all: a neighbour must still have them, in the lots that the gift filled.

    Raises:
        NotReversible, AlreadyReversed, Archived, GiftGone: nothing was written.
    """
    original = reversible(op.session, transfer_id, GIFT)
    amount = amount_left(op.session, original, None)
    wallets = _wallets(op.session, original.debit_id, original.credit_id)
    lock_wallets(op.session, wallets, original.credit_id)
    release_overdue(op.session, wallets, op.now)
    count_reversed(op.session, original, amount)
    rows = op.session.execute(_ENTRIES, {"transfer": transfer_id})
    changes = {lot_id: -change for lot_id, change in rows}
    _check_there(op.session, {i: -n for i, n in changes.items() if n < 0}, today)
    undone = insert_opposite(op, original, GIFT_RETURN, amount, reason)
    write_entries(op.session, undone, changes)
    moved = {original.debit_id: amount, original.credit_id: -amount}
    move_balances(op.session, {i: moved[i] for i in wallets})
    return undone


def _wallets(session: Session, wallet_id: int, to_id: int) -> Sequence[int]:
    """Those of the two accounts that are wallets, in the order in which they are locked.

    Raises:
        UnknownAccount: points can't be given to such an account.
    """
    kind = session.scalar(_KIND, {"account": to_id})
    if kind not in (WALLET, CAUSE):
        raise UnknownAccount
    return sorted([wallet_id, to_id]) if kind == WALLET else [wallet_id]


def _check_free(session: Session, wallet_id: int, there: int, amount: int) -> None:
    if amount > there:
        raise NotEnoughPoints(missing=amount - there)
    debt = owed(session, wallet_id)
    if amount > there - debt:
        raise OwedPoints(owed=debt, free=max(0, there - debt))


def _check_room(session: Session, to_id: int, amount: int, limit: int, today: date) -> None:
    if owned(session, [to_id], today)[to_id] + amount > limit:
        raise ReceiverFull


def _arriving(
    session: Session, to_id: int, taken: dict[int, int], days: dict[int, date]
) -> dict[int, int]:
    """What enters which lot of the receiver's: one for each last day that was given."""
    by_day: dict[date, int] = {}
    for lot_id, points in taken.items():
        by_day[days[lot_id]] = by_day.get(days[lot_id], 0) + points
    lots = open_lots(session, ((to_id, day) for day in by_day))
    return {lots[to_id, day]: points for day, points in by_day.items()}


def _check_there(session: Session, wanted: dict[int, int], today: date) -> None:
    """See that the receiver's lots still have what they were given, and that it hasn't expired."""
    rows = session.execute(_THERE, {"lots": wanted, "today": today})
    there = {row.id: row.remaining for row in rows}
    if any(there.get(lot_id, 0) < points for lot_id, points in wanted.items()):
        raise GiftGone
