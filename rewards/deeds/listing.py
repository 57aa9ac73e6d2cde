"""Recorded acts in lists, and what was done with one. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from rewards.act import Act
from rewards.audit import AuditEntry
from rewards.deeds.model import Doer, RecordedDeed, Status

PAGE = 20


@dataclass(frozen=True)
class Wanted:
    """Which acts to list; empty is any."""

    state: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Page:
    """Recorded acts, the newest first; ``before`` asks for the next page, None at the end."""

    deeds: Sequence[RecordedDeed]
    before: int | None


def of_community(act: Act, community_id: int, wanted: Wanted, *, before: int | None = None) -> Page:
    """A page of the community's recorded acts that match."""
    rows = select(RecordedDeed).where(RecordedDeed.community_id == community_id)
    if wanted.state:
        rows = rows.where(RecordedDeed.status == wanted.state)
    if wanted.kind:
        rows = rows.where(RecordedDeed.kind == wanted.kind)
    if before is not None:
        rows = rows.where(RecordedDeed.id < before)
    rows = rows.options(joinedload(RecordedDeed.recorded_by))
    found = act.session.scalars(rows.order_by(RecordedDeed.id.desc()).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def waiting(act: Act, community_id: int) -> int:
    """How many of the community's acts wait for a second person."""
    rows = select(func.count()).where(
        RecordedDeed.community_id == community_id, RecordedDeed.status == Status.RECORDED.value
    )
    return act.session.scalar(rows) or 0


def history(act: Act, deed: RecordedDeed) -> Sequence[AuditEntry]:
    """All that was done with the act, the earliest first."""
    rows = select(AuditEntry).where(AuditEntry.subject == f"deed:{deed.id}")
    return act.session.scalars(rows.order_by(AuditEntry.id)).all()


def doer(deed: RecordedDeed, doer_id: int) -> Doer | None:
    """The part of that id, if it is the act's."""
    return next((part for part in deed.doers if part.id == doer_id), None)
