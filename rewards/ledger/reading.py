"""What a wallet holds and what happened to it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from rewards.among import among
from rewards.db import UtcDateTime
from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import (
    WALLET,
    Account,
    Balance,
    Lot,
    LotEntry,
    OperationRow,
    Owed,
    Reversed,
    Transfer,
    last_day,
    still_owed,
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
    return spendable_of(session, [wallet_id], today, now=now).get(wallet_id, 0)


def spendable_of(
    session: Session, wallet_ids: Sequence[int], today: date, *, now: datetime | None = None
) -> dict[int, int]:
    """The spendable points of many wallets at once; one without any is absent."""
    query = _SPENDABLE if now is None else _SPENDABLE_AT
    rows = session.execute(query, {"wallets": wallet_ids, "today": today, "now": now})
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
    query = _DATED if now is None else _DATED_AT
    rows = session.execute(query, {"wallet": wallet_id, "today": today, "now": now})
    return [Dated(last, int(free)) for last, free in rows]


def _free(now: datetime | BindParameter[datetime] | None) -> ColumnElement[int]:
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


def _spendable_of(free: ColumnElement[int]) -> Select[int, int]:
    return (
        select(Lot.account_id, func.sum(free))
        .where(among(Lot.account_id.expression, "wallets"), last_day() >= bindparam("today"))
        .group_by(Lot.account_id)
    )


def _dated(free: ColumnElement[int]) -> Select[date, int]:
    lots = (
        select(last_day().label("last"), free.label("free"))
        .where(Lot.account_id == bindparam("wallet"), last_day() >= bindparam("today"))
        .subquery()
    )
    return (
        select(lots.c.last, func.sum(lots.c.free))
        .where(lots.c.free > 0)
        .group_by(lots.c.last)
        .order_by(lots.c.last)
    )


# Made once, as making such a statement takes longer than what it asks for.
_NOW = bindparam("now", type_=UtcDateTime())
_SPENDABLE, _SPENDABLE_AT = _spendable_of(_free(None)), _spendable_of(_free(_NOW))
_DATED, _DATED_AT = _dated(_free(None)), _dated(_free(_NOW))


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
            among(Transfer.id.expression, "transfers"),
            (last_day() >= today) | Lot.id.in_(own),
        )
        .group_by(Transfer.id),
        {"transfers": transfer_ids},
    )
    return {transfer_id: int(total) for transfer_id, total in rows}


_OWED = select(func.coalesce(func.sum(Owed.amount), 0)).where(
    Owed.account_id == bindparam("wallet"), still_owed()
)


def owed(session: Session, wallet_id: int) -> int:
    """Points that reversals and deductions could not take because they were spent."""
    return int(session.execute(_OWED, {"wallet": wallet_id}).scalar_one())


@dataclass(frozen=True)
class Debt:
    """Points that could not be taken, and why they were to be."""

    amount: int
    reason: str
    recorded_at: datetime


def debts(session: Session, wallet_id: int) -> list[Debt]:
    """What makes up :func:`owed`, the newest first."""
    rows = session.execute(
        select(Owed.amount, Owed.reason, OperationRow.recorded_at)
        .join(OperationRow, OperationRow.id == Owed.operation_id)
        .where(Owed.account_id == wallet_id, still_owed())
        .order_by(Owed.id.desc())
    )
    return [Debt(*row) for row in rows]


def reversed_amount(session: Session, transfer_id: int) -> int:
    """How much of a transfer has been undone."""
    return reversed_amounts(session, [transfer_id]).get(transfer_id, 0)


_REVERSED = select(Reversed.transfer_id, Reversed.total).where(
    among(Reversed.transfer_id.expression, "transfers")
)


def reversed_amounts(session: Session, transfer_ids: Sequence[int]) -> dict[int, int]:
    """How much of each transfer has been undone; one of which nothing was is absent."""
    rows = session.execute(_REVERSED, {"transfers": transfer_ids})
    return {row.transfer_id: row.total for row in rows}


@dataclass(frozen=True)
class Line:
    """One line of a statement; ``change`` is signed, as the wallet's owner sees it.

    ``other`` is the name of the account on the other side: the shop, the cause, or the
    programme. It is empty for a neighbour: who that is isn't the ledger's to tell.
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


def _lines(*earlier: ColumnElement[bool]) -> Select[Transfer, str, str]:
    most = bindparam("most", type_=Integer())
    first, second = (
        select(
            select(Transfer)
            .where(side == bindparam("account"), *earlier)
            .order_by(Transfer.id.desc())
            .limit(most)
            .subquery()
        )
        for side in (Transfer.debit_id, Transfer.credit_id)
    )
    either = first.union_all(second).subquery()
    # Cut before anything is looked up for them: that is what a long past makes dearer.
    newest = select(either).order_by(either.c.id.desc()).limit(most).subquery()
    line, debit, credit = aliased(Transfer, newest), aliased(Account), aliased(Account)
    neighbours = and_(debit.kind == WALLET, credit.kind == WALLET)
    return (
        select(
            line,
            case((neighbours, ""), else_=debit.name),
            case((neighbours, ""), else_=credit.name),
        )
        .join(debit, debit.id == line.debit_id)
        .join(credit, credit.id == line.credit_id)
        .order_by(line.id.desc())
    )


_NEWEST, _EARLIER = _lines(), _lines(Transfer.id < bindparam("before"))


def statement(
    session: Session, account_id: int, *, before: int | None = None, size: int = 20
) -> Page:
    """The account's history by keyset: lines recorded before the transfer *before*."""
    asked = {"account": account_id, "before": before, "most": size + 1}
    rows = session.execute(_NEWEST if before is None else _EARLIER, asked).all()
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
