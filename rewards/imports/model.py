"""What is kept of an import: the batch for good, its lines only until it is decided."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.residents import Resident


class BatchStatus(StrEnum):
    """Where an import is: being checked, registered, or thrown away."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class Fate(StrEnum):
    """What will become of a line when the import is confirmed, or why nothing can."""

    NEW = "new"
    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    BAD_PHONE = "bad_phone"
    UNKNOWN_TAG = "unknown_tag"
    TWICE = "twice"
    REGISTERED = "registered"
    SKIPPED = "skipped"


PROBLEMS = frozenset(Fate) - {Fate.NEW, Fate.SKIPPED}


class Batch(Base):
    """One uploaded file of a community's residents.

    The counts stand for good: ``lines`` of the file, then, once confirmed, ``registered``,
    ``skipped`` and ``cards`` issued. ``ignored_columns`` are those whose names meant nothing.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'confirmed', 'discarded')", name="status_known"),
        CheckConstraint("(status = 'open') = (finished_at IS NULL)", name="finished_or_open"),
        Index(None, "community_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    filename: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), default=BatchStatus.OPEN.value)
    ignored_columns: Mapped[list[str]] = mapped_column(JSON)
    uploaded_by: Mapped[str] = mapped_column(String(40))
    uploaded_by_name: Mapped[str] = mapped_column(String(100))
    uploaded_at: Mapped[datetime]
    finished_by_name: Mapped[str] = mapped_column(String(100), default="")
    finished_at: Mapped[datetime | None]
    lines: Mapped[int]
    registered: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    cards: Mapped[int] = mapped_column(default=0)

    community: Mapped[Community] = relationship()

    @property
    def is_open(self) -> bool:
        return self.status == BatchStatus.OPEN


class ImportLine(Base):
    """One line of the file, as it was written there, and its fate.

    ``number`` is the row that a spreadsheet shows. ``phone`` is what ``typed_phone`` reads
    as, None if it can't be read; ``tags`` are the keys of the identities that it names, and
    ``unknown_tags`` are those that the rules don't know. Where the fate is a meeting with
    somebody, ``same_as`` is the earlier line's number, ``resident_id`` whom they are registered
    as.
    """

    __tablename__ = "import_line"
    __table_args__ = (UniqueConstraint("batch_id", "number"), Index(None, "batch_id", "fate"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    typed_phone: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(20))
    building: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    household: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    unknown_tags: Mapped[str] = mapped_column(Text, default="")
    fate: Mapped[str] = mapped_column(String(12))
    same_as: Mapped[int | None]
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))

    resident: Mapped[Resident | None] = relationship()
