"""Putting a scheme into force, where events to come have a say: none of them loses its class."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from rewards.act import Act
from rewards.communities import Community
from rewards.errors import N_, Refused
from rewards.schemes import drafts, versions
from rewards.schemes.drafts import Draft
from rewards.schemes.scheme import Scheme
from rewards.schemes.versions import Version
from rewards.volunteering import vocabulary
from rewards.volunteering.events import Event, EventStatus

MOST_NAMED = 3


class DeletedTerm(Refused):
    """Events of its days are of a class, grade or level that the scheme doesn't have."""

    code = "deleted_term"
    message = N_(
        "These rules don't have “%(term)s” any more, but events of their days are described by it: "
        "%(events)s. Keep it in the rules, or change the events first."
    )


def approve(act: Act, draft: Draft) -> Version:
    """Approve a draft as :func:`rewards.schemes.drafts.approve` does.

    Raises:
        DeletedTerm, and what that raises: nothing was written.
    """
    if draft.effective_on is not None:
        begins = drafts.begins(act, draft.programme, draft.effective_on)
        _check(act, draft.programme_id, draft.scheme, begins)
    return drafts.approve(act, draft)


def _check(act: Act, programme_id: int, scheme: Scheme, begins: datetime) -> None:
    """Refuse a scheme without a word that an event needs which begins under it."""
    used: dict[str, list[Event]] = {}
    for event, key in _words(act, programme_id, begins):
        used.setdefault(key, []).append(event)
    known = {term.key for some in vocabulary.terms(scheme).values() for term in some}
    for key in sorted(used.keys() - known):
        named = [f"{event.title} ({_day(event)})" for event in used[key][:MOST_NAMED]]
        raise DeletedTerm(term=key, events=", ".join(named))


def _words(act: Act, programme_id: int, begins: datetime) -> Iterator[tuple[Event, str]]:
    """The events that begin from then on, until a later scheme's, with each of their words."""
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
        .order_by(Event.starts_at)
    )
    if later:
        events = events.where(Event.starts_at < min(later))
    for event in act.session.scalars(events):
        yield from ((event, key) for key in (event.service, event.grade, event.level) if key)


def _day(event: Event) -> str:
    zone = ZoneInfo(event.community.programme.timezone)
    return event.starts_at.astimezone(zone).date().isoformat()
