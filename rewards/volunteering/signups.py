"""Signing up for an event: a promise to come, and nothing that earns points by itself."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from rewards.act import Act
from rewards.db import Base, BigId
from rewards.errors import N_, Refused
from rewards.residents import Resident
from rewards.volunteering import events
from rewards.volunteering.events import Event, EventOver


class Signup(Base):
    """A resident's place at an event; ``by`` tells a resident's own from the desk's."""

    __tablename__ = "signup"
    __table_args__ = (UniqueConstraint("event_id", "resident_id"), Index(None, "resident_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]

    resident: Mapped[Resident] = relationship()
    event: Mapped[Event] = relationship()


class OtherCommunity(Refused):
    """The resident belongs to another community than the event."""

    code = "other_community"
    message = N_("This resident belongs to another community. Only its own events are open.")


class SignedUpAlready(Refused):
    """The resident has a place."""

    code = "signed_up_already"
    message = N_("There is a place for this resident already.")


class NotSignedUp(Refused):
    """The resident has no place to give up."""

    code = "not_signed_up"
    message = N_("This resident has no place at the event.")


class EventFull(Refused):
    """Every place is taken."""

    code = "event_full"
    message = N_("All %(capacity)s places are taken.")


class EventBegun(Refused):
    """It is too late to withdraw: the event has begun."""

    code = "event_begun"
    message = N_("The event has begun, so the place can't be given up any more.")


def check_community(event: Event, resident: Resident) -> None:
    """Refuse a resident of another community.

    Raises:
        OtherCommunity: they can't take part here.
    """
    if resident.community_id != event.community_id:
        raise OtherCommunity


def sign_up(act: Act, event: Event, resident: Resident) -> Signup:
    """Give *resident* a place at *event*; the desk may do it for them.

    Raises:
        OtherCommunity, EventNotPublished, EventCancelled, EventOver, SignedUpAlready,
        EventFull: why not; nothing was written.
    """
    check_community(event, resident)
    events.lock(act, event)
    events.check_published(event)
    if event.ends_at <= act.now:
        raise EventOver(ended=f"{event.local(event.ends_at):%Y-%m-%d %H:%M}")
    if find(act, event, resident) is not None:
        raise SignedUpAlready
    if event.capacity is not None and taken(act, [event.id]).get(event.id, 0) >= event.capacity:
        raise EventFull(capacity=event.capacity)
    signup = Signup(event_id=event.id, resident_id=resident.id, by=act.actor.reference, at=act.now)
    act.session.add(signup)
    act.session.flush()
    return signup


def withdraw(act: Act, event: Event, resident: Resident) -> None:
    """Give the place up, so that somebody else can have it.

    Raises:
        NotSignedUp, EventBegun: why not.
    """
    events.lock(act, event)
    signup = find(act, event, resident)
    if signup is None:
        raise NotSignedUp
    if event.starts_at <= act.now:
        raise EventBegun
    act.session.delete(signup)
    act.session.flush()


def find(act: Act, event: Event, resident: Resident) -> Signup | None:
    """The resident's place at the event."""
    return act.session.scalar(
        select(Signup).where(Signup.event_id == event.id, Signup.resident_id == resident.id)
    )


def of_event(act: Act, event: Event) -> Sequence[Signup]:
    """Everyone who signed up, in the order that they did."""
    return act.session.scalars(
        select(Signup)
        .where(Signup.event_id == event.id)
        .order_by(Signup.id)
        .options(joinedload(Signup.resident))
    ).all()


def taken(act: Act, event_ids: Sequence[int]) -> dict[int, int]:
    """How many places are taken at each event; one without any is absent."""
    rows = act.session.execute(
        select(Signup.event_id, func.count().label("places"))
        .where(Signup.event_id.in_(event_ids))
        .group_by(Signup.event_id)
    )
    return {row.event_id: row.places for row in rows}


def ahead(act: Act, resident: Resident) -> Sequence[Event]:
    """The events to come that the resident has a place at, called off or not."""
    return act.session.scalars(
        select(Event)
        .join(Signup, Signup.event_id == Event.id)
        .where(Signup.resident_id == resident.id, Event.ends_at > act.now)
        .order_by(Event.starts_at, Event.id)
    ).all()
