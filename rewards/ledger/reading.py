"""What a wallet holds and what happened to it. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from rewards.ledger.model import Account, Balance, Lot, Owed, Reversed, Transfer


@dataclass(frozen=True)
class Dated:
    """Points that can be spent through ``expires_on`` (``NEVER`` for always)."""

    expires_on: date
    amount: int


def spendable(session: Session, wallet_id: int, today: date) -> int:
    """The points that can be spent on *today*: lots past their date don't count."""
    total = session.scalar(
        select(func.coalesce(func.sum(Lot.remaining), 0)).where(
            Lot.account_id == wallet_id, Lot.expires_on >= today
        )
    )
    return int(total or 0)


def spendable_of(session: Session, wallet_ids: list[int], today: date) -> dict[int, int]:
    """The spendable points of many wallets at once; one without any is absent."""
    rows = session.execute(
        select(Lot.account_id, func.sum(Lot.remaining))
        .where(Lot.account_id.in_(wallet_ids), Lot.expires_on >= today)
        .group_by(Lot.account_id)
    )
    return {wallet_id: int(total) for wallet_id, total in rows}


def spendable_column(wallet_id: InstrumentedAttribute[int], today: date) -> ScalarSelect[int]:
    """The spendable points beside each row of a list, to be shown there and sorted by."""
    return (
        select(func.coalesce(func.sum(Lot.remaining), 0))
        .where(Lot.account_id == wallet_id, Lot.expires_on >= today)
        .correlate(wallet_id.class_)
        .scalar_subquery()
    )


def dated(session: Session, wallet_id: int, today: date) -> list[Dated]:
    """The spendable points by their last day, the earliest first; they sum to spendable."""
    rows = session.execute(
        select(Lot.expires_on, Lot.remaining)
        .where(Lot.account_id == wallet_id, Lot.remaining > 0, Lot.expires_on >= today)
        .order_by(Lot.expires_on)
    )
    return [Dated(row.expires_on, row.remaining) for row in rows]


def posted(session: Session, account_id: int) -> int:
    """An account's balance: a wallet's kept row, any other's sum of transfers."""
    kept = session.scalar(select(Balance.posted).where(Balance.account_id == account_id))
    if kept is not None:
        return kept
    sign = case((Transfer.credit_id == account_id, Transfer.amount), else_=-Transfer.amount)
    total = session.scalar(
        select(func.coalesce(func.sum(sign), 0)).where(
            or_(Transfer.credit_id == account_id, Transfer.debit_id == account_id)
        )
    )
    return int(total or 0)


def owed(session: Session, wallet_id: int) -> int:
    """Points that reversals could not take back because they were spent."""
    total = session.scalar(
        select(func.coalesce(func.sum(Owed.amount), 0)).where(Owed.account_id == wallet_id)
    )
    return int(total or 0)


def reversed_amount(session: Session, transfer_id: int) -> int:
    """How much of a transfer has been undone."""
    return session.scalar(select(Reversed.total).where(Reversed.transfer_id == transfer_id)) or 0


@dataclass(frozen=True)
class Line:
    """One line of a statement; ``change`` is signed, as the wallet's owner sees it.

    ``other`` is the name of the account on the other side: the shop, or the programme.
    """

    transfer_id: int
    kind: str
    change: int
    reason: str
    other: str
    happened_at: datetime
    recorded_at: datetime
    reverses_id: int | None


@dataclass(frozen=True)
class Page:
    """Statement lines, the newest first; ``before`` asks for the next page, None at the end."""

    lines: list[Line]
    before: int | None


def statement(
    session: Session, account_id: int, *, before: int | None = None, size: int = 20
) -> Page:
    """The account's history by keyset: lines recorded before the transfer *before*."""
    debit, credit = aliased(Account), aliased(Account)
    sides = [
        select(Transfer.id).where(side == account_id).order_by(Transfer.id.desc()).limit(size + 1)
        for side in (Transfer.debit_id, Transfer.credit_id)
    ]
    if before is not None:
        sides = [side.where(Transfer.id < before) for side in sides]
    first, second = (select(side.subquery().c.id) for side in sides)
    rows = session.execute(
        select(Transfer, debit.name, credit.name)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(Transfer.id.in_(first.union_all(second)))
        .order_by(Transfer.id.desc())
        .limit(size + 1)
    ).all()
    lines = [
        Line(
            transfer_id=t.id,
            kind=t.kind,
            change=t.amount if t.credit_id == account_id else -t.amount,
            reason=t.reason,
            other=debit_name if t.credit_id == account_id else credit_name,
            happened_at=t.happened_at,
            recorded_at=t.recorded_at,
            reverses_id=t.reverses_id,
        )
        for t, debit_name, credit_name in rows[:size]
    ]
    return Page(lines, lines[-1].transfer_id if len(rows) > size else None)
