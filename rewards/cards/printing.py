"""Which cards are printed, what stands on them, and that they were.

Drawing the pages takes a second or two, so it is done after the commit: the use cases answer
what is to be drawn by :mod:`rewards.cards.sheet`.
"""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from rewards import audit
from rewards.act import Act
from rewards.cards.codes import address
from rewards.cards.model import Card, CardStatus
from rewards.cards.pin import activation_code
from rewards.cards.sheet import Face, Slip, unprintable
from rewards.errors import N_, Refused
from rewards.residents import Resident

MOST = 500  # cards in one document: fifty pages


class NothingToPrint(Refused):
    """No usable card was chosen, or none whose holder still needs an activation code."""

    code = "nothing_to_print"
    status = 422
    message = N_("There is nothing to print. Choose cards that are in use.")


def chosen(act: Act, community_id: int, ids: Collection[int], today: date) -> list[Card]:
    """Those of these cards that can be used, in the order of the printed pages."""
    return _ordered(act, community_id, today, Card.id.in_(ids))


def not_yet_printed(act: Act, community_id: int, today: date) -> tuple[list[Card], int]:
    """The first :data:`MOST` usable cards that were never printed, and how many there are."""
    never = Card.printed_at.is_(None)
    total = act.session.scalar(
        select(func.count(Card.id))
        .join(Card.resident)
        .where(Resident.community_id == community_id, _usable(today), never)
    )
    return _ordered(act, community_id, today, never), total or 0


def needing_slips(cards: Sequence[Card]) -> list[Card]:
    """Those whose holder has no PIN yet."""
    return [card for card in cards if card.resident.pin_hash is None]


def unprintable_names(cards: Sequence[Card]) -> list[str]:
    """The names that hold a character which the font lacks."""
    return [card.resident.name for card in cards if unprintable(card.resident.name)]


def print_cards(act: Act, cards: Sequence[Card], *, public_url: str, masked: bool) -> list[Face]:
    """Note that the cards are printed; answers what stands on them.

    Raises:
        NothingToPrint: there are none.
    """
    if not cards:
        raise NothingToPrint
    for card in cards:
        card.printed_at = act.now
        _record(act, "card.print", card)
    act.session.flush()
    return [_face(card, public_url, masked) for card in cards]


def print_slips(act: Act, cards: Sequence[Card], *, key: bytes) -> list[Slip]:
    """Note that activation codes are printed; answers the slips of those who have no PIN yet.

    Raises:
        NothingToPrint: they all have one.
    """
    needed = needing_slips(cards)
    if not needed:
        raise NothingToPrint
    for card in needed:
        _record(act, "card.print_slip", card)
    act.session.flush()
    return [_slip(card, key) for card in needed]


def _ordered(act: Act, community_id: int, today: date, which: ColumnElement[bool]) -> list[Card]:
    return list(
        act.session.scalars(
            select(Card)
            .join(Card.resident)
            .where(Resident.community_id == community_id, _usable(today), which)
            .options(contains_eager(Card.resident))
            .order_by(Resident.building, Resident.name, Card.id)
            .limit(MOST)
        )
    )


def _usable(today: date) -> ColumnElement[bool]:
    return and_(
        Card.status == CardStatus.ACTIVE.value,
        or_(Card.expires_on.is_(None), Card.expires_on >= today),
    )


def _face(card: Card, public_url: str, masked: bool) -> Face:
    community = card.resident.community
    return Face(
        programme=community.programme.name_zh,
        community=community.name_zh,
        name=card.resident.masked_name if masked else card.resident.name,
        code=card.code,
        address=address(public_url, card.code),
        helpline=community.programme.helpline,
        expires_on=card.expires_on,
    )


def _slip(card: Card, key: bytes) -> Slip:
    programme = card.resident.community.programme
    return Slip(
        programme=programme.name_zh,
        name=card.resident.name,
        code_end=card.code[-4:],
        activation_code=activation_code(card, key),
        helpline=programme.helpline,
    )


def _record(act: Act, action: str, card: Card) -> None:
    audit.record(act, action, f"card:{card.id}", community_id=card.resident.community_id)
