"""What a wallet holds and what happened to it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from rewards.bulk import among
from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import (
    Account,
    Balance,
    Lot,
    LotEntry,
    OperationRow,
    Owed,
    Reversed,
    Transfer,
    last_day,
)
from rewards.ledger.seals import sums


@dataclass(frozen=True)
class Dated:
    """Points that can be spent through ``expires_on`` (``NEVER`` for always)."""

    expires_on: date
    amount: int


def spendable(session: Session, wallet_id: int, today: date, *, now: datetime | None = None) -> int:
    """The points that can be spent on *today*: lots past their date don't count.

    With *now*, here and below, what holds set aside until then counts again, whether or not
    they were ended.
    """
    total = session.scalar(
        select(func.coalesce(func.sum(_free(now)), 0)).where(
            Lot.account_id == wallet_id, last_day() >= today
        )
    )
    return int(total or 0)


def spendable_of(
    session: Session, wallet_ids: Sequence[int], today: date, *, now: datetime | None = None
) -> dict[int, int]:
    """The spendable points of many wallets at once; one without any is absent."""
    rows = session.execute(
        select(Lot.account_id, func.sum(_free(now)))
        .where(among(session, Lot.account_id.expression, wallet_ids), last_day() >= today)
        .group_by(Lot.account_id)
    )
    return {wallet_id: int(total) for wallet_id, total in rows}


def spendable_column(
    wallet_id: InstrumentedAttribute[int], today: date, *, now: datetime | None = None
) -> ScalarSelect[int]:
    """The spendable points beside each row of a list, to be shown there and sorted by."""
    return (
        select(func.coalesce(func.sum(_free(now)), 0))
        .where(Lot.account_id == wallet_id, last_day() >= today)
        .correlate(wallet_id.class_)
        .scalar_subquery()
    )


def dated(
    session: Session, wallet_id: int, today: date, *, now: datetime | None = None
) -> list[Dated]:
    """The spendable points by their last day, the earliest first; they sum to spendable."""
    lots = (
        select(last_day().label("last"), _free(now).label("free"))
        .where(Lot.account_id == wallet_id, last_day() >= today)
        .subquery()
    )
    rows = session.execute(
        select(lots.c.last, func.sum(lots.c.free))
        .where(lots.c.free > 0)
        .group_by(lots.c.last)
        .order_by(lots.c.last)
    )
    return [Dated(last, int(free)) for last, free in rows]


def _free(now: datetime | None) -> ColumnElement[int]:
    """What can be taken from a lot: what remains in it, and what overdue holds will return."""
    if now is None:
        return Lot.remaining.expression
    overdue = (
        select(func.sum(HoldLot.amount))
        .join(Hold, Hold.id == HoldLot.hold_id)
        .where(HoldLot.lot_id == Lot.id, Hold.until <= now, not_ended())
        .correlate(Lot)
        .scalar_subquery()
    )
    return Lot.remaining + func.coalesce(overdue, 0)


@dataclass(frozen=True)
class SetAside:
    """Points that a hold keeps for another account, of the name *to*, until a moment."""

    hold_id: int
    amount: int
    to: str
    until: datetime
    reason: str

    @property
    def last_moment(self) -> datetime:
        """Just before the end: where that is a midnight, it falls on the last day."""
        return self.until - timedelta(microseconds=1)


def set_aside(session: Session, wallet_id: int, now: datetime) -> list[SetAside]:
    """What is set aside from the wallet at the moment *now*, what ends first before the rest."""
    rows = session.execute(
        select(Hold, Account.name)
        .join(Account, Account.id == Hold.to_id)
        .where(Hold.account_id == wallet_id, Hold.until > now, not_ended())
        .order_by(Hold.until, Hold.id)
    )
    return [SetAside(h.id, h.amount, name, h.until, h.reason) for h, name in rows]


def posted(session: Session, account_id: int) -> int:
    """An account's balance: a wallet's kept row, any other's sealed sum and the transfers since."""
    kept = session.scalar(select(Balance.posted).where(Balance.account_id == account_id))
    if kept is not None:
        return kept
    return sums.total(session, account_id)


def takeable(
    session: Session, transfer_ids: Sequence[int], today: date, *, now: datetime
) -> dict[int, int]:
    """The points that taking each accrual back would find: its own lot's, and the spendable."""
    own = select(LotEntry.lot_id).where(LotEntry.transfer_id == Transfer.id).correlate(Transfer)
    rows = session.execute(
        select(Transfer.id, func.sum(_free(now)))
        .join(Lot, Lot.account_id == Transfer.credit_id)
        .where(
            among(session, Transfer.id.expression, transfer_ids),
            (last_day() >= today) | Lot.id.in_(own),
        )
        .group_by(Transfer.id)
    )
    return {transfer_id: int(total) for transfer_id, total in rows}


def owed(session: Session, wallet_id: int) -> int:
    """Points that reversals could not take back because they were spent."""
    total = session.scalar(
        select(func.coalesce(func.sum(Owed.amount), 0)).where(Owed.account_id == wallet_id)
    )
    return int(total or 0)


@dataclass(frozen=True)
class Debt:
    """Points that a reversal could not take back, and its reason."""

    amount: int
    reason: str
    recorded_at: datetime


def debts(session: Session, wallet_id: int) -> list[Debt]:
    """What makes up :func:`owed`, the newest first."""
    rows = session.execute(
        select(Owed.amount, Owed.reason, OperationRow.recorded_at)
        .join(OperationRow, OperationRow.id == Owed.operation_id)
        .where(Owed.account_id == wallet_id)
        .order_by(Owed.id.desc())
    )
    return [Debt(*row) for row in rows]


def reversed_amount(session: Session, transfer_id: int) -> int:
    """How much of a transfer has been undone."""
    return reversed_amounts(session, [transfer_id]).get(transfer_id, 0)


def reversed_amounts(session: Session, transfer_ids: Sequence[int]) -> dict[int, int]:
    """How much of each transfer has been undone; one of which nothing was is absent."""
    rows = session.execute(
        select(Reversed.transfer_id, Reversed.total).where(
            among(session, Reversed.transfer_id.expression, transfer_ids)
        )
    )
    return {row.transfer_id: row.total for row in rows}


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
