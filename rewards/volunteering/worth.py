"""What service at an event is worth by the scheme that was in force when the event began."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rewards import awards
from rewards.act import Act
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.facts import Deed, Kind, Outcome
from rewards.schemes.rules import Provenance
from rewards.schemes.tally import Tally
from rewards.schemes.versions import Version
from rewards.volunteering.attendance import Attendance, Way
from rewards.volunteering.events import Event


def deed(attendance: Attendance, *, complaint: bool | None = None) -> Deed:
    """What the resident did at the event, as far as it counts now.

    *complaint* looks at it as if one were upheld, or weren't; otherwise as it is.
    """
    minutes, measured = attendance.minutes, attendance.measured
    how = provenance(attendance.in_way, attendance.out_way, minutes, measured)
    upheld = attendance.upheld is not None if complaint is None else complaint
    return served(attendance.resident, attendance.event, minutes, how, complaint=upheld)


def served(
    resident: Resident, event: Event, minutes: int, how: Provenance, *, complaint: bool = False
) -> Deed:
    """What the resident did who served so many minutes at the event."""
    known = {"minutes": minutes, "provenance": how, "complaint": complaint}
    return awards.deed(resident, Kind.SERVICE, event.starts_at, **known, **_facts(event))


def timed(deed: Deed) -> Deed:
    """The same with a minute at least: without any, no rule is about it."""
    return replace(deed, minutes=max(1, deed.minutes))


def of_anybody(event: Event) -> Deed:
    """What somebody does who serves the whole of the event, whoever that is."""
    zone = event.community.programme.timezone
    return Deed(Kind.SERVICE, 0, event.starts_at, zone, minutes=event.minutes, **_facts(event))


def _facts(event: Event) -> dict[str, Any]:
    """What rules may ask of the event."""
    return {
        "event_id": event.id,
        "class_": event.service,
        "grade": event.grade,
        "level": event.level,
        "place": event.place,
    }


def provenance(in_way: str, out_way: str | None, minutes: int, measured: int) -> Provenance:
    """How the minutes are known; more than the door saw are from memory."""
    if in_way == Way.BACK_FILLED or minutes > measured:
        return Provenance.BACK_FILLED
    return Provenance.TYPED if Way.TYPED in (in_way, out_way) else Provenance.SCANNED


def by_version(
    act: Act, attendances: Sequence[Attendance]
) -> Iterator[tuple[Version, list[Attendance]]]:
    """These lines by the version that they are worth something by; not those of no version."""
    found: dict[int, tuple[Version, list[Attendance]]] = {}
    of_event: dict[int, Version | None] = {}
    for attendance in attendances:
        event = attendance.event
        if event.id not in of_event:
            programme_id = event.community.programme_id
            of_event[event.id] = versions.find(act, programme_id, event.starts_at)
        version = of_event[event.id]
        if version is not None:
            found.setdefault(version.id, (version, []))[1].append(attendance)
    yield from found.values()


def tally(act: Act, version: Version, attendances: Sequence[Attendance]) -> Tally:
    """What these lines are evaluated after."""
    return awards.tally(act, version, [deed(attendance) for attendance in attendances])


def evaluate(version: Version, attendance: Attendance, tally: Tally) -> Outcome:
    """What the line is worth. Without service nothing is, not even for taking part."""
    return version.engine.evaluate(deed(attendance), tally)
