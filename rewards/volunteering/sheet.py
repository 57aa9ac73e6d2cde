"""An event's sheet: each resident's minutes, what they are worth, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from rewards import awards, ledger
from rewards.act import Act
from rewards.awards import Award
from rewards.residents import Resident
from rewards.schemes.evaluate import NOTHING
from rewards.schemes.facts import Outcome
from rewards.volunteering import worth
from rewards.volunteering.attendance import (
    Attendance,
    of_event,
)
from rewards.volunteering.events import Event

# What an award says it is for.
SOURCE = "attendance"


class State(StrEnum):
    """What stands between a line and its points."""

    AWARDED = "awarded"
    OUT_MISSING = "out-missing"
    COMPLAINT = "complaint"
    TO_ATTEST = "to-attest"
    NOTHING = "nothing"
    READY = "ready"


@dataclass(frozen=True)
class Line:
    """One resident's line: what counts, what it is worth, and the award if one stands.

    ``taken_back`` are the points of that award that went back again.
    """

    attendance: Attendance
    worth: Outcome
    award: Award | None
    taken_back: int = 0

    @property
    def points(self) -> int:
        """What is left of the award, or what the line would bring now."""
        return self.worth.points if self.award is None else self.award.points - self.taken_back

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
        if self.attendance.questioned:
            return State.COMPLAINT
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
        return sum(line.points for line in self.lines if line.award is not None)

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
    moved = {award.transfer_id: n for n, award in standing.items() if award.transfer_id}
    undone = ledger.reversed_amounts(act.session, list(moved))
    taken = {moved[transfer_id]: points for transfer_id, points in undone.items()}
    lines = {a.id: Line(a, NOTHING, standing.get(a.id), taken.get(a.id, 0)) for a in attendances}
    due = [a for a in attendances if a.id not in standing]
    for version, some in worth.by_version(act, due):
        tally = worth.tally(act, version, some)
        for attendance in some:
            line = Line(attendance, worth.evaluate(version, attendance, tally), None)
            lines[attendance.id] = line
            if line.state is State.READY:
                tally.add(line.worth.entries)
    return list(lines.values())
