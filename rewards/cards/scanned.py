"""Many cards at once, with what a till needs to know of their holders. Reads only."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from rewards.bulk import Writer
from rewards.cards.model import UnknownCard, check_usable
from rewards.procedures import Query
from rewards.residents import mask


class Scanned(NamedTuple):
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


class Scan:
    """The cards of some codes, asked for; one that is no card of ours is absent."""

    def __init__(self, writer: Writer, codes: Collection[str]) -> None:
        self._writer, self._asked = writer, SCAN.ask(writer, codes=codes)

    def cards(self) -> dict[str, Scanned]:
        """The cards by their codes; to be looked at once."""
        return {
            row[0]: Scanned(row[1], row[2], self._writer.day(row[3]), *row[4:])
            for row in self._asked.rows()
        }


SCAN = Query(
    "card_scan",
    {"codes": "text[]"},
    "c.code, c.id, c.status, c.expires_on, r.id, r.wallet_id, r.name, r.community_id, "
    "m.programme_id",
    "FROM card c JOIN resident r ON r.id = c.resident_id "
    "JOIN community m ON m.id = r.community_id WHERE c.code {codes}",
    "c.id",
)


def usable(card: Scanned | None, programme_id: int, today: date) -> Scanned:
    """*card*, if it can be used in the programme today.

    Raises:
        UnknownCard, BlockedCard, ReplacedCard, ExpiredCard: why not.
    """
    if card is None or card.programme_id != programme_id:
        raise UnknownCard
    check_usable(card, today)
    return card
