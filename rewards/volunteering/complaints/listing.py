"""Complaints in lists. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from rewards.act import Act
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.complaints.model import Complaint, Status
from rewards.volunteering.events import Event

SIZE = 20


@dataclass(frozen=True)
class Page:
    """Complaints, the newest first; ``before`` asks for the next page, None at the end."""

    complaints: Sequence[Complaint]
    before: int | None


def of_community(
    act: Act, community_id: int, status: Status | None, *, before: int | None = None
) -> Page:
    """One page of the community's complaints, of one status or all."""
    rows = _rows(community_id, status).options(
        contains_eager(Complaint.attendance).contains_eager(Attendance.event),
        contains_eager(Complaint.attendance).joinedload(Attendance.resident),
        joinedload(Complaint.recorded_by),
    )
    if before is not None:
        rows = rows.where(Complaint.id < before)
    found = act.session.scalars(rows.order_by(Complaint.id.desc()).limit(SIZE + 1)).all()
    return Page(found[:SIZE], found[SIZE - 1].id if len(found) > SIZE else None)


def waiting(act: Act, community_id: int) -> int:
    """How many of the community's complaints nobody has decided about."""
    rows = _rows(community_id, Status.RECORDED).subquery()
    return act.session.scalar(select(func.count()).select_from(rows)) or 0


def _rows(community_id: int, status: Status | None) -> Select[Complaint]:
    rows = select(Complaint).join(Complaint.attendance).join(Attendance.event)
    rows = rows.where(Event.community_id == community_id)
    return rows if status is None else rows.where(Complaint.status == status.value)
