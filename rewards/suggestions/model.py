"""A suggestion, the history of what became of it, and its photos."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.immutable import frozen
from rewards.residents import Resident


class Category(StrEnum):
    """What a suggestion is about."""

    ENVIRONMENT = "environment"
    SAFETY = "safety"
    FACILITIES = "facilities"
    SERVICE = "service"
    CULTURE = "culture"
    OTHER = "other"


class Channel(StrEnum):
    """How it reached the office: by the resident's own hand, or taken down by the desk."""

    ONLINE = "online"
    DESK = "desk"
    PHONE = "phone"


class Status(StrEnum):
    """Where a suggestion is: sent → accepted → adopted → solved; refused ends the first two."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ADOPTED = "adopted"
    SOLVED = "solved"


class What(StrEnum):
    """What a step of the history did."""

    SENT = "sent"
    EDITED = "edited"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ANSWERED = "answered"
    ADOPTED = "adopted"
    SOLVED = "solved"
    REVERSED = "reversed"


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Suggestion(Base):
    """An idea or a reported problem of one resident's.

    ``key`` is the form's: a form sent twice is one suggestion. ``public_title`` is what the
    office wrote for the public board when it adopted; the resident's own words, name and
    place are never public, the photos only if ``photos_public``. ``adoptions`` counts how often
    it was adopted, since an adoption can be taken back.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint("resident_id", "key"),
        _one_of("status", Status),
        _one_of("category", Category),
        _one_of("channel", Channel),
        CheckConstraint(
            "status NOT IN ('adopted', 'solved') OR "
            "(adopted_at IS NOT NULL AND public_title <> '')",
            name="adopted_has_title",
        ),
        Index(None, "community_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    key: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(2000))
    place: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[str] = mapped_column(String(10), default=Status.SENT.value)
    sent_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    adoptions: Mapped[int] = mapped_column(default=0)
    public_title: Mapped[str] = mapped_column(String(60), default="")
    photos_public: Mapped[bool] = mapped_column(default=False)

    community: Mapped[Community] = relationship()
    resident: Mapped[Resident] = relationship()
    steps: Mapped[list["SuggestionStep"]] = relationship(order_by="SuggestionStep.id")
    photos: Mapped[list["Photo"]] = relationship(back_populates="suggestion", order_by="Photo.id")

    @property
    def number(self) -> str:
        """What residents and staff call it by: S000123."""
        return f"S{self.id:06d}"


@frozen()
class SuggestionStep(Base):
    """One thing done about a suggestion. Only ever added.

    ``words`` are what its author is told; of an edit, the text as it was before.
    """

    __tablename__ = "suggestion_step"
    __table_args__ = (_one_of("what", What),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestion.id"), index=True)
    what: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(40))
    actor_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(String(2000), default="")

    @property
    def by_resident(self) -> bool:
        """Whether its author did it; to them, anyone else is the desk."""
        return self.actor.startswith("resident:")


class Photo(Base):
    """A photo as it is kept: always a JPEG, shrunk, without anything but the picture.

    ``name`` is random and is its file's name; what the sender called it is not kept.
    ``size`` is in bytes.
    """

    __tablename__ = "suggestion_photo"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0 AND size > 0", name="not_empty"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestion.id"), index=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]

    suggestion: Mapped[Suggestion] = relationship(back_populates="photos")
