"""The audit log: who did what to whom, when and why. Append-only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, Index, String, and_, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from rewards.act import Act, Actor
from rewards.bulk import Writer
from rewards.db import Base, BigId
from rewards.immutable import frozen
from rewards.procedures import Inserting


@frozen()
class AuditEntry(Base):
    """One act that moved points, changed a right or opened personal data.

    It concerns one community, or a programme as a whole, or (an act of the operator's) neither.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "community_id", "id"),
        # What concerns a programme as a whole is found by it; nearly all concerns a community.
        Index(
            None,
            "programme_id",
            "id",
            sqlite_where=text("community_id IS NULL"),
            postgresql_where=text("community_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40))
    actor_name: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    community_id: Mapped[int | None] = mapped_column(BigId)
    programme_id: Mapped[int | None] = mapped_column(BigId)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    act: Act,
    action: str,
    subject: str,
    *,
    community_id: int | None = None,
    programme_id: int | None = None,
    **detail: Any,
) -> None:
    """Note that *act*'s actor did *action* (``card.block``) to *subject* (``card:17``)."""
    act.session.add(
        AuditEntry(
            at=act.now,
            actor=act.actor.reference,
            actor_name=act.actor.name,
            action=action,
            subject=subject,
            community_id=community_id,
            programme_id=programme_id,
            detail=detail,
        )
    )


class Noted(NamedTuple):
    """An entry for :func:`record_all`, as :func:`record` takes it."""

    actor: Actor
    at: datetime
    action: str
    subject: str
    community_id: int | None
    programme_id: int | None
    detail: dict[str, Any]


ENTRY = Inserting(
    "audit_entry",
    {
        "at": "timestamptz",
        "actor": "text",
        "actor_name": "text",
        "action": "text",
        "subject": "text",
        "community_id": "bigint",
        "programme_id": "bigint",
        "detail": "json",
    },
)


def record_all(writer: Writer, entries: Sequence[Noted]) -> None:
    """Note many acts in one statement."""
    ENTRY.write(
        writer,
        [
            {
                "at": writer.moment(entry.at),
                "actor": entry.actor.reference,
                "actor_name": entry.actor.name,
                "action": entry.action,
                "subject": entry.subject,
                "community_id": entry.community_id,
                "programme_id": entry.programme_id,
                "detail": entry.detail,
            }
            for entry in entries
        ],
    )


@dataclass(frozen=True)
class Filter:
    """Which entries to read: of a community, and with *programme_id* those of its programme.

    ``family`` is the part of an action before its dot; ``who`` part of a name or a whole
    reference; ``since`` and ``until`` bound the moment, the second not included.
    """

    community_id: int
    programme_id: int | None = None
    family: str = ""
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> Iterator[ColumnElement[bool]]:
        """What a row must fulfil."""
        here = AuditEntry.community_id == self.community_id
        if self.programme_id is not None:
            whole = and_(
                AuditEntry.programme_id == self.programme_id, AuditEntry.community_id.is_(None)
            )
            here = or_(here, whole)
        yield here
        if self.family:
            yield AuditEntry.action.startswith(f"{self.family}.", autoescape=True)
        if self.who:
            named = func.lower(AuditEntry.actor_name).contains(self.who.lower(), autoescape=True)
            yield or_(named, AuditEntry.actor == self.who)
        if self.since is not None:
            yield AuditEntry.at >= self.since
        if self.until is not None:
            yield AuditEntry.at < self.until


@dataclass(frozen=True)
class Page:
    """Entries, the newest first; ``before`` asks for the next page, None at the end."""

    entries: list[AuditEntry]
    before: int | None


def page(act: Act, wanted: Filter, *, before: int | None = None, size: int = 50) -> Page:
    """One page of the log by keyset."""
    rows = select(AuditEntry).where(*wanted.clauses())
    if before is not None:
        rows = rows.where(AuditEntry.id < before)
    found = list(act.session.scalars(rows.order_by(AuditEntry.id.desc()).limit(size + 1)))
    return Page(found[:size], found[size - 1].id if len(found) > size else None)


def every(act: Act, wanted: Filter) -> Iterator[AuditEntry]:
    """All entries that match, the newest first, read as they are used."""
    rows = select(AuditEntry).where(*wanted.clauses()).order_by(AuditEntry.id.desc())
    yield from act.session.scalars(rows.execution_options(yield_per=500))
