"""Sending a suggestion, and changing it while nobody has begun to handle it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from rewards import audit
from rewards.act import Act
from rewards.errors import NotFound
from rewards.residents import Resident
from rewards.suggestions.model import (
    Category,
    Channel,
    Photo,
    Status,
    Suggestion,
    SuggestionStep,
    What,
)
from rewards.suggestions.photos import Picture, Shelf
from rewards.suggestions.refusals import CannotEdit, SentBefore, TooManyToday

MOST_A_DAY = 20


def send(
    act: Act,
    resident: Resident,
    shelf: Shelf,
    *,
    key: str,
    category: Category,
    text: str,
    place: str = "",
    pictures: Sequence[Picture] = (),
    channel: Channel = Channel.ONLINE,
) -> Suggestion:
    """Send a suggestion of *resident*'s; the same form sent again answers the first.

    Raises:
        SentBefore: the form was sent with other words.
        TooManyToday: the resident has sent too many within a day.
    """
    said = (category, text, place)
    first = _by_key(act, resident, key)
    if first is not None:
        return _repeated(first, said)
    _check_not_too_many(act, resident)
    wanted = Suggestion(
        community_id=resident.community_id,
        resident_id=resident.id,
        key=key,
        channel=channel.value,
        category=category.value,
        text=text,
        place=place,
        sent_at=act.now,
    )
    if not _claim(act, wanted):
        return _repeated(_found(_by_key(act, resident, key)), said)
    note(act, wanted, What.SENT)
    _keep(act, wanted, shelf, pictures)
    if channel is not Channel.ONLINE:
        _record_taking(act, wanted)
    return wanted


def edit(
    act: Act, suggestion: Suggestion, *, category: Category, text: str, place: str = ""
) -> None:
    """Change what was sent, while it waits. The history keeps the text as it was.

    Raises:
        CannotEdit: the office has begun to handle it.
    """
    lock(act, suggestion)
    if suggestion.status != Status.SENT:
        raise CannotEdit
    before = suggestion.text
    suggestion.category = category.value
    suggestion.text = text
    suggestion.place = place
    note(act, suggestion, What.EDITED, before)


def load(act: Act, suggestion_id: int, community_id: int) -> Suggestion:
    """The suggestion of that id, if it was sent in the community.

    Raises:
        NotFound: there is none, or none here.
    """
    suggestion = act.session.get(Suggestion, suggestion_id)
    if suggestion is None or suggestion.community_id != community_id:
        raise NotFound
    return suggestion


def load_own(act: Act, suggestion_id: int, resident_id: int) -> Suggestion:
    """The suggestion of that id, if the resident sent it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    suggestion = act.session.get(Suggestion, suggestion_id)
    if suggestion is None or suggestion.resident_id != resident_id:
        raise NotFound
    return suggestion


def lock(act: Act, suggestion: Suggestion) -> None:
    """Hold the suggestion's row until the commit, and see it as it is now."""
    act.session.refresh(suggestion, with_for_update=True)


def note(act: Act, suggestion: Suggestion, what: What, words: str = "") -> None:
    """Add a step to the suggestion's history."""
    suggestion.steps.append(
        SuggestionStep(
            what=what.value,
            actor=act.actor.reference,
            actor_name=act.actor.name,
            at=act.now,
            words=words,
        )
    )
    act.session.flush()


def _by_key(act: Act, resident: Resident, key: str) -> Suggestion | None:
    return act.session.scalar(
        select(Suggestion).where(Suggestion.resident_id == resident.id, Suggestion.key == key)
    )


def _claim(act: Act, wanted: Suggestion) -> bool:
    """Write it, unless the same form was quicker by another request."""
    try:
        with act.session.begin_nested():
            act.session.add(wanted)
    except IntegrityError:
        return False
    return True


def _found(suggestion: Suggestion | None) -> Suggestion:
    if suggestion is None:
        raise NotFound
    return suggestion


def _repeated(first: Suggestion, said: tuple[Category, str, str]) -> Suggestion:
    if (first.category, first.text, first.place) != said:
        raise SentBefore
    return first


def _check_not_too_many(act: Act, resident: Resident) -> None:
    sent = act.session.scalar(
        select(func.count()).where(
            Suggestion.resident_id == resident.id,
            Suggestion.sent_at > act.now - timedelta(days=1),
        )
    )
    if (sent or 0) >= MOST_A_DAY:
        raise TooManyToday(most=MOST_A_DAY)


def _keep(act: Act, suggestion: Suggestion, shelf: Shelf, pictures: Sequence[Picture]) -> None:
    for picture in pictures:
        suggestion.photos.append(
            Photo(
                name=shelf.put(picture),
                width=picture.width,
                height=picture.height,
                size=len(picture.jpeg),
            )
        )
    act.session.flush()


def _record_taking(act: Act, suggestion: Suggestion) -> None:
    audit.record(
        act,
        "suggestion.take",
        f"suggestion:{suggestion.id}",
        community_id=suggestion.community_id,
        resident=suggestion.resident_id,
        channel=suggestion.channel,
    )
