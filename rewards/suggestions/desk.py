"""The desk takes suggestions down for residents who come or call."""

from rewards import cards
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Community
from rewards.residents import Resident
from rewards.suggestions.refusals import AuthorElsewhere


def author(act: Act, community: Community, scanned: str) -> Resident:
    """The resident of *community* whose card was scanned or typed.

    Raises:
        AuthorElsewhere: the holder belongs to another community.
        cards.NotACard and the other refusals of cards.identify: it isn't a usable card.
    """
    programme = community.programme
    today = local_date(act.now, programme.timezone)
    resident: Resident = cards.identify(act, scanned, programme.id, today).resident
    if resident.community_id != community.id:
        raise AuthorElsewhere
    return resident
