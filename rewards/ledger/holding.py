"""Points set aside, as rows: they leave their lots at once, so that no expiry can reach them.

A hold is ended once, by a row: captured (whole or in part), released, or timed out. What was
not captured returns to the very lots that it came from.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from rewards.among import among
from rewards.db import Base, BigId, table
from rewards.immutable import frozen
from rewards.ledger.model import Balance
from rewards.ledger.rows import change_lots

# The wallets that hold anything are few among many; overdue holds are looked for there.
Index(
    "ix_balance_held",
    Balance.__table__.c.account_id,
    sqlite_where=text("held > 0"),
    postgresql_where=text("held > 0"),
)


class Ending(StrEnum):
    """How a hold ended."""

    CAPTURED = "captured"
    RELEASED = "released"
    TIMED_OUT = "timed_out"


@frozen()
class Hold(Base):
    """Points of a wallet set aside for another account until a moment; immutable."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("account_id <> to_id", name="two_accounts"),
        CheckConstraint("until > placed_at", name="until_later"),
        Index(None, "account_id", "until"),
        Index(None, "to_id", "until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount: Mapped[int] = mapped_column(BigId)
    placed_at: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))


@frozen()
class HoldLot(Base):
    """What a hold took from one lot; immutable."""

    __tablename__ = "hold_lot"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"), Index(None, "lot_id"))

    hold_id: Mapped[int] = mapped_column(
        ForeignKey("hold.id"), primary_key=True, autoincrement=False
    )
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigId)


@frozen()
class HoldEnd(Base):
    """How a hold ended, once and for all: its key is the hold's.

    A time-out is nobody's act and moves no points, so it alone has no operation.
    """

    __tablename__ = "hold_end"
    __table_args__ = (
        CheckConstraint("outcome IN ('captured', 'released', 'timed_out')", name="outcome_known"),
        CheckConstraint(
            "captured >= 0 AND (outcome = 'captured') = (captured > 0)", name="captured_some"
        ),
        CheckConstraint("(captured > 0) = (transfer_id IS NOT NULL)", name="captured_moved"),
        CheckConstraint("(outcome = 'timed_out') = (operation_id IS NULL)", name="acted_on"),
    )

    hold_id: Mapped[int] = mapped_column(
        ForeignKey("hold.id"), primary_key=True, autoincrement=False
    )
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operation.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    captured: Mapped[int] = mapped_column(BigId)
    transfer_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    ended_at: Mapped[datetime]


def not_ended() -> ColumnElement[bool]:
    """The holds without an end, whether or not their time is over."""
    return ~select(HoldEnd.hold_id).where(HoldEnd.hold_id == Hold.id).exists()


_LOCK_HOLDING = (
    select(Balance.account_id)
    .where(among(Balance.account_id.expression, "wallets"), Balance.held > 0)
    .order_by(Balance.account_id)
    .with_for_update()
)
_OVERDUE = select(Hold.id, Hold.account_id, Hold.amount).where(
    among(Hold.account_id.expression, "wallets"), Hold.until <= bindparam("now"), not_ended()
)
_SUMS = (
    select(HoldLot.lot_id, func.sum(HoldLot.amount))
    .where(among(HoldLot.hold_id.expression, "holds"))
    .group_by(HoldLot.lot_id)
)
_BALANCE = table(Balance)
_CHANGE_HELD = (
    update(_BALANCE)
    .where(_BALANCE.c.account_id == bindparam("wallet"))
    .values(held=_BALANCE.c.held + bindparam("by"))
)
INSERT_END = insert(table(HoldEnd))


def release_overdue(session: Session, wallet_ids: Sequence[int], now: datetime) -> int:
    """Return to these wallets what was set aside until *now* or earlier; how many holds ended.

    Whoever spends from a wallet calls it first, so that nobody depends on the job. It locks
    the wallets that hold anything, in order.
    """
    holding = session.scalars(_LOCK_HOLDING, {"wallets": wallet_ids}).all()
    if not holding:
        return 0
    rows = session.execute(_OVERDUE, {"wallets": holding, "now": now}).all()
    if not rows:
        return 0
    held: dict[int, int] = {}
    for row in rows:
        held[row.account_id] = held.get(row.account_id, 0) - row.amount
    sums = session.execute(_SUMS, {"holds": [row.id for row in rows]})
    move_held(session, {lot_id: int(total) for lot_id, total in sums}, held)
    end = {"outcome": Ending.TIMED_OUT, "captured": 0, "ended_at": now}
    session.connection().execute(INSERT_END, [{"hold_id": row.id, **end} for row in rows])
    return len(rows)


def move_held(session: Session, lots: dict[int, int], held: dict[int, int]) -> None:
    """Change lots (by id) and what wallets hold (by account); what they own stays the same."""
    change_lots(session, lots)
    session.connection().execute(
        _CHANGE_HELD,
        [{"wallet": wallet_id, "by": change} for wallet_id, change in sorted(held.items())],
    )
