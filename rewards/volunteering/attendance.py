"""Who was at an event, and from when to when, as the cards at its door tell it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.forms import plain
from rewards.residents import Resident
from rewards.volunteering.complaints.model import Complaint, kept
from rewards.volunteering.complaints.model import Status as ComplaintStatus
from rewards.volunteering.events import Event


class Way(StrEnum):
    """How it is known that somebody was there."""

    SCANNED = "scanned"
    TYPED = "typed"
    BACK_FILLED = "back-filled"

    @classmethod
    def read_by(cls, scanned: str) -> "Way":
        """Told by the text: the QR code holds an address, which nobody types."""
        return cls.SCANNED if "://" in plain(scanned) else cls.TYPED


class Attendance(Base):
    """One resident at one event. A back-filled line has no times, only corrected minutes."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("event_id", "resident_id"),
        CheckConstraint(
            "(in_way = 'back-filled' AND in_at IS NULL) OR "
            "(in_way IN ('scanned', 'typed') AND in_at IS NOT NULL)",
            name="in_way_known",
        ),
        CheckConstraint(
            "(out_way IS NULL AND out_at IS NULL) OR "
            "(out_way IN ('scanned', 'typed') AND out_at IS NOT NULL)",
            name="out_way_known",
        ),
        CheckConstraint("out_at IS NULL OR out_at >= in_at", name="in_before_out"),
        Index(None, "resident_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    in_at: Mapped[datetime | None]
    in_way: Mapped[str] = mapped_column(String(12))
    out_at: Mapped[datetime | None]
    out_way: Mapped[str | None] = mapped_column(String(12))

    event: Mapped[Event] = relationship()
    resident: Mapped[Resident] = relationship()
    corrections: Mapped[list["Correction"]] = relationship(
        order_by="Correction.id", lazy="selectin", back_populates="attendance"
    )
    complaints: Mapped[list[Complaint]] = relationship(
        order_by=Complaint.id, lazy="selectin", back_populates="attendance"
    )

    @property
    def back_filled(self) -> bool:
        return self.in_way == Way.BACK_FILLED

    @property
    def out_missing(self) -> bool:
        """Checked in and never out: what the sheet flags."""
        return self.in_at is not None and self.out_at is None

    @property
    def measured(self) -> int:
        """The minutes that the door saw within the event's own span."""
        return measured(self.in_at, self.out_at, self.event.starts_at, self.event.ends_at)

    @property
    def correction(self) -> "Correction | None":
        """The correction that counts: the last."""
        return self.corrections[-1] if self.corrections else None

    @property
    def minutes(self) -> int:
        """The minutes that count, never more than the event lasted."""
        last = self.correction
        return counted(self.measured, last.minutes if last else None, self.event.minutes)

    @property
    def complaint(self) -> Complaint | None:
        """The complaint that stands, whether it is open or upheld; there is one at most."""
        stands = (ComplaintStatus.RECORDED, ComplaintStatus.UPHELD)
        return next((c for c in self.complaints if c.status in stands), None)

    @property
    def questioned(self) -> bool:
        """Whether a complaint waits to be decided."""
        found = self.complaint
        return found is not None and found.status == ComplaintStatus.RECORDED

    @property
    def upheld(self) -> Complaint | None:
        """The complaint that was upheld."""
        found = self.complaint
        return found if found is not None and found.status == ComplaintStatus.UPHELD else None

    @property
    def served(self) -> int:
        """The minutes that count as hours served: what an upheld complaint leaves of them."""
        return kept(self.minutes, self.upheld.hours_kept if self.upheld else None)

    @property
    def needs_attestation(self) -> bool:
        """Whether it counts minutes that no door saw and no second person has confirmed."""
        last = self.correction
        return last is not None and last.attested_by is None and self.minutes > self.measured


class Correction(Base):
    """Minutes put in place of those measured, by whom and why. Added to, never changed.

    ``attested_by`` is the second person, who confirmed just this correction.
    """

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("attested_by IS NULL OR attested_by <> by", name="second_person"),
        CheckConstraint("(attested_by IS NULL) = (attested_at IS NULL)", name="attested_whole"),
        Index(None, "attendance_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attendance_id: Mapped[int] = mapped_column(ForeignKey("attendance.id"))
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(40))
    by_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    attested_by: Mapped[str | None] = mapped_column(String(40))
    attested_by_name: Mapped[str | None] = mapped_column(String(100))
    attested_at: Mapped[datetime | None]

    attendance: Mapped[Attendance] = relationship(back_populates="corrections")


def measured(
    in_at: datetime | None, out_at: datetime | None, starts_at: datetime, ends_at: datetime
) -> int:
    """The minutes from in to out that fall within the span of an event."""
    if in_at is None or out_at is None:
        return 0
    return max(0, int((min(out_at, ends_at) - max(in_at, starts_at)) / timedelta(minutes=1)))


def counted(measured: int, corrected: int | None, longest: int) -> int:
    """The minutes that count of those measured or put in their place."""
    return measured if corrected is None else min(corrected, longest)


def find(act: Act, event: Event, resident: Resident) -> Attendance | None:
    """The resident's line at the event."""
    return act.session.scalar(
        select(Attendance).where(
            Attendance.event_id == event.id, Attendance.resident_id == resident.id
        )
    )


def load(act: Act, event: Event, attendance_id: int) -> Attendance:
    """The line of that id, if it is the event's.

    Raises:
        NotFound: there is none, or it is another event's.
    """
    line = act.session.get(Attendance, attendance_id)
    if line is None or line.event_id != event.id:
        raise NotFound
    return line


def of_event(act: Act, event: Event) -> Sequence[Attendance]:
    """Everyone who was there, in the order that they came."""
    return act.session.scalars(
        select(Attendance)
        .where(Attendance.event_id == event.id)
        .order_by(Attendance.id)
        .options(joinedload(Attendance.resident))
    ).all()
