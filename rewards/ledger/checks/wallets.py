"""What accounts keep, against their transfers: balances, lots, and what each transfer took where.

What archived months moved is carried as sums by account and by lot.
"""

from collections.abc import Iterator

from sqlalchemy import Subquery, case, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from rewards.errors import N_
from rewards.ledger.archive.model import ArchivedAccount, ArchivedLot
from rewards.ledger.drift import Drift
from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import IDLE, WALLET, Account, Balance, Lot, LotEntry, Transfer
from rewards.ledger.seals.sums import totals

BALANCE = N_("Wallet %(id)s keeps %(kept)s points, but its transfers come to %(rebuilt)s.")
SEALED_SUM = N_("Account %(id)s counts %(kept)s points from its last seal on, and has %(rebuilt)s.")
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
    """A wallet's balance is its credits less its debits, and its lots and what is held.

    Any other account's is its last sealed sum and what moved since, if it has one.
    """
    sums, carried = moved(), totals()
    lots = (
        select(Lot.account_id, func.sum(Lot.remaining).label("total"))
        .group_by(Lot.account_id)
        .subquery()
    )
    is_wallet = Account.kind == WALLET
    kept = case((is_wallet, func.coalesce(Balance.posted, 0)), else_=carried.c.total)
    in_lots = case(
        (is_wallet, func.coalesce(lots.c.total, 0) + func.coalesce(Balance.held, 0)), else_=kept
    )
    rebuilt = func.coalesce(sums.c.total, 0)
    rows = session.execute(
        select(Account.id, is_wallet, kept, rebuilt, in_lots)
        .outerjoin(Balance, Balance.account_id == Account.id)
        .outerjoin(carried, carried.c.account_id == Account.id)
        .outerjoin(sums, sums.c.account_id == Account.id)
        .outerjoin(lots, lots.c.account_id == Account.id)
        .where(or_(kept != rebuilt, kept != in_lots))
        .order_by(Account.id)
    )
    for account_id, of_wallet, points, moves, parts in rows:
        if points != moves and of_wallet:
            yield Drift("balance", account_id, int(points), int(moves), BALANCE)
        elif points != moves:
            yield Drift("sealed sum", account_id, int(points), int(moves), SEALED_SUM)
        if points != parts:
            yield Drift("lots of wallet", account_id, int(points), int(parts), LOTS_OF_WALLET)


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

    An entry of the whole amount, as most are, is left aside, and the others are summed up: that
    takes half the time. What stood beside one and came to as much would show in its lots.
    """
    # Few accounts are no wallets: they are looked up sooner than a kind is joined to each side.
    others = select(Account.id).where(Account.kind != WALLET)
    due = Transfer.amount * (
        case((Transfer.credit_id.in_(others), 0), else_=1)
        - case((Transfer.debit_id.in_(others), 0), else_=1)
    )
    wallet_of = case((LotEntry.change > 0, Transfer.credit_id), else_=Transfer.debit_id)
    here = func.coalesce(func.sum(case((Lot.account_id == wallet_of, LotEntry.change), else_=0)), 0)
    rows = session.execute(
        select(Transfer.id, due, here)
        .outerjoin(LotEntry, LotEntry.transfer_id == Transfer.id)
        .outerjoin(Lot, Lot.id == LotEntry.lot_id)
        .where(or_(func.coalesce(LotEntry.change, 0) != due, Lot.account_id != wallet_of))
        .group_by(Transfer.id)
        .having(here != due)
    )
    for transfer_id, kept, rebuilt in rows:
        yield Drift("lot entries of transfer", transfer_id, kept, int(rebuilt), ENTRIES)
