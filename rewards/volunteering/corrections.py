"""Putting a sheet right: minutes corrected, forgotten residents added, both attested by a second.

A correction is a row of its own with a reason, and shows on the sheet for ever. Minutes that
no door saw are worth points only when a second member of staff has attested them.
"""

from rewards import audit, awards
from rewards.act import Act
from rewards.errors import N_, Refused
from rewards.residents import Resident
from rewards.volunteering import events, signups
from rewards.volunteering.attendance import Attendance, Correction, Way, find
from rewards.volunteering.door import DOOR_OPENS_BEFORE_START, EventNotBegun
from rewards.volunteering.events import Event
from rewards.volunteering.sheet import SOURCE


class LineAwarded(Refused):
    """The line's points were awarded; they have to come back before it changes."""

    code = "line_awarded"
    message = N_("The points for this line were awarded. Reverse that award first.")


class TooManyMinutes(Refused):
    """Nobody's service is longer than the event."""

    code = "too_many_minutes"
    status = 422
    message = N_("The event lasted %(longest)s minutes. Enter no more than that.")


class CorrectionReasonMissing(Refused):
    """Hours are put right only with a reason that stays on the sheet."""

    code = "correction_reason_missing"
    status = 422
    message = N_("Say why. The reason stays on the sheet.")


class OnSheetAlready(Refused):
    """The resident has a line; that one can be corrected."""

    code = "on_sheet_already"
    message = N_("%(name)s is on the sheet already. Correct that line.")


class NothingToAttest(Refused):
    """The line was changed, attested or awarded since the page was drawn."""

    code = "nothing_to_attest"
    message = N_("This line has changed or is attested already. Look at it again.")


class SamePerson(Refused):
    """Whoever entered the minutes can't be the second person."""

    code = "same_person"
    status = 403
    message = N_("You entered these minutes, so another member of staff must attest them.")


def correct(
    act: Act, event: Event, attendance: Attendance, *, minutes: int, reason: str
) -> Correction:
    """Put *minutes* in place of what counted; more than the door saw then wants attesting.

    Raises:
        EventNotPublished, EventCancelled, EventNotBegun, LineAwarded, TooManyMinutes,
        CorrectionReasonMissing: why not; nothing was written.
    """
    lock_begun(act, event)
    act.session.refresh(attendance)
    _refuse_awarded(act, attendance)
    before = attendance.minutes
    correction = _corrected(act, event, attendance, minutes, reason)
    audit.record(
        act,
        "attendance.correct",
        f"attendance:{attendance.id}",
        community_id=event.community_id,
        reason=correction.reason,
        before=before,
        minutes=minutes,
    )
    return correction


def add_forgotten(
    act: Act, event: Event, resident: Resident, *, minutes: int, reason: str
) -> Attendance:
    """Add a resident whom the door did not see: a back-filled line, to be attested.

    Raises:
        OtherCommunity, EventNotPublished, EventCancelled, EventNotBegun, OnSheetAlready,
        TooManyMinutes, CorrectionReasonMissing: why not; nothing was written.
    """
    signups.check_community(event, resident)
    lock_begun(act, event)
    if find(act, event, resident) is not None:
        raise OnSheetAlready(name=resident.name)
    attendance = Attendance(
        event_id=event.id, event=event, resident=resident, in_way=Way.BACK_FILLED.value
    )
    correction = _corrected(act, event, attendance, minutes, reason)
    audit.record(
        act,
        "attendance.add",
        f"attendance:{attendance.id}",
        community_id=event.community_id,
        reason=correction.reason,
        minutes=minutes,
    )
    return attendance


def attest(act: Act, event: Event, attendance: Attendance, correction_id: int) -> None:
    """Confirm, as the second person, the correction that was seen on the sheet.

    Raises:
        NothingToAttest, SamePerson: why not; nothing was written.
    """
    events.lock(act, event)
    act.session.refresh(attendance)
    correction = attendance.correction
    if correction is None or correction.id != correction_id or not attendance.needs_attestation:
        raise NothingToAttest
    if correction.by == act.actor.reference:
        raise SamePerson
    correction.attested_by = act.actor.reference
    correction.attested_by_name = act.actor.name
    correction.attested_at = act.now
    act.session.flush()
    audit.record(
        act,
        "attendance.attest",
        f"attendance:{attendance.id}",
        community_id=event.community_id,
        correction_id=correction.id,
        minutes=correction.minutes,
    )


def lock_begun(act: Act, event: Event) -> None:
    """Hold the event, once it has begun: before, there is nothing to say of anybody's service.

    Raises:
        EventNotPublished, EventCancelled, EventNotBegun: which of them it is.
    """
    events.lock(act, event)
    check_begun(act, event)


def check_begun(act: Act, event: Event) -> None:
    """The same without holding the event: for a page that only asks."""
    events.check_published(event)
    if act.now < event.starts_at:
        opens = event.starts_at - DOOR_OPENS_BEFORE_START
        raise EventNotBegun(opens=f"{event.local(opens):%Y-%m-%d %H:%M}")


def _refuse_awarded(act: Act, attendance: Attendance) -> None:
    if awards.standing(act, SOURCE, [attendance.id]):
        raise LineAwarded


def _corrected(
    act: Act, event: Event, attendance: Attendance, minutes: int, reason: str
) -> Correction:
    if not 0 <= minutes <= event.minutes:
        raise TooManyMinutes(longest=event.minutes)
    if not reason.strip():
        raise CorrectionReasonMissing
    correction = Correction(
        minutes=minutes,
        reason=reason.strip(),
        by=act.actor.reference,
        by_name=act.actor.name,
        at=act.now,
    )
    attendance.corrections.append(correction)
    act.session.add(attendance)
    act.session.flush()
    return correction
