"""What the ledger keeps of months that left it for an archive file."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from rewards.db import Base, BigId
from rewards.immutable import frozen


@frozen()
class Archive(Base):
    """Transfers ``first_id`` to ``last_id`` are in a file; only what is named here may be deleted.

    They were the leaves ``first_leaf`` to ``last_leaf`` of the seals' tree, whole tiles always,
    the last one recorded at ``recorded_through``. ``sha256`` is the file's, ``checkpoint`` the
    signed one that it was proved against.
    """

    __tablename__ = "archive"
    __table_args__ = (
        CheckConstraint("first_id <= last_id AND first_leaf <= last_leaf", name="in_order"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    first_id: Mapped[int] = mapped_column(BigId, unique=True)
    last_id: Mapped[int] = mapped_column(BigId, unique=True)
    first_leaf: Mapped[int] = mapped_column(BigId, unique=True)
    last_leaf: Mapped[int] = mapped_column(BigId, unique=True)
    recorded_through: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    checkpoint: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


@frozen()
class ArchivedAccount(Base):
    """What the transfers of one archive changed an account by, carried into its balance."""

    __tablename__ = "archived_account"
    __table_args__ = (CheckConstraint("transfers > 0", name="transfers_positive"),)

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    archive_id: Mapped[int] = mapped_column(
        ForeignKey("archive.id"), primary_key=True, autoincrement=False
    )
    change: Mapped[int] = mapped_column(BigId)
    transfers: Mapped[int] = mapped_column(BigId)


@frozen()
class ArchivedLot(Base):
    """What the transfers of one archive changed a lot by, carried into what remains of it."""

    __tablename__ = "archived_lot"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, autoincrement=False)
    archive_id: Mapped[int] = mapped_column(
        ForeignKey("archive.id"), primary_key=True, autoincrement=False
    )
    change: Mapped[int] = mapped_column(BigId)


def last_archived(session: Session) -> int:
    """The id of the last transfer that is in an archive; 0 before there is any."""
    return session.scalar(select(func.max(Archive.last_id))) or 0


def archived_through(session: Session, account_id: int | None = None) -> datetime | None:
    """When the last archived transfer (of the account, if one is given) was recorded, or later."""
    query = select(func.max(Archive.recorded_through))
    if account_id is not None:
        query = query.join(ArchivedAccount, ArchivedAccount.archive_id == Archive.id).where(
            ArchivedAccount.account_id == account_id
        )
    return session.scalar(query)


def every(session: Session) -> list[Archive]:
    """All archives, the newest first."""
    return list(session.scalars(select(Archive).order_by(Archive.id.desc())))
