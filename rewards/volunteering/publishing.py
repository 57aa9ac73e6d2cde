"""Putting a scheme into force, or taking one back, where events to come have a say.

None of them loses its class, grade or level, and none that is published comes to bring nothing
where it was announced to bring something.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from rewards.act import Act
from rewards.communities import Community
from rewards.errors import N_, Refused
from rewards.schemes import drafts, versions
from rewards.schemes.drafts import Draft
from rewards.schemes.evaluate import Engine
from rewards.schemes.versions import Version, Withdrawal
from rewards.volunteering import vocabulary, worth
from rewards.volunteering.events import Event, EventStatus

MOST_NAMED = 3


class DeletedTerm(Refused):
    """Events of its days are of a class, grade or level that the scheme doesn't have."""

    code = "deleted_term"
    message = N_(
        "These rules don't have “%(term)s” any more, but events of their days are described by it: "
        "%(events)s. Keep it in the rules, or change the events first."
    )


class NothingForEvents(Refused):
    """Published events of its days would bring nothing, and were announced to bring something."""

    code = "nothing_for_events"
    message = N_(
        "These events are announced with points, and would bring none by these rules: %(events)s. "
        "Let a rule pay for them, choose a later day, or cancel the events first."
    )


class MissedTerm(Refused):
    """Without the version, events are of a class, grade or level that no scheme has then."""

    code = "missed_term"
    message = N_(
        "Without these rules “%(term)s” isn't known, but events of their days are described by it: "
        "%(events)s. Change or cancel the events first."
    )


class MissedPoints(Refused):
    """Without the version, published events would bring nothing."""

    code = "missed_points"
    message = N_(
        "These events are announced with points, and would bring none without these rules: "
        "%(events)s. Cancel the events first, or put other rules in force for their days."
    )


class MissedRules(Refused):
    """Without the version no scheme at all would be in force on the days of events."""

    code = "missed_rules"
    message = N_("Without these rules there are none on the days of these events: %(events)s.")


def submit(act: Act, draft: Draft, effective_on: date) -> None:
    """Submit a draft as :func:`rewards.schemes.drafts.submit` does.

    Raises:
        DeletedTerm, NothingForEvents, and what that raises: nothing was written.
    """
    with act.session.begin_nested():
        drafts.submit(act, draft, effective_on)
        _check_draft(act, draft)


def approve(act: Act, draft: Draft) -> Version:
    """Approve a draft as :func:`rewards.schemes.drafts.approve` does.

    Raises:
        DeletedTerm, NothingForEvents, and what that raises: nothing was written.
    """
    _check_draft(act, draft)
    return drafts.approve(act, draft)


def withdraw(act: Act, version: Version, reason: str) -> Withdrawal:
    """Withdraw a version as :func:`rewards.schemes.versions.withdraw` does.

    Raises:
        MissedTerm, MissedPoints, MissedRules, and what that raises: nothing was written.
    """
    events = _events(act, version.programme_id, version.effective_from)
    announced = _announced(act, events)
    with act.session.begin_nested():
        withdrawal = versions.withdraw(act, version, reason)
        _check_without(act, version, events, announced)
    return withdrawal


def _check_without(
    act: Act, gone: Version, events: Sequence[Event], announced: Sequence[Event]
) -> None:
    """Refuse that the scheme before the one that is gone holds for these events, if it can't."""
    before = versions.find(act, gone.programme_id, gone.effective_from)
    if before is None:
        if events:
            raise MissedRules(events=_named(events))
        return
    _check_terms(act, before.engine, events, MissedTerm)
    if lost := _without_points(before.engine, announced):
        raise MissedPoints(events=_named(lost))


def _check_draft(act: Act, draft: Draft) -> None:
    """Refuse a scheme that events need something of which it doesn't have."""
    if draft.effective_on is None:
        return
    begins = drafts.begins(act, draft.programme, draft.effective_on)
    events, engine = _events(act, draft.programme_id, begins), Engine(draft.scheme)
    _check_terms(act, engine, events, DeletedTerm)
    if lost := _without_points(engine, _announced(act, events)):
        raise NothingForEvents(events=_named(lost))


def _events(act: Act, programme_id: int, begins: datetime) -> Sequence[Event]:
    """The events that begin from then on, until a later scheme begins that is to come."""
    coming = versions.to_come(versions.history(act, programme_id))
    later = [v.effective_from for v in coming if v.effective_from > begins]
    events = (
        select(Event)
        .join(Community, Community.id == Event.community_id)
        .where(
            Community.programme_id == programme_id,
            Event.starts_at >= begins,
            Event.status != EventStatus.CANCELLED.value,
        )
        .order_by(Event.starts_at, Event.id)
    )
    if later:
        events = events.where(Event.starts_at < min(later))
    return act.session.scalars(events).all()


def _check_terms(act: Act, engine: Engine, events: Sequence[Event], refusal: type[Refused]) -> None:
    """Refuse a scheme without a word that one of the events is described by."""
    for field, terms in vocabulary.terms(engine.scheme).items():
        known = {term.key for term in terms}
        for key in sorted({getattr(event, field) for event in events} - known - {None}):
            using = [event for event in events if getattr(event, field) == key]
            words = vocabulary.names(act, using[0].community).get(key)
            raise refusal(term=f"{words.zh} / {words.en}" if words else key, events=_named(using))


def _announced(act: Act, events: Iterable[Event]) -> list[Event]:
    """Those that are published and bring points by the rules that are to hold on their day."""
    found = []
    for event in events:
        version = versions.find(act, event.community.programme_id, event.starts_at)
        published = event.status == EventStatus.PUBLISHED
        if published and version is not None and not _without_points(version.engine, [event]):
            found.append(event)
    return found


def _without_points(engine: Engine, events: Iterable[Event]) -> list[Event]:
    """Those that bring nothing to somebody who serves the whole of them for the first time."""
    tally = engine.tally()
    return [e for e in events if not engine.evaluate(worth.of_anybody(e), tally).points]


def _named(events: Sequence[Event]) -> str:
    return ", ".join(f"{event.title} ({_day(event)})" for event in events[:MOST_NAMED])


def _day(event: Event) -> str:
    zone = ZoneInfo(event.community.programme.timezone)
    return event.starts_at.astimezone(zone).date().isoformat()
