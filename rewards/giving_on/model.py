"""Points given on, as rows beside the ledger's: who gave what to whom, and what was undone."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.db import Base, BigId
from rewards.donations.causes import Cause
from rewards.immutable import frozen
from rewards.residents import Resident
from rewards.staff import Staff

LONGEST_REASON = 200

# A slip is noticed at once. Later only the office can undo it, and only for so long.
SECOND_THOUGHTS = timedelta(minutes=10)
OFFICE_MAY = timedelta(days=7)


@frozen()
class PointsGift(Base):
    """Points that one resident gave to another or to a cause; immutable.

    ``reference`` is opaque: it stands for the gift on the receipt. ``day`` is the programme's, by
    which limits count; ``scheme_id`` the version that allowed it. ``recorded_by_id`` is who did
    it at the desk, for somebody who brought the card.
    """

    __tablename__ = "points_gift"
    __table_args__ = (
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("(receiver_id IS NULL) <> (cause_id IS NULL)", name="one_receiver"),
        CheckConstraint("receiver_id IS NULL OR receiver_id <> giver_id", name="not_oneself"),
        Index(None, "giver_id", "id"),
        Index(None, "receiver_id", "id"),
        Index(None, "cause_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("cause.id"))
    points: Mapped[int] = mapped_column(BigId)
    transfer_id: Mapped[int] = mapped_column(BigId, unique=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    day: Mapped[date] = mapped_column(Date)
    given_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    giver: Mapped[Resident] = relationship(foreign_keys=[giver_id], lazy="joined")
    receiver: Mapped[Resident | None] = relationship(foreign_keys=[receiver_id], lazy="joined")
    cause: Mapped[Cause | None] = relationship(lazy="joined")
    recorded_by: Mapped[Staff | None] = relationship()
    undone: Mapped["GiftUndone | None"] = relationship(lazy="joined")

    @property
    def to_name(self) -> str:
        """Who got it, as the giver may know: a neighbour's name is masked."""
        if self.receiver is not None:
            return self.receiver.masked_name
        return self.cause.title if self.cause is not None else ""


@frozen()
class GiftUndone(Base):
    """That a gift was undone, once, and the transfer that did it; immutable.

    ``undone_by_id`` is the member of staff; None was the giver, on second thoughts.
    """

    __tablename__ = "points_gift_undone"

    gift_id: Mapped[int] = mapped_column(
        ForeignKey("points_gift.id"), primary_key=True, autoincrement=False
    )
    transfer_id: Mapped[int] = mapped_column(BigId, unique=True)
    undone_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    because: Mapped[str] = mapped_column(String(LONGEST_REASON))

    undone_by: Mapped[Staff | None] = relationship()
