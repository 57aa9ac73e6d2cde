"""A preview, and its line for each resident."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards.db import Base, BigId
from rewards.residents import Resident
from rewards.schemes.drafts import Draft

# One that hasn't moved for so long was given up: its process ended.
STALE = timedelta(minutes=2)


class Status(StrEnum):
    """Where a preview is; one that another of the same draft took the place of keeps no result."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Preview(Base):
    """A draft, as it was at ``revision``, over the acts of the days from ``first`` to ``last``.

    ``done`` of ``acts`` have been evaluated, the last at ``moved_at``. ``result`` is what
    :class:`~rewards.previews.comparing.Comparison` found.
    """

    __tablename__ = "scheme_preview"
    __table_args__ = (
        CheckConstraint(
            "status IN ('running', 'done', 'failed', 'superseded')", name="status_known"
        ),
        CheckConstraint("(status = 'done') = (result IS NOT NULL)", name="done_with_result"),
        CheckConstraint("last >= first", name="last_after_first"),
        Index(None, "draft_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("scheme_draft.id"))
    revision: Mapped[int]
    first: Mapped[date]
    last: Mapped[date]
    status: Mapped[str] = mapped_column(String(10), default=Status.RUNNING.value)
    acts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    draft: Mapped[Draft] = relationship()

    def is_stale(self, now: datetime) -> bool:
        """Whether nobody works on it any more, though it isn't done."""
        return self.status == Status.RUNNING and now - self.moved_at > STALE

    def works(self, now: datetime) -> bool:
        """Whether it is being worked on."""
        return self.status == Status.RUNNING and not self.is_stale(now)


class PreviewLine(Base):
    """What one resident was given in the period, and what the draft would have given.

    ``over`` is what of it the wallet would have no room for, beside what it holds today.
    """

    __tablename__ = "scheme_preview_line"
    __table_args__ = (Index(None, "preview_id", "change"),)

    preview_id: Mapped[int] = mapped_column(
        ForeignKey("scheme_preview.id", ondelete="CASCADE"), primary_key=True
    )
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True)
    acts: Mapped[int]
    was: Mapped[int] = mapped_column(BigId)
    would: Mapped[int] = mapped_column(BigId)
    change: Mapped[int] = mapped_column(BigId)
    over: Mapped[int] = mapped_column(BigId, default=0)

    resident: Mapped[Resident] = relationship()
