"""What wallets keep, against their transfers: balances, lots, and what each transfer took where.

What archived months moved is carried as sums by account and by lot.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from rewards.errors import N_
from rewards.ledger.archive.model import ArchivedAccount, ArchivedLot
from rewards.ledger.drift import Drift
from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import IDLE, WALLET, Account, Balance, Lot, LotEntry, Transfer

BALANCE = N_("Wallet %(id)s keeps %(kept)s points, but its transfers come to %(rebuilt)s.")
LOTS_OF_WALLET = N_(
    "Wallet %(id)s keeps %(kept)s points, but its lots and what is held come to %(rebuilt)s."
)
LOT = N_("Lot %(id)s has %(kept)s points left, but its entries come to %(rebuilt)s.")
LAPSES = N_("Wallet %(id)s has %(kept)s points that lapse when it is idle, but no day for it.")
ENTRIES = N_("Transfer %(id)s changed lots by %(rebuilt)s points instead of %(kept)s.")


def moved() -> Subquery:
    """What all transfers, archived ones too, come to for each account."""
    # The sum with 0 keeps SQLite from walking the index, which costs it three times the scan.
    to, from_ = (side + literal_column("0") for side in (Transfer.credit_id, Transfer.debit_id))
    parts = union_all(
        select(to.label("account_id"), func.sum(Transfer.amount).label("total")).group_by(to),
        select(from_, -func.sum(Transfer.amount)).group_by(from_),
        select(ArchivedAccount.account_id, ArchivedAccount.change),
    ).subquery()
    return (
        select(parts.c.account_id, func.sum(parts.c.total).label("total"))
        .group_by(parts.c.account_id)
        .subquery()
    )


def balances(session: Session) -> Iterator[Drift]:
    """A wallet's balance is its credits less its debits, and its lots and what is held."""
    sums = moved()
    lots = (
        select(Lot.account_id, func.sum(Lot.remaining).label("total"))
        .group_by(Lot.account_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Account.id,
            func.coalesce(Balance.posted, 0),
            func.coalesce(Balance.held, 0),
            func.coalesce(sums.c.total, 0),
            func.coalesce(lots.c.total, 0),
        )
        .outerjoin(Balance, Balance.account_id == Account.id)
        .outerjoin(sums, sums.c.account_id == Account.id)
        .outerjoin(lots, lots.c.account_id == Account.id)
        .where(
            Account.kind == WALLET,
            or_(
                func.coalesce(Balance.posted, 0) != func.coalesce(sums.c.total, 0),
                func.coalesce(Balance.posted, 0)
                != func.coalesce(lots.c.total, 0) + func.coalesce(Balance.held, 0),
            ),
        )
        .order_by(Account.id)
    )
    for account_id, posted, held, total, in_lots in rows:
        if posted != total:
            yield Drift("balance", account_id, posted, int(total), BALANCE)
        if posted != in_lots + held:
            yield Drift("lots of wallet", account_id, posted, int(in_lots + held), LOTS_OF_WALLET)


def lots(session: Session) -> Iterator[Drift]:
    """What remains of a lot is all that entered it less all that left it or is held."""
    lot = LotEntry.lot_id + literal_column("0")
    parts = union_all(
        select(lot.label("lot_id"), func.sum(LotEntry.change).label("total")).group_by(lot),
        select(ArchivedLot.lot_id, ArchivedLot.change),
        select(HoldLot.lot_id, -HoldLot.amount)
        .join(Hold, Hold.id == HoldLot.hold_id)
        .where(not_ended()),
    ).subquery()
    sums = (
        select(parts.c.lot_id, func.sum(parts.c.total).label("total"))
        .group_by(parts.c.lot_id)
        .subquery()
    )
    rows = session.execute(
        select(Lot.id, Lot.remaining, func.coalesce(sums.c.total, 0))
        .outerjoin(sums, sums.c.lot_id == Lot.id)
        .where(Lot.remaining != func.coalesce(sums.c.total, 0))
        .order_by(Lot.id)
    )
    for lot_id, kept, rebuilt in rows:
        yield Drift("lot", lot_id, kept, int(rebuilt), LOT)


def lapses(session: Session) -> Iterator[Drift]:
    """Points that last as long as the wallet moves have a day that they lapse on."""
    rows = session.execute(
        select(Lot.account_id, Lot.remaining)
        .join(Balance, Balance.account_id == Lot.account_id)
        .where(Lot.expires_on == IDLE, Lot.remaining > 0, Balance.lapses_on.is_(None))
    )
    for account_id, remaining in rows:
        yield Drift("lapse", account_id, remaining, "", LAPSES)


def entries(session: Session) -> Iterator[Drift]:
    """Each transfer's lot entries come to its amount, in lots of the wallet that it moved.

    Most have one entry, of the whole amount: only the rest are summed up, which takes longer.
    """
    to, from_ = aliased(Account), aliased(Account)
    due = Transfer.amount * (
        case((to.kind == WALLET, 1), else_=0) - case((from_.kind == WALLET, 1), else_=0)
    )
    wallet_of = case((LotEntry.change > 0, Transfer.credit_id), else_=Transfer.debit_id)

    def beside(*columns: ColumnElement[Any]) -> Select[Any]:
        return (
            select(Transfer.id, *columns)
            .join(to, to.id == Transfer.credit_id)
            .join(from_, from_.id == Transfer.debit_id)
            .outerjoin(LotEntry, LotEntry.transfer_id == Transfer.id)
            .outerjoin(Lot, Lot.id == LotEntry.lot_id)
        )

    not_in_one = beside().where(
        or_(func.coalesce(LotEntry.change, 0) != due, Lot.account_id != wallet_of)
    )
    here = func.coalesce(func.sum(case((Lot.account_id == wallet_of, LotEntry.change), else_=0)), 0)
    rows = session.execute(
        beside(due.label("due"), here.label("here"))
        .where(Transfer.id.in_(not_in_one))
        .group_by(Transfer.id, to.kind, from_.kind)
        .having(here != due)
    )
    for transfer_id, kept, rebuilt in rows:
        yield Drift("lot entries of transfer", transfer_id, kept, int(rebuilt), ENTRIES)
