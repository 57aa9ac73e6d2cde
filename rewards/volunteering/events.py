"""Volunteering events: what is to be done, where and when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rewards import audit
from rewards.act import Act
from rewards.communities import Community
from rewards.db import Base, BigId
from rewards.errors import N_, NotFound, Refused
from rewards.volunteering import vocabulary


class EventStatus(StrEnum):
    """Where an event is in its life. That it is over is told by the clock, not by a status."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Event(Base):
    """One occasion to volunteer. ``service``, ``grade`` and ``level`` are keys of the scheme that
    is in force when it begins, which says what it brings.

    ``capacity`` limits who may sign up; None is no limit, and walk-ins are always welcome.
    ``rounds`` counts how often its sheet has been awarded.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        CheckConstraint("status IN ('draft', 'published', 'cancelled')", name="status_known"),
        Index(None, "community_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    title: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(2000), default="")
    service: Mapped[str] = mapped_column(String(40))
    grade: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(100))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default=EventStatus.DRAFT.value)
    cancelled_because: Mapped[str | None] = mapped_column(String(200))
    rounds: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]

    community: Mapped[Community] = relationship()

    @property
    def minutes(self) -> int:
        """How long the event lasts; nobody's service at it is longer."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))

    def local(self, moment: datetime) -> datetime:
        """*moment* on the programme's clock."""
        return moment.astimezone(ZoneInfo(self.community.programme.timezone))


class EventNotPublished(Refused):
    """The event is a draft: nobody can sign up or check in yet."""

    code = "event_not_published"
    message = N_("This event isn't published yet. Publish it first.")


class EventCancelled(Refused):
    """The event was cancelled."""

    code = "event_cancelled"
    message = N_("This event was cancelled.")


class EventPublished(Refused):
    """The event was published before."""

    code = "event_published"
    message = N_("This event is published already.")


class EventOver(Refused):
    """It is too late for this: the event has ended."""

    code = "event_over"
    message = N_("This event was over at %(ended)s.")


def create(act: Act, community: Community, **facts: Any) -> Event:
    """Draft an event; *facts* are the columns that
    :class:`~rewards.volunteering.inputs.EventInput` names.

    Raises:
        NoScheme: the programme has no scheme in force when it begins.
        vocabulary.UnknownTerm: that scheme doesn't have its class, grade or level.
    """
    check_terms(act, community, facts)
    event = Event(
        community_id=community.id,
        community=community,
        created_by=act.actor.reference,
        created_at=act.now,
        status=EventStatus.DRAFT.value,
        rounds=0,
        **facts,
    )
    act.session.add(event)
    act.session.flush()
    audit.record(act, "event.create", f"event:{event.id}", community_id=community.id)
    return event


def check_terms(act: Act, community: Community, facts: Mapping[str, Any]) -> None:
    """Refuse what the scheme in force when the event begins has no words for."""
    chosen = {name: facts.get(name) for name in ("service", "grade", "level")}
    vocabulary.check(act, community, facts["starts_at"], **chosen)


def publish(act: Act, event: Event) -> None:
    """Let residents see the event and sign up.

    Raises:
        EventPublished, EventCancelled, EventOver: it can't be published any more.
    """
    lock(act, event)
    if event.status == EventStatus.PUBLISHED:
        raise EventPublished
    if event.status == EventStatus.CANCELLED:
        raise EventCancelled
    if event.ends_at <= act.now:
        raise EventOver(ended=f"{event.local(event.ends_at):%Y-%m-%d %H:%M}")
    event.status = EventStatus.PUBLISHED.value
    act.session.flush()
    audit.record(act, "event.publish", f"event:{event.id}", community_id=event.community_id)


def check_published(event: Event) -> None:
    """Refuse what only a published event allows.

    Raises:
        EventNotPublished, EventCancelled: which of the two it is.
    """
    if event.status == EventStatus.DRAFT:
        raise EventNotPublished
    if event.status == EventStatus.CANCELLED:
        raise EventCancelled


def load(act: Act, event_id: int, community_id: int) -> Event:
    """The event of that id, if it is the community's.

    Raises:
        NotFound: there is none, or none here.
    """
    event = act.session.get(Event, event_id)
    if event is None or event.community_id != community_id:
        raise NotFound
    return event


def load_shown(act: Act, event_id: int, community_id: int) -> Event:
    """The event of that id as residents of the community may know of it: not a draft."""
    event = load(act, event_id, community_id)
    if event.status == EventStatus.DRAFT:
        raise NotFound
    return event


def lock(act: Act, event: Event) -> None:
    """Read the event afresh and hold it to the transaction's end: one change at a time."""
    act.session.refresh(event, with_for_update=True)


class Which(StrEnum):
    """The office's ways of looking at its events."""

    UPCOMING = "upcoming"
    PAST = "past"
    DRAFT = "draft"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Listing:
    """One page of events; pages count from 1, ``count`` is of all pages."""

    events: Sequence[Event]
    count: int
    page: int
    pages: int


def listing(
    act: Act,
    community_id: int,
    which: Which,
    *,
    words: str = "",
    excluding: Collection[int] = (),
    page: int = 1,
    size: int = 20,
) -> Listing:
    """The community's events of one kind, the nearest to now first; *words* are in the title.

    Beyond the last page is the last.
    """
    published = Event.status == EventStatus.PUBLISHED
    kinds: dict[Which, ColumnElement[bool]] = {
        Which.UPCOMING: published & (Event.ends_at > act.now),
        Which.PAST: published & (Event.ends_at <= act.now),
        Which.DRAFT: Event.status == EventStatus.DRAFT,
        Which.CANCELLED: Event.status == EventStatus.CANCELLED,
    }
    chosen = select(Event).where(Event.community_id == community_id, kinds[which])
    if words:
        chosen = chosen.where(Event.title.icontains(words, autoescape=True))
    if excluding:
        chosen = chosen.where(Event.id.not_in(excluding))
    count = act.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    pages = max(1, ceil(count / size))
    page = min(max(1, page), pages)
    nearest = Event.starts_at if which is Which.UPCOMING else Event.starts_at.desc()
    rows = act.session.scalars(
        chosen.order_by(nearest, Event.id).limit(size).offset((page - 1) * size)
    )
    return Listing(rows.all(), count, page, pages)
