"""Setting points aside, and what becomes of them: captured, whole or in part, or released."""

from datetime import date, datetime

from sqlalchemy import bindparam, insert, select

from rewards.db import table
from rewards.ledger.holding import INSERT_END, Ending, Hold, HoldEnd, HoldLot, move_held
from rewards.ledger.idempotency import Operation
from rewards.ledger.idling import put_off
from rewards.ledger.model import REDEMPTION, WALLET, Account, Lot
from rewards.ledger.purse import open_purses
from rewards.ledger.refusals import (
    BadUntil,
    CaptureOverHold,
    HoldEnded,
    HoldTimedOut,
    UnknownAccount,
    UnknownHold,
)
from rewards.ledger.rows import (
    Portion,
    check_amount,
    insert_transfers,
    lock_wallets,
    move_balances,
    share_out,
    write_entries,
)

_TO = select(Account.kind, Account.programme_id).where(Account.id == bindparam("account"))
_HOLD = table(Hold)
_INSERT_HOLD = insert(_HOLD).returning(_HOLD.c.id)
_INSERT_LOT = insert(table(HoldLot))
_OUTCOME = select(HoldEnd.outcome).where(HoldEnd.hold_id == bindparam("hold"))
_LOTS = (
    select(HoldLot.lot_id, HoldLot.amount)
    .join(Lot, Lot.id == HoldLot.lot_id)
    .where(HoldLot.hold_id == bindparam("hold"))
    .order_by(Lot.expires_on)
)


def place(
    op: Operation,
    wallet_id: int,
    to_id: int,
    amount: int,
    *,
    today: date,
    until: datetime,
    reason: str,
) -> int:
    """Set *amount* aside for the account *to_id*, the earliest expiry first; the hold's id.

    From the moment *until* on it can't be captured any more and its points are spendable again.

    Raises:
        BadAmount, BadUntil, UnknownAccount, ForeignAccount, NotEnoughPoints: nothing was written.
    """
    check_amount(amount)
    if until.tzinfo is None or until <= op.now:
        raise BadUntil
    to = op.session.execute(_TO, {"account": to_id}).one_or_none()
    if to is None or to.kind == WALLET:
        raise UnknownAccount
    purse = open_purses(op.session, [wallet_id], op.now)[wallet_id]
    taken = purse.take(amount, today=today, programme_id=to.programme_id)
    hold = {
        "operation_id": op.id,
        "account_id": wallet_id,
        "to_id": to_id,
        "amount": amount,
        "placed_at": op.now,
        "until": until,
        "reason": reason,
    }
    connection = op.session.connection()
    hold_id: int = connection.execute(_INSERT_HOLD, hold).scalar_one()
    connection.execute(
        _INSERT_LOT, [{"hold_id": hold_id, "lot_id": i, "amount": n} for i, n in taken.items()]
    )
    move_held(op.session, {i: -n for i, n in taken.items()}, {wallet_id: amount})
    put_off(op.session, [wallet_id], today)
    return hold_id


def capture(op: Operation, hold_id: int, amount: int | None = None, *, reason: str = "") -> int:
    """Take the points that were set aside, whole or in part, once; the transfer's id.

    The earliest expiry is taken first, whether or not its date has come meanwhile. The rest
    returns to its lots. The statement says *reason*, or what the hold was placed for.

    Raises:
        UnknownHold, HoldEnded, HoldTimedOut, BadAmount, CaptureOverHold: nothing was written.
    """
    hold = _lock_open(op, hold_id)
    amount = hold.amount if amount is None else amount
    check_amount(amount)
    if amount > hold.amount:
        raise CaptureOverHold(held=hold.amount)
    [transfer_id] = insert_transfers(
        op,
        [
            {
                "kind": REDEMPTION,
                "debit_id": hold.account_id,
                "credit_id": hold.to_id,
                "amount": amount,
                "happened_at": op.now,
                "reason": reason or hold.reason,
            }
        ],
    )
    taken = share_out(_end(op, hold, Ending.CAPTURED, amount, transfer_id), amount)
    write_entries(op.session, transfer_id, {i: -n for i, n in taken.items()})
    move_balances(op.session, {hold.account_id: -amount})
    return transfer_id


def release(op: Operation, hold_id: int) -> None:
    """Let the points go that were set aside: they return to the very lots they came from.

    Raises:
        UnknownHold, HoldEnded, HoldTimedOut: nothing was written.
    """
    _end(op, _lock_open(op, hold_id), Ending.RELEASED)


def _lock_open(op: Operation, hold_id: int) -> Hold:
    """The hold, its wallet locked, if it can still be ended by somebody."""
    hold = op.session.get(Hold, hold_id)
    if hold is None:
        raise UnknownHold
    lock_wallets(op.session, [hold.account_id], hold.to_id)
    ended = op.session.scalar(_OUTCOME, {"hold": hold_id})
    if ended == Ending.TIMED_OUT or (ended is None and hold.until <= op.now):
        raise HoldTimedOut
    if ended is not None:
        raise HoldEnded
    return hold


def _end(
    op: Operation, hold: Hold, outcome: Ending, captured: int = 0, transfer_id: int | None = None
) -> list[Portion]:
    """Return all of the hold to its lots, and end it; what each got, the earliest expiry first."""
    rows = op.session.execute(_LOTS, {"hold": hold.id})
    portions = [Portion(row.lot_id, row.amount) for row in rows]
    move_held(op.session, {p.id: p.remaining for p in portions}, {hold.account_id: -hold.amount})
    end = {
        "hold_id": hold.id,
        "operation_id": op.id,
        "outcome": outcome,
        "captured": captured,
        "transfer_id": transfer_id,
        "ended_at": op.now,
    }
    op.session.connection().execute(INSERT_END, end)
    return portions
