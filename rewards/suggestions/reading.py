"""Lists and counts of suggestions: a resident's own, the office's queue, the public board."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from rewards.act import Act
from rewards.communities import Community
from rewards.errors import NotFound
from rewards.suggestions.model import Category, Photo, Status, Suggestion

PAGE_SIZE = 20

# What the public board counts. Each suggestion is reported, and is one of the other four.
STATES: dict[str, tuple[Status, ...]] = {
    "reported": tuple(Status),
    "waiting": (Status.SENT,),
    "in-hand": (Status.ACCEPTED, Status.ADOPTED),
    "solved": (Status.SOLVED,),
    "refused": (Status.REFUSED,),
}
PUBLISHED = (Status.ADOPTED, Status.SOLVED)


@dataclass(frozen=True)
class Page:
    """One page of a list; pages count from 1."""

    rows: Sequence[Suggestion]
    page: int
    pages: int
    count: int


def listed(
    act: Act,
    *,
    community_id: int | None = None,
    resident_id: int | None = None,
    statuses: Sequence[Status] = tuple(Status),
    category: Category | None = None,
    oldest_first: bool = False,
    page: int = 1,
) -> Page:
    """A community's or a resident's suggestions, the newest first unless asked otherwise."""
    wanted: list[ColumnElement[bool]] = [Suggestion.status.in_([s.value for s in statuses])]
    if community_id is not None:
        wanted.append(Suggestion.community_id == community_id)
    if resident_id is not None:
        wanted.append(Suggestion.resident_id == resident_id)
    if category is not None:
        wanted.append(Suggestion.category == category.value)
    count = act.session.scalar(select(func.count(Suggestion.id)).where(*wanted)) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = act.session.scalars(
        select(Suggestion)
        .where(*wanted)
        .options(selectinload(Suggestion.photos), selectinload(Suggestion.resident))
        .order_by(Suggestion.id.asc() if oldest_first else Suggestion.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    return Page(rows, page, pages, count)


def count_by_status(
    act: Act, community_id: int, category: Category | None = None
) -> dict[Status, int]:
    """How many suggestions of the community stand where."""
    counted = by_category(act, community_id)
    wanted = [category] if category else list(Category)
    return {status: sum(counted[c][status] for c in wanted) for status in Status}


def by_category(act: Act, community_id: int) -> dict[Category, dict[Status, int]]:
    """How many suggestions of the community stand where, for each category."""
    rows = act.session.execute(
        select(Suggestion.category, Suggestion.status, func.count())
        .where(Suggestion.community_id == community_id)
        .group_by(Suggestion.category, Suggestion.status)
    )
    counted = {category: dict.fromkeys(Status, 0) for category in Category}
    for category, status, count in rows:
        counted[Category(category)][Status(status)] = count
    return counted


def tally(counted: dict[Status, int]) -> dict[str, int]:
    """What the public board counts, from the counts by status."""
    return {state: sum(counted[s] for s in statuses) for state, statuses in STATES.items()}


def communities(act: Act) -> list[Community]:
    """Every community that has a board."""
    return list(act.session.scalars(select(Community).order_by(Community.id)))


def community(act: Act, slug: str) -> Community:
    """The community whose public address has *slug*.

    Raises:
        NotFound: there is none.
    """
    found = act.session.scalar(select(Community).where(Community.slug == slug))
    if found is None:
        raise NotFound
    return found


def load_photo(
    act: Act,
    photo_id: int,
    *,
    community_id: int | None = None,
    resident_id: int | None = None,
) -> Photo:
    """The photo of that id, if it is the resident's own, the community's, or public.

    Raises:
        NotFound: there is none that this viewer may see.
    """
    photo = act.session.get(Photo, photo_id)
    if photo is None:
        raise NotFound
    suggestion = photo.suggestion
    seen = (
        suggestion.community_id == community_id
        or suggestion.resident_id == resident_id
        or (suggestion.photos_public and suggestion.status in PUBLISHED)
    )
    if not seen:
        raise NotFound
    return photo
