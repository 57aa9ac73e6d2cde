"""Hours served: all the minutes that count at a resident's events, and the star they make."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from rewards.act import Act
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.stars import Reached, reached
from rewards.volunteering.attendance import Attendance, Correction, counted, measured
from rewards.volunteering.complaints.model import Complaint, Status, kept
from rewards.volunteering.events import Event, EventStatus


def minutes(session: Session, resident_ids: Collection[int]) -> dict[int, int]:
    """The minutes that each of these residents served, by their id.

    What no door saw counts once a second person has attested it, as it does for points; of
    service that a complaint was upheld about, what the rules of that day leave of it.
    """
    last = (
        select(func.max(Correction.id))
        .where(Correction.attendance_id == Attendance.id)
        .correlate(Attendance)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Attendance.resident_id,
            Attendance.in_at,
            Attendance.out_at,
            Event.starts_at,
            Event.ends_at,
            Correction.minutes,
            Correction.attested_by,
            Complaint.hours_kept,
        )
        .join(Event, Event.id == Attendance.event_id)
        .outerjoin(Correction, Correction.id == last)
        .outerjoin(
            Complaint,
            and_(
                Complaint.attendance_id == Attendance.id,
                Complaint.status == Status.UPHELD.value,
            ),
        )
        .where(
            Attendance.resident_id.in_(resident_ids), Event.status != EventStatus.CANCELLED.value
        )
    )
    served = dict.fromkeys(resident_ids, 0)
    for resident_id, in_at, out_at, starts_at, ends_at, corrected, attested_by, share in rows:
        seen = measured(in_at, out_at, starts_at, ends_at)
        if corrected is None or attested_by is not None or corrected <= seen:
            longest = (ends_at - starts_at) // timedelta(minutes=1)
            served[resident_id] += kept(counted(seen, corrected, longest), share)
    return served


def grade(act: Act, resident: Resident) -> Reached | None:
    """The star grade of the hours that the resident served; None where the rules know no grades."""
    version = versions.find(act, resident.community.programme_id, act.now)
    if version is None or not version.scheme.stars:
        return None
    return reached(version.scheme.stars, minutes(act.session, [resident.id])[resident.id])
