"""Many cards at once, with what a till needs to know of their holders. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.cards.model import Card, UnknownCard, check_usable
from rewards.communities import Community
from rewards.residents import Resident, mask


@dataclass(frozen=True)
class Scanned:
    """A card, usable or not, and whose wallet it finds."""

    id: int
    status: str
    expires_on: date | None
    resident_id: int
    wallet_id: int
    name: str
    community_id: int
    programme_id: int

    @property
    def masked_name(self) -> str:
        return mask(self.name)

    def expired(self, today: date) -> bool:
        """Whether the card's date is past."""
        return self.expires_on is not None and self.expires_on < today


def scanned(session: Session, codes: Collection[str]) -> dict[str, Scanned]:
    """The cards of these codes, by code; one that is no card of ours is absent."""
    rows = session.execute(
        select(
            Card.id,
            Card.status,
            Card.expires_on,
            Resident.id,
            Resident.wallet_id,
            Resident.name,
            Resident.community_id,
            Community.programme_id,
            Card.code,
        )
        .join(Resident, Resident.id == Card.resident_id)
        .join(Community, Community.id == Resident.community_id)
        .where(Card.code.in_(codes))
    )
    return {row[-1]: Scanned(*row[:-1]) for row in rows}


def usable(card: Scanned | None, programme_id: int, today: date) -> Scanned:
    """*card*, if it can be used in the programme today.

    Raises:
        UnknownCard, BlockedCard, ReplacedCard, ExpiredCard: why not.
    """
    if card is None or card.programme_id != programme_id:
        raise UnknownCard
    check_usable(card, today)
    return card
