"""Whom a list means: one resident a line, by card, telephone number or name."""

from rewards import cards
from rewards.act import Act
from rewards.communities import Community
from rewards.deeds.refusals import (
    CardUnusable,
    LineAmbiguous,
    LineUnknown,
    NewcomerUnknown,
    NobodyNamed,
    TooManyNamed,
)
from rewards.errors import Refused
from rewards.residents import Resident
from rewards.volunteering import desk

MOST = 100

REFUSALS: dict[type[Refused], type[Refused]] = {
    desk.SeveralFound: LineAmbiguous,
    cards.BlockedCard: CardUnusable,
    cards.ReplacedCard: CardUnusable,
    cards.ExpiredCard: CardUnusable,
}


def residents(act: Act, community: Community, text: str) -> list[Resident]:
    """The residents that *text* names, each once, in its order.

    Raises:
        NobodyNamed, TooManyNamed.
        LineUnknown, LineAmbiguous, CardUnusable: the fact ``line`` says where.
    """
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise NobodyNamed
    if len(lines) > MOST:
        raise TooManyNamed(most=MOST)
    found = {}
    for number, who in lines:
        resident = _one(act, community, number, who)
        found[resident.id] = resident
    return list(found.values())


def newcomer(act: Act, community: Community, who: str) -> Resident:
    """The resident that was referred, named on one line.

    Raises:
        NewcomerUnknown: nobody here goes by that, or several do.
    """
    try:
        return _one(act, community, 1, who)
    except Refused:
        raise NewcomerUnknown from None


def _one(act: Act, community: Community, number: int, who: str) -> Resident:
    try:
        resident = desk.find_resident(act, community, who)
    except Refused as refusal:
        raise REFUSALS.get(type(refusal), LineUnknown)(line=number, who=who[:60]) from None
    if resident.community_id != community.id:
        raise LineUnknown(line=number, who=who[:60])
    return resident
