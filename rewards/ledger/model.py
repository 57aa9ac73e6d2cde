"""What the ledger keeps. Every amount is an integer in the programme's smallest unit."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    case,
    exists,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from rewards.db import Base, BigId
from rewards.immutable import frozen
from rewards.referring import kept, reference, referring

# "Never" is a date too: it sorts last, and lots stay one kind of row.
NEVER = date(9999, 12, 31)
# Points that lapse when their wallet rests too long: ``Balance.lapses_on`` says when.
IDLE = date(9998, 12, 31)

WALLET, MERCHANT, ISSUER, EXPIRED = "wallet", "merchant", "issuer", "expired"
CAUSE = "cause"

ACCRUAL, REDEMPTION, VOID, REVERSAL = "accrual", "redemption", "void", "reversal"
EXPIRY, DEDUCTION = "expiry", "deduction"
GIFT, GIFT_RETURN = "gift", "gift_return"


@kept
class Account(Base):
    """A place points can be: a resident's wallet, a merchant, a cause, the issuer.

    Only wallets have a floor, and so a :class:`Balance`. The others are append-only: their
    balance is the sum of their transfers, so that a busy shop is never a hot row.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int | None] = mapped_column(BigId, index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(100))


class Balance(Base):
    """A wallet's running total, rebuilt and compared by ``verify``.

    ``posted`` is all that the wallet owns, ``held`` the part that is set aside. Points of the
    ``IDLE`` lot can be spent through ``lapses_on``, which moves ``idle_months`` ahead whenever
    the wallet earns or spends; both are empty where there never were such points.
    """

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("posted >= held AND held >= 0", name="floor"),
        CheckConstraint("(idle_months IS NULL) = (lapses_on IS NULL)", name="idle_together"),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    posted: Mapped[int] = mapped_column(BigId, default=0)
    held: Mapped[int] = mapped_column(BigId, default=0)
    idle_months: Mapped[int | None]
    lapses_on: Mapped[date | None] = mapped_column(Date)


@frozen(once="answer")
class OperationRow(Base):
    """An act that moved points, under its idempotency key; never pruned.

    The transfers of one operation stand or fall together. ``answer`` is what the first
    execution answered, and what every repeat is told.
    """

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    scope: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


@frozen(archived="id")
@referring(operation_id="operation", debit_id="account", credit_id="account")
class Transfer(Base):
    """One immutable row is the whole double entry: an unbalanced one can't be written.

    What refers to a transfer by a plain number outlives it: old ones move to an archive, and
    ``verify`` sees that the number is either here or there.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        reference("operation_id", "operation"),
        reference("debit_id", "account"),
        reference("credit_id", "account"),
        Index(None, "debit_id", "id"),
        Index(None, "credit_id", "id"),
        # Few transfers undo another: the others needn't be found, nor kept, by it.
        Index(
            None,
            "reverses_id",
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(12))
    debit_id: Mapped[int] = mapped_column(BigId)
    credit_id: Mapped[int] = mapped_column(BigId)
    amount: Mapped[int] = mapped_column(BigId)
    reverses_id: Mapped[int | None] = mapped_column(BigId)
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))


@kept
class Lot(Base):
    """A wallet's unspent points of one expiry date (the last day they can be spent)."""

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("account_id", "expires_on"),
        CheckConstraint("remaining >= 0", name="remaining_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_on: Mapped[date] = mapped_column(Date)
    remaining: Mapped[int] = mapped_column(BigId)


def last_day() -> ColumnElement[date]:
    """The last day that a lot's points can be spent, beside a :class:`Lot` in a query.

    That of idle points is their wallet's, as things stand.
    """
    lapses_on = (
        select(Balance.lapses_on)
        .where(Balance.account_id == Lot.account_id)
        .correlate(Lot)
        .scalar_subquery()
    )
    return case((Lot.expires_on == IDLE, lapses_on), else_=Lot.expires_on)


@frozen(archived="transfer_id")
@referring(transfer_id="transfer", lot_id="lot")
class LotEntry(Base):
    """What one transfer put into a lot (positive) or took from it (negative); immutable."""

    __tablename__ = "lot_entry"
    __table_args__ = (
        CheckConstraint("change <> 0", name="change_not_zero"),
        reference("transfer_id", "transfer"),
        reference("lot_id", "lot"),
    )

    transfer_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    change: Mapped[int] = mapped_column(BigId)


class Reversed(Base):
    """How much of a transfer has been undone; the CHECK keeps it within the original."""

    __tablename__ = "reversed"
    __table_args__ = (CheckConstraint("total > 0 AND total <= amount", name="within_original"),)

    transfer_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigId)
    total: Mapped[int] = mapped_column(BigId)


@frozen()
class Owed(Base):
    """Points that should have been taken but were spent already; immutable.

    ``transfer_id`` is the award that was to be taken back; a deduction has none.
    """

    __tablename__ = "owed"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    transfer_id: Mapped[int | None] = mapped_column(BigId)
    amount: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(200))


@frozen()
class Waived(Base):
    """A debt that stands no more, because what it was for was a mistake; immutable."""

    __tablename__ = "waived"

    owed_id: Mapped[int] = mapped_column(
        ForeignKey("owed.id"), primary_key=True, autoincrement=False
    )
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))


def still_owed() -> ColumnElement[bool]:
    """Whether a debt stands, beside an :class:`Owed` in a query."""
    return ~exists().where(Waived.owed_id == Owed.id)
