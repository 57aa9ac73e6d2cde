"""A complaint about a resident's service at one event, and what was decided about it."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.db import Base, BigId
from rewards.staff import Staff

if TYPE_CHECKING:  # which knows this module
    from rewards.volunteering.attendance import Attendance

LONGEST_REASON = 200

# Shares of the time served are kept in ten-thousandths, as fine as a scheme's numbers.
WHOLE = 10_000

STANDS = "status IN ('recorded', 'upheld')"


class Status(StrEnum):
    """Where a complaint is. One that was upheld by mistake is lifted, never edited."""

    RECORDED = "recorded"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    LIFTED = "lifted"


class Complaint(Base):
    """One complaint; of an attendance at most one is open or upheld at a time.

    ``finding`` is why it was upheld or dismissed. Once upheld, ``hours_kept`` says how many
    ten-thousandths of the time served still count, ``taken`` and ``owed`` which points of an
    award were taken back, and ``because`` is the arithmetic of what is left of that award.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint(
            "status IN ('recorded', 'upheld', 'dismissed', 'lifted')", name="status_known"
        ),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> recorded_by_id", name="second_person"
        ),
        CheckConstraint(
            "(status = 'recorded') = (decided_by_id IS NULL) AND "
            "(status = 'recorded') = (decided_at IS NULL) AND "
            "(status = 'recorded') = (finding = '')",
            name="decided_whole",
        ),
        CheckConstraint(
            "(status IN ('upheld', 'lifted')) = (hours_kept IS NOT NULL)", name="upheld_whole"
        ),
        CheckConstraint("hours_kept BETWEEN 0 AND 10000", name="share_of_hours"),
        CheckConstraint(
            "taken >= 0 AND owed >= 0 AND (hours_kept IS NOT NULL OR taken + owed = 0)",
            name="taken_if_upheld",
        ),
        CheckConstraint(
            "(status = 'lifted') = (lifted_by_id IS NOT NULL) AND "
            "(status = 'lifted') = (lifted_at IS NOT NULL) AND "
            "(status = 'lifted') = (lifted_because <> '')",
            name="lifted_whole",
        ),
        CheckConstraint(
            "lifted_by_id IS NULL OR lifted_by_id <> decided_by_id", name="lifted_by_another"
        ),
        Index(None, "attendance_id", "id"),
        Index(
            "uq_complaint_stands",
            "attendance_id",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    status: Mapped[str] = mapped_column(String(10), default=Status.RECORDED.value)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    finding: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    hours_kept: Mapped[int | None]
    taken: Mapped[int] = mapped_column(BigId, default=0)
    owed: Mapped[int] = mapped_column(BigId, default=0)
    because: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")

    attendance: Mapped["Attendance"] = relationship(back_populates="complaints")
    recorded_by: Mapped[Staff] = relationship(foreign_keys=[recorded_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])
    lifted_by: Mapped[Staff | None] = relationship(foreign_keys=[lifted_by_id])


def kept(minutes: int, share: int | None) -> int:
    """What a share of ten-thousandths leaves of so many minutes; all of it without a share."""
    return minutes if share is None else minutes * share // WHOLE
