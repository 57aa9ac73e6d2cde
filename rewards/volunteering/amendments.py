"""Changing an event after it was made: only while no award for it stands."""

from typing import Any

from rewards import audit
from rewards.act import Act
from rewards.errors import N_, Refused
from rewards.volunteering import events, sheet
from rewards.volunteering.events import Event, EventCancelled, EventStatus


class EventAwarded(Refused):
    """Somebody holds points for the event as it is written."""

    code = "event_awarded"
    message = N_("Points for this event were awarded. Reverse them before you change it.")


class CancelReasonMissing(Refused):
    """Whoever signed up is told why."""

    code = "cancel_reason_missing"
    status = 422
    message = N_("Say why, so that those who signed up can read it.")


def edit(act: Act, event: Event, **facts: Any) -> None:
    """Change what the event says; *facts* are the columns that its input names.

    Raises:
        EventCancelled, EventAwarded: it can't be changed any more.
        NoScheme, vocabulary.UnknownTerm: it would begin under a scheme that doesn't know it.
    """
    _check_amendable(act, event)
    names = ("service", "grade", "level", "starts_at")
    before = {name: getattr(event, name) for name in {*facts, *names}}
    if any(before[name] != facts.get(name, before[name]) for name in names):
        events.check_terms(act, event.community, before | facts)
    for name, value in facts.items():
        setattr(event, name, value)
    act.session.flush()
    changed = sorted(name for name, value in before.items() if getattr(event, name) != value)
    audit.record(
        act,
        "event.edit",
        f"event:{event.id}",
        community_id=event.community_id,
        changed={name: [str(before[name]), str(getattr(event, name))] for name in changed},
    )


def cancel(act: Act, event: Event, *, reason: str) -> None:
    """Call the event off, with a reason that those who signed up can read.

    Raises:
        CancelReasonMissing, EventCancelled, EventAwarded: why not; nothing was written.
    """
    if not reason.strip():
        raise CancelReasonMissing
    _check_amendable(act, event)
    event.status = EventStatus.CANCELLED.value
    event.cancelled_because = reason.strip()
    act.session.flush()
    audit.record(
        act,
        "event.cancel",
        f"event:{event.id}",
        community_id=event.community_id,
        reason=event.cancelled_because,
    )


def _check_amendable(act: Act, event: Event) -> None:
    events.lock(act, event)
    if event.status == EventStatus.CANCELLED:
        raise EventCancelled
    if sheet.draw(act, event).of(sheet.State.AWARDED):
        raise EventAwarded
