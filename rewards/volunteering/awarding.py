"""Points for an event's sheet: awarded to all at once, and taken back one by one or all.

A sheet is awarded in rounds: each gives points for the lines that are ready and have none.
The round's number is its idempotency key, so a round is given once, whoever repeats it.
"""

from dataclasses import asdict, dataclass
from typing import Any

from rewards import audit, awards, ledger
from rewards.act import Act
from rewards.errors import N_, Refused
from rewards.schemes import versions
from rewards.schemes.versions import Version
from rewards.volunteering import events, sheet
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.events import Event
from rewards.volunteering.sheet import SOURCE, Line, Sheet, State


class EventRunning(Refused):
    """Somebody may still be serving."""

    code = "event_running"
    message = N_("The event isn't over and not everybody has checked out. Award it afterwards.")


class NothingToAward(Refused):
    """No line is ready: all are awarded, or wait for a correction or a second person."""

    code = "nothing_to_award"
    message = N_("No line of this sheet is ready to be awarded.")


class SheetChanged(Refused):
    """The sheet is not what was checked; nothing was awarded."""

    code = "sheet_changed"
    message = N_("The sheet has changed since you checked it, so nothing was awarded. Check again.")


class AwardedByOther(Refused):
    """A colleague awarded the same round first."""

    code = "awarded_by_other"
    message = N_("Somebody else has just awarded this sheet. Look at it again.")


class NotAwarded(Refused):
    """There is no award to reverse."""

    code = "not_awarded"
    message = N_("No points stand for this, so there is nothing to reverse.")


def award_event(act: Act, event: Event, *, round_number: int, points: int) -> ledger.Answer:
    """Award every line that is ready, all or none; a repeat of the round changes nothing.

    *round_number* and *points* are what the page showed that was checked. The scheme in force
    when the event began applies; the points are earned when it ended. The answer has
    ``residents`` and ``points``.

    Raises:
        EventNotPublished, EventCancelled, EventRunning, NothingToAward, SheetChanged,
        AwardedByOther, NoScheme, awards.NoRoom: why not; nothing was written.
    """
    events.lock(act, event)
    version = versions.in_force(act, event.community.programme_id, event.starts_at)
    awards.hold(act, version)
    if round_number > event.rounds:
        check_awardable(act, event, round_number, points)

    def work(op: ledger.Operation) -> dict[str, Any]:
        return _award(act, op, event, version, round_number)

    key = f"event:{event.id}:{round_number}"
    try:
        answer = ledger.once(act, "award:event", key, {"points": points}, work)
    except ledger.KeyReused:
        raise AwardedByOther from None
    # A refusal is raised rather than remembered, or the round could never be awarded.
    answer.result()
    return answer


def check_awardable(act: Act, event: Event, round_number: int, points: int) -> None:
    """Refuse a round that isn't the next, or a sheet that isn't ready or isn't as checked.

    Asked before the round's key is claimed, so that a refusal doesn't use the round up.
    """
    events.check_published(event)
    drawn = sheet.draw(act, event)
    if not is_finished(act, drawn):
        raise EventRunning
    if not drawn.ready:
        raise NothingToAward
    if round_number != event.rounds + 1 or points != drawn.points_ready:
        raise SheetChanged


def is_finished(act: Act, drawn: Sheet) -> bool:
    """Whether the event is over, or everybody who came has checked out."""
    if act.now >= drawn.event.ends_at:
        return True
    return bool(drawn.lines) and not drawn.of(State.OUT_MISSING)


def _award(
    act: Act, op: ledger.Operation, event: Event, version: Version, round_number: int
) -> dict[str, Any]:
    ready = sheet.draw(act, event).ready
    served_until = min(event.ends_at, act.now)
    given = awards.grant_all(
        act,
        op,
        event.community.programme,
        version,
        [
            awards.Due(
                resident=line.resident,
                source=SOURCE,
                source_id=line.attendance.id,
                worth=line.worth,
                reason=event.title,
                happened_at=served_until,
            )
            for line in ready
        ],
    )
    event.rounds = round_number
    total = sum(award.points for award in given)
    audit.record(
        act,
        "event.award",
        f"event:{event.id}",
        community_id=event.community_id,
        round=round_number,
        residents=len(given),
        points=total,
    )
    return {"residents": len(given), "points": total, "round": round_number}


def reverse_line(
    act: Act, event: Event, attendance: Attendance, *, reason: str, key: str
) -> ledger.Answer:
    """Take back the points of one line, which can then be corrected and awarded again.

    The answer has ``points``. Points that were spent are not taken: it is refused, and says
    how many are missing.

    Raises:
        ReasonMissing, NotAwarded, AlreadySpent: by the answer's ``result``; nothing moved.
    """
    events.lock(act, event)

    def work(op: ledger.Operation) -> dict[str, Any]:
        award = awards.standing(act, SOURCE, [attendance.id]).get(attendance.id)
        if award is None:
            raise NotAwarded
        return {"points": awards.reverse(act, op, award, reason=reason).taken}

    body = {"attendance": attendance.id, "reason": reason}
    return ledger.once(act, f"reversal:event:{event.id}", key, body, work)


@dataclass
class Undone:
    """What reversing a whole event came to. ``spent_lines`` keep their award: their points
    were spent, at least in part."""

    residents: int
    points: int
    spent_lines: list[int]


def reverse_event(act: Act, event: Event, *, reason: str, key: str) -> ledger.Answer:
    """Take back the points of every line, but for those whose points were spent.

    Those are left and named, for somebody to talk to the resident: one spent line must not
    keep a whole mistaken award standing. The answer is an :class:`Undone` as a dict.

    Raises:
        ReasonMissing, NotAwarded: by the answer's ``result``; nothing moved.
    """
    events.lock(act, event)

    def work(op: ledger.Operation) -> dict[str, Any]:
        if not reason.strip():
            raise awards.ReasonMissing
        lines = sheet.draw(act, event).of(State.AWARDED)
        if not lines:
            raise NotAwarded
        undone = _reverse_lines(act, op, lines, reason)
        audit.record(
            act,
            "event.reverse",
            f"event:{event.id}",
            community_id=event.community_id,
            reason=reason,
            **asdict(undone),
        )
        return asdict(undone)

    body = {"all": True, "reason": reason}
    return ledger.once(act, f"reversal:event:{event.id}", key, body, work)


def _reverse_lines(act: Act, op: ledger.Operation, lines: list[Line], reason: str) -> Undone:
    undone = Undone(0, 0, [])
    # In the order of wallets, as every act that locks several of them.
    for line in sorted(lines, key=lambda line: line.resident.wallet_id):
        assert line.award is not None
        try:
            with act.session.begin_nested():
                taken = awards.reverse(act, op, line.award, reason=reason)
        except ledger.AlreadySpent:
            undone.spent_lines.append(line.attendance.id)
        else:
            undone.residents += 1
            undone.points += taken.taken
    return undone
