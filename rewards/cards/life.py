"""A card's life: issued, blocked and found again, replaced. What was earned stays in the wallet."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from rewards import audit
from rewards.act import Act
from rewards.cards.codes import new_code
from rewards.cards.model import Card, CardStatus, ReplacedCard, active_card
from rewards.errors import N_, Refused
from rewards.residents import Resident


class HasCard(Refused):
    """The resident has an active card; a second comes only by replacing it."""

    code = "has_card"
    message = N_("This resident has an active card. Replace it if it is lost or worn.")


class NotBlocked(Refused):
    """Only a blocked card can be unblocked."""

    code = "not_blocked"
    message = N_("This card isn't blocked, so nothing was changed.")


def issue(act: Act, resident: Resident, *, expires_on: date | None = None) -> Card:
    """Issue a first card to *resident*.

    Raises:
        HasCard: there is an active one.
    """
    return issue_many(act, [resident], expires_on=expires_on)[0]


def issue_many(
    act: Act, residents: Sequence[Resident], *, expires_on: date | None = None
) -> list[Card]:
    """Issue a card to each of *residents*, to all or to none; answers them in that order.

    Raises:
        HasCard: one of them has an active card.
    """
    if not residents:
        return []
    rows = [
        {
            "code": new_code(),
            "resident_id": resident.id,
            "status": CardStatus.ACTIVE.value,
            "issued_at": act.now,
            "expires_on": expires_on,
        }
        for resident in residents
    ]
    insertion = insert(Card).returning(Card, sort_by_parameter_order=True)
    try:
        with act.session.begin_nested():
            cards = list(act.session.scalars(insertion, rows))
    except IntegrityError:
        # The partial unique index says so, even when two desks issue at once.
        raise HasCard from None
    for card, resident in zip(cards, residents, strict=True):
        audit.record(act, "card.issue", f"card:{card.id}", community_id=resident.community_id)
    act.session.flush()
    return cards


def block(act: Act, card: Card, *, reason: str) -> None:
    """Make the card useless at once; blocking it again changes nothing.

    Raises:
        ReplacedCard: it is useless already.
    """
    _lock(act, card)
    if card.status == CardStatus.REPLACED:
        raise ReplacedCard
    if card.status == CardStatus.BLOCKED:
        return
    _end(act, card, CardStatus.BLOCKED, reason)
    _record(act, "card.block", card, reason)


def unblock(act: Act, card: Card, *, reason: str) -> None:
    """Let a card that was found again be used.

    Raises:
        NotBlocked, HasCard: it isn't blocked, or another took its place meanwhile.
    """
    _lock(act, card)
    if card.status != CardStatus.BLOCKED:
        raise NotBlocked
    if active_card(act, card.resident_id) is not None:
        raise HasCard
    card.status = CardStatus.ACTIVE.value
    card.ended_at, card.ended_because = None, ""
    act.session.flush()
    _record(act, "card.unblock", card, reason)


def replace(act: Act, card: Card, *, reason: str, expires_on: date | None = None) -> Card:
    """Issue a new card for a lost or worn one; PIN, points and history stay the resident's.

    Raises:
        ReplacedCard, HasCard: a newer card is there already.
    """
    _lock(act, card)
    if card.status == CardStatus.REPLACED:
        raise ReplacedCard
    _end(act, card, CardStatus.REPLACED, reason)
    newer = issue(act, card.resident, expires_on=expires_on)
    card.replaced_by_id = newer.id
    act.session.flush()
    _record(act, "card.replace", card, reason, replaced_by=newer.id)
    return newer


def _lock(act: Act, card: Card) -> None:
    """Wait for whoever changes this card, and see it as they left it."""
    act.session.execute(
        select(Card)
        .where(Card.id == card.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _end(act: Act, card: Card, status: CardStatus, reason: str) -> None:
    card.status = status.value
    card.ended_at = act.now
    card.ended_because = reason[:200]
    act.session.flush()


def _record(act: Act, action: str, card: Card, reason: str, **detail: int) -> None:
    audit.record(
        act,
        action,
        f"card:{card.id}",
        community_id=card.resident.community_id,
        reason=reason,
        **detail,
    )
