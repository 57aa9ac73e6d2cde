"""Recording a complaint, and deciding about it as a second person: upheld, dismissed, lifted."""

from typing import Any

from rewards import audit, awards, ledger
from rewards.act import Act
from rewards.errors import NotFound
from rewards.schemes import because, versions
from rewards.volunteering import corrections, events
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.complaints.effects import Effect, effect
from rewards.volunteering.complaints.model import Complaint, Status
from rewards.volunteering.complaints.refusals import (
    ComplaintDecided,
    ComplaintReasonMissing,
    ComplaintStands,
    EffectChanged,
    NotUpheld,
    SameDecider,
    SamePerson,
)
from rewards.volunteering.events import Event


def load(act: Act, event: Event, complaint_id: int) -> Complaint:
    """The complaint of that id, if it is about somebody's service at the event."""
    complaint = act.session.get(Complaint, complaint_id)
    if complaint is None or complaint.attendance.event_id != event.id:
        raise NotFound
    return complaint


def record(act: Act, event: Event, attendance: Attendance, reason: str) -> Complaint:
    """Record a complaint about the resident's service; nothing changes until it is decided.

    Points that were not awarded yet wait until then.

    Raises:
        ComplaintReasonMissing, ComplaintStands, EventNotPublished, EventCancelled,
        EventNotBegun: nothing was written.
    """
    if not reason.strip():
        raise ComplaintReasonMissing
    corrections.lock_begun(act, event)
    act.session.refresh(attendance)
    if attendance.complaint is not None:
        raise ComplaintStands
    complaint = Complaint(
        attendance=attendance,
        reason=reason.strip(),
        status=Status.RECORDED.value,
        recorded_by_id=act.actor.id,
        recorded_at=act.now,
    )
    act.session.add(complaint)
    act.session.flush()
    _note(act, "complaint.record", complaint, reason=complaint.reason)
    return complaint


def uphold(
    act: Act,
    event: Event,
    complaint: Complaint,
    *,
    points: int,
    finding: str,
    key: str,
    owe: bool = False,
) -> ledger.Answer:
    """Uphold it as a second person: hours and points count as the scheme of that day says.

    Points that were awarded go back so far; *points* is how many the page showed. With *owe*
    what was spent of them is recorded as owed, without it nothing is done if any was. Answers
    ``{"taken": …, "owed": …}``.

    Raises (from the answer):
        ComplaintReasonMissing, SamePerson, ComplaintDecided, EffectChanged, NoScheme,
        ledger.AlreadySpent: nothing was written.
    """
    events.lock(act, event)
    awards.hold(act, versions.in_force(act, event.community.programme_id, event.starts_at))
    when_spent = ledger.WhenSpent.OWE if owe else ledger.WhenSpent.REFUSE

    def work(op: ledger.Operation) -> dict[str, int]:
        _check_open(act, complaint, finding)
        found = effect(act, complaint.attendance)
        if found.points != points:
            raise EffectChanged
        taken, owed = _take_back(act, op, found, finding.strip(), when_spent)
        complaint.hours_kept, complaint.taken, complaint.owed = found.hours_kept, taken, owed
        if found.award is not None:
            complaint.because = because.record(found.worth, found.version.id)
        _decide(act, complaint, Status.UPHELD, finding)
        moved = {"taken": taken, "owed": owed}
        _note(act, "complaint.uphold", complaint, reason=finding.strip(), **moved)
        return moved

    body = {"points": points, "finding": finding, "owe": owe}
    return ledger.once(act, f"complaint:uphold:{complaint.id}", key, body, work)


def dismiss(act: Act, event: Event, complaint: Complaint, finding: str) -> None:
    """Dismiss it as a second person, with the reason that the resident reads.

    Raises:
        ComplaintReasonMissing, SamePerson, ComplaintDecided: nothing was written.
    """
    events.lock(act, event)
    _check_open(act, complaint, finding)
    _decide(act, complaint, Status.DISMISSED, finding)
    _note(act, "complaint.dismiss", complaint, reason=finding.strip())


def lift(act: Act, event: Event, complaint: Complaint, reason: str) -> None:
    """Undo an upheld complaint that was a mistake, as somebody else than upheld it.

    Hours count as before. Points come back through the sheet: a line without an award can be
    awarded again; of one that was lessened the rest is taken back first.

    Raises:
        ComplaintReasonMissing, NotUpheld, SameDecider: nothing was written.
    """
    if not reason.strip():
        raise ComplaintReasonMissing
    events.lock(act, event)
    act.session.refresh(complaint)
    if complaint.status != Status.UPHELD:
        raise NotUpheld
    if complaint.decided_by_id == act.actor.id:
        raise SameDecider
    complaint.status, complaint.lifted_because = Status.LIFTED.value, reason.strip()
    complaint.lifted_by_id, complaint.lifted_at = act.actor.id, act.now
    act.session.flush()
    _note(act, "complaint.lift", complaint, reason=complaint.lifted_because)


def _check_open(act: Act, complaint: Complaint, finding: str) -> None:
    if not finding.strip():
        raise ComplaintReasonMissing
    act.session.refresh(complaint)
    if complaint.status != Status.RECORDED:
        raise ComplaintDecided
    if complaint.recorded_by_id == act.actor.id:
        raise SamePerson


def _take_back(
    act: Act, op: ledger.Operation, found: Effect, reason: str, when_spent: ledger.WhenSpent
) -> tuple[int, int]:
    """Take back what the award gave too much; answers what was taken, and what is owed."""
    if found.award is None or not found.points:
        return 0, 0
    taken = awards.reverse(
        act, op, found.award, reason=reason, when_spent=when_spent, points=found.points
    )
    return taken.taken, taken.owed


def _decide(act: Act, complaint: Complaint, status: Status, finding: str) -> None:
    complaint.status, complaint.finding = status.value, finding.strip()
    complaint.decided_by_id, complaint.decided_at = act.actor.id, act.now
    act.session.flush()


def _note(act: Act, action: str, complaint: Complaint, **detail: Any) -> None:
    audit.record(
        act,
        action,
        f"complaint:{complaint.id}",
        community_id=complaint.attendance.event.community_id,
        resident=complaint.attendance.resident_id,
        **detail,
    )
