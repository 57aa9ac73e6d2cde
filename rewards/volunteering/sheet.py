"""An event's sheet: each resident's minutes, what they are worth, and how they were put right.

A correction is a row of its own with a reason, and shows on the sheet for ever. Minutes that
no door saw are worth points only when a second member of staff has attested them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from rewards import audit, awards
from rewards.act import Act
from rewards.awards import Award
from rewards.errors import N_, Refused
from rewards.residents import Resident
from rewards.schemes.evaluate import NOTHING
from rewards.schemes.facts import Outcome
from rewards.volunteering import events, signups, worth
from rewards.volunteering.attendance import (
    DOOR_OPENS_BEFORE_START,
    Attendance,
    Correction,
    EventNotBegun,
    Way,
    find,
    of_event,
)
from rewards.volunteering.events import Event

# What an award says it is for.
SOURCE = "attendance"


class State(StrEnum):
    """What stands between a line and its points."""

    AWARDED = "awarded"
    OUT_MISSING = "out-missing"
    TO_ATTEST = "to-attest"
    NOTHING = "nothing"
    READY = "ready"


@dataclass(frozen=True)
class Line:
    """One resident's line: what counts, what it is worth, and the award if one stands."""

    attendance: Attendance
    worth: Outcome
    award: Award | None

    @property
    def resident(self) -> Resident:
        return self.attendance.resident

    @property
    def state(self) -> State:
        """The first thing that stands in the way, or that nothing does."""
        if self.award is not None:
            return State.AWARDED
        if self.attendance.out_missing and not self.attendance.corrections:
            return State.OUT_MISSING
        if self.worth.points == 0:
            return State.NOTHING
        return State.TO_ATTEST if self.attendance.needs_attestation else State.READY


@dataclass(frozen=True)
class Sheet:
    """All the lines of an event."""

    event: Event
    lines: Sequence[Line]

    def of(self, state: State) -> list[Line]:
        return [line for line in self.lines if line.state == state]

    @property
    def ready(self) -> list[Line]:
        """The lines that the next award would give points for."""
        return self.of(State.READY)

    @property
    def points_ready(self) -> int:
        return sum(line.worth.points for line in self.ready)

    @property
    def points_awarded(self) -> int:
        return sum(line.award.points for line in self.lines if line.award is not None)

    @property
    def minutes(self) -> int:
        return sum(line.attendance.minutes for line in self.lines)


def draw(act: Act, event: Event) -> Sheet:
    """The event's sheet as it stands now."""
    return Sheet(event, _lines(act, of_event(act, event)))


def line_of(act: Act, attendance: Attendance) -> Line:
    """One line of the sheet."""
    return _lines(act, [attendance])[0]


def history(act: Act, resident: Resident) -> Sequence[Line]:
    """Every event that the resident was at, the latest first."""
    rows = act.session.scalars(
        select(Attendance)
        .join(Attendance.event)
        .options(contains_eager(Attendance.event))
        .where(Attendance.resident_id == resident.id)
        .order_by(Event.starts_at.desc(), Attendance.id.desc())
    )
    return _lines(act, rows.all())


def _lines(act: Act, attendances: Sequence[Attendance]) -> list[Line]:
    """Each with its award, or with what it would bring now after those before it that are ready."""
    standing = awards.standing(act, SOURCE, [a.id for a in attendances])
    lines = {a.id: Line(a, NOTHING, standing.get(a.id)) for a in attendances}
    due = [a for a in attendances if a.id not in standing]
    for version, some in worth.by_version(act, due):
        tally = worth.tally(act, version, some)
        for attendance in some:
            line = Line(attendance, worth.evaluate(version, attendance, tally), None)
            lines[attendance.id] = line
            if line.state is State.READY:
                tally.add(line.worth.entries)
    return list(lines.values())


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
    _open_for_corrections(act, event)
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
    _open_for_corrections(act, event)
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


def _open_for_corrections(act: Act, event: Event) -> None:
    events.lock(act, event)
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
