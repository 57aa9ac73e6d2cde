"""A recorded act: who did what and when, who recorded it, and who decided."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.act import Act
from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.errors import NotFound
from rewards.residents import Resident
from rewards.schemes.rules import Source
from rewards.staff import Staff

LONGEST_REASON, LONGEST_PLACE, LONGEST_NOTE = 200, 100, 2000

# What an award says it is for; the number is that of the resident's part in the act.
SOURCE = "deed"


class Kind(StrEnum):
    """What was done; a deduction is for what should not have been."""

    PHOTO_REPORT = "photo_report"
    REFERRAL = "referral"
    VISIT = "visit"
    TEAM = "team"
    MANUAL = "manual"
    DEDUCTION = "deduction"

    @property
    def source(self) -> Source:
        """The source of points that rules pay for such an act; a deduction has none."""
        return Source(self.value)


class Status(StrEnum):
    """Where an act is: recorded by one person, then decided by another."""

    RECORDED = "recorded"
    APPROVED = "approved"
    REFUSED = "refused"


class RecordedDeed(Base):
    """One act, of one resident or several, as it was recorded.

    ``deduction`` is the key of what the scheme takes points for; ``note`` is what a meeting
    decided about a team. A resident is the one that was referred once.
    """

    __tablename__ = "recorded_deed"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('photo_report', 'referral', 'visit', 'team', 'manual', 'deduction')",
            name="kind_known",
        ),
        CheckConstraint("status IN ('recorded', 'approved', 'refused')", name="status_known"),
        CheckConstraint("(kind = 'referral') = (referred_id IS NOT NULL)", name="referred_named"),
        CheckConstraint("(kind = 'deduction') = (deduction <> '')", name="deduction_named"),
        CheckConstraint("kind <> 'team' OR note <> ''", name="meeting_noted"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("minutes >= 0 AND items >= 0", name="quantities_not_negative"),
        CheckConstraint(
            "status = 'refused' OR decided_by_id IS NULL OR decided_by_id <> recorded_by_id",
            name="second_person",
        ),
        CheckConstraint(
            "(status = 'recorded') = (decided_by_id IS NULL) AND "
            "(status = 'recorded') = (decided_at IS NULL)",
            name="decided_whole",
        ),
        CheckConstraint("(status = 'refused') = (refused_because <> '')", name="refused_because"),
        Index(None, "community_id", "id"),
        Index(
            "uq_recorded_deed_referred",
            "referred_id",
            unique=True,
            sqlite_where=text("status <> 'refused'"),
            postgresql_where=text("status <> 'refused'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[str] = mapped_column(String(12))
    happened_at: Mapped[datetime]
    service: Mapped[str | None] = mapped_column(String(40))
    grade: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str | None] = mapped_column(String(40))
    minutes: Mapped[int] = mapped_column(default=0)
    items: Mapped[int] = mapped_column(default=0)
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE), default="")
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    note: Mapped[str] = mapped_column(Text, default="")
    referred_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    deduction: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(10))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    refused_because: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")

    community: Mapped[Community] = relationship()
    referred: Mapped[Resident | None] = relationship()
    recorded_by: Mapped[Staff] = relationship(foreign_keys=[recorded_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])
    doers: Mapped[list["Doer"]] = relationship(
        order_by="Doer.id", lazy="selectin", back_populates="deed"
    )

    def local(self, moment: datetime) -> datetime:
        """*moment* on the programme's clock."""
        return moment.astimezone(ZoneInfo(self.community.programme.timezone))


class Doer(Base):
    """One resident's part in a recorded act; an award for it names its id."""

    __tablename__ = "deed_doer"
    __table_args__ = (UniqueConstraint("deed_id", "resident_id"), Index(None, "resident_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    deed_id: Mapped[int] = mapped_column(ForeignKey("recorded_deed.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))

    deed: Mapped[RecordedDeed] = relationship(back_populates="doers")
    resident: Mapped[Resident] = relationship(lazy="joined")


class Deduction(Base):
    """Points taken from one resident for an approved act, once.

    ``points`` is what the version ``scheme_id`` asks for, ``taken`` what was there, ``owed``
    what of the rest is recorded as such. ``name`` is what the scheme called it, in both
    languages.
    """

    __tablename__ = "deduction"
    __table_args__ = (
        CheckConstraint("points > 0 AND taken >= 0 AND owed >= 0", name="not_negative"),
        CheckConstraint("taken + owed <= points", name="within_points"),
        CheckConstraint("(taken > 0) = (transfer_id IS NOT NULL)", name="moved_if_any"),
        CheckConstraint("(owed > 0) = (owed_id IS NOT NULL)", name="owed_if_any"),
        CheckConstraint("(given_back_at IS NULL) = (given_back_because = '')", name="given_back"),
    )

    doer_id: Mapped[int] = mapped_column(
        ForeignKey("deed_doer.id"), primary_key=True, autoincrement=False
    )
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    points: Mapped[int] = mapped_column(BigId)
    taken: Mapped[int] = mapped_column(BigId)
    owed: Mapped[int] = mapped_column(BigId)
    transfer_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    owed_id: Mapped[int | None] = mapped_column(ForeignKey("owed.id"), unique=True)
    given_back_at: Mapped[datetime | None]
    given_back_because: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")

    doer: Mapped[Doer] = relationship()


def load(act: Act, deed_id: int, community_id: int) -> RecordedDeed:
    """The recorded act of that id, if it is the community's."""
    deed = act.session.get(RecordedDeed, deed_id)
    if deed is None or deed.community_id != community_id:
        raise NotFound
    return deed


def lock(act: Act, deed: RecordedDeed) -> None:
    """Hold the act's row until the commit and read it anew: it is decided once.

    Always taken before an operation's key, so that two steps never wait for each other.
    """
    act.session.refresh(deed, with_for_update=True)


def deductions_by_transfer(act: Act, transfer_ids: list[int]) -> dict[int, Deduction]:
    """The deductions behind these lines of a statement, by the id of their transfer."""
    rows = act.session.scalars(select(Deduction).where(Deduction.transfer_id.in_(transfer_ids)))
    return {d.transfer_id: d for d in rows if d.transfer_id is not None}
