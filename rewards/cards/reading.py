"""The desk's list of cards. Reads only."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from rewards.act import Act
from rewards.cards.model import Card, CardStatus
from rewards.residents import Resident


class Shown(StrEnum):
    """Which cards a list shows."""

    ACTIVE = "active"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Filter:
    """What the desk asked for. ``words`` is part of a name, a phone's end, or part of a code."""

    shown: Shown | None = None
    printed: bool | None = None
    words: str = ""


@dataclass(frozen=True)
class CardPage:
    """One page of cards, and how many there are in all."""

    cards: list[Card]
    total: int


def listing(
    act: Act, community_id: int, wanted: Filter, today: date, *, page: int = 1, size: int = 50
) -> CardPage:
    """The community's cards that match, by building and name, a page at a time."""
    matching = _matching(community_id, wanted, today)
    total = act.session.scalar(matching.with_only_columns(func.count(Card.id)).order_by(None))
    cards = act.session.scalars(
        matching.options(contains_eager(Card.resident)).limit(size).offset((page - 1) * size)
    )
    return CardPage(list(cards), total or 0)


def of_resident(act: Act, resident_id: int) -> list[Card]:
    """Every card that the resident has had, the newest first."""
    return list(
        act.session.scalars(
            select(Card).where(Card.resident_id == resident_id).order_by(Card.id.desc())
        )
    )


def without_card(
    act: Act, community_id: int, words: str = "", *, limit: int = 200
) -> tuple[list[Resident], int]:
    """Residents without a card, by building and name, and how many there are in all.

    A blocked card counts as one: it is found again, or replaced.
    """
    has_one = exists().where(
        Card.resident_id == Resident.id, Card.status != CardStatus.REPLACED.value
    )
    chosen = select(Resident).where(Resident.community_id == community_id, ~has_one)
    if words:
        chosen = chosen.where(_named(words))
    total = act.session.scalar(chosen.with_only_columns(func.count(Resident.id)))
    ordered = chosen.order_by(Resident.building, Resident.name, Resident.id).limit(limit)
    return list(act.session.scalars(ordered)), total or 0


def _matching(community_id: int, wanted: Filter, today: date) -> Select[Card]:
    matching = (
        select(Card)
        .join(Card.resident)
        .where(Resident.community_id == community_id)
        .order_by(Resident.building, Resident.name, Card.id)
    )
    if wanted.shown is not None:
        matching = matching.where(_state(wanted.shown, today))
    if wanted.printed is not None:
        printed = Card.printed_at.is_not(None)
        matching = matching.where(printed if wanted.printed else ~printed)
    if wanted.words:
        code = "".join(wanted.words.split()).upper()
        by_code = Card.code.contains(code, autoescape=True) if len(code) >= 4 else None
        named = _named(wanted.words)
        matching = matching.where(named if by_code is None else or_(named, by_code))
    return matching


def _state(shown: Shown, today: date) -> ColumnElement[bool]:
    active = Card.status == CardStatus.ACTIVE.value
    past = and_(Card.expires_on.is_not(None), Card.expires_on < today)
    if shown is Shown.ACTIVE:
        return and_(active, ~past)
    if shown is Shown.EXPIRED:
        return and_(active, past)
    return Card.status == shown.value


def _named(words: str) -> ColumnElement[bool]:
    by_name = Resident.name.contains(words, autoescape=True)
    if words.isascii() and words.isdigit() and len(words) >= 4:
        return or_(by_name, Resident.phone.endswith(words, autoescape=True))
    return by_name
