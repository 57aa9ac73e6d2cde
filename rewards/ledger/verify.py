"""Reconciliation: everything that is kept is rebuilt from transfers alone and compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from rewards.ledger.model import WALLET, Account, Balance, Lot, LotEntry, Reversed, Transfer


@dataclass(frozen=True)
class Drift:
    """Something kept that the transfers don't bear out."""

    what: str
    id: int
    kept: int
    rebuilt: int


def verify(session: Session) -> Iterator[Drift]:
    """Every drift in the ledger; a sound one yields nothing."""
    yield from _balances(session)
    yield from _lots(session)
    yield from _entries(session)
    yield from _reversals(session)


def _balances(session: Session) -> Iterator[Drift]:
    """A wallet's balance is its credits less its debits, and its lots and what is held."""
    moves = union_all(
        select(Transfer.credit_id.label("account_id"), Transfer.amount.label("change")),
        select(Transfer.debit_id, -Transfer.amount),
    ).subquery()
    sums = (
        select(moves.c.account_id, func.sum(moves.c.change).label("total"))
        .group_by(moves.c.account_id)
        .subquery()
    )
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
        .where(Account.kind == WALLET)
        .order_by(Account.id)
    )
    for account_id, posted, held, total, in_lots in rows:
        if posted != total:
            yield Drift("balance", account_id, posted, int(total))
        if posted != in_lots + held:
            yield Drift("lots of wallet", account_id, posted, int(in_lots + held))


def _lots(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Lot.id, Lot.remaining, func.coalesce(func.sum(LotEntry.change), 0))
        .outerjoin(LotEntry, LotEntry.lot_id == Lot.id)
        .group_by(Lot.id, Lot.remaining)
        .having(Lot.remaining != func.coalesce(func.sum(LotEntry.change), 0))
    )
    for lot_id, kept, rebuilt in rows:
        yield Drift("lot", lot_id, kept, int(rebuilt))


def _entries(session: Session) -> Iterator[Drift]:
    """Each transfer's lot entries come to its amount, on the wallet's side of it."""
    total = func.coalesce(func.sum(LotEntry.change), 0)
    rows = session.execute(
        select(Transfer.id, Transfer.amount, total)
        .outerjoin(LotEntry, LotEntry.transfer_id == Transfer.id)
        .group_by(Transfer.id, Transfer.amount)
        .having(func.abs(total) != Transfer.amount)
    )
    for transfer_id, amount, rebuilt in rows:
        yield Drift("lot entries of transfer", transfer_id, amount, int(rebuilt))


def _reversals(session: Session) -> Iterator[Drift]:
    """No transfer is undone by more than its counter says, and never beyond itself."""
    undone = (
        select(Transfer.reverses_id.label("id"), func.sum(Transfer.amount).label("total"))
        .where(Transfer.reverses_id.is_not(None))
        .group_by(Transfer.reverses_id)
        .subquery()
    )
    rows = session.execute(
        select(undone.c.id, func.coalesce(Reversed.total, 0), undone.c.total)
        .outerjoin(Reversed, Reversed.transfer_id == undone.c.id)
        .where(undone.c.total > func.coalesce(Reversed.total, 0))
    )
    for transfer_id, kept, rebuilt in rows:
        yield Drift("reversals of transfer", transfer_id, kept, int(rebuilt))
