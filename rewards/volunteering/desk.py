"""Finding the resident that somebody at the desk means: by card, by telephone or by name."""

from sqlalchemy import select

from rewards import cards
from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Community
from rewards.errors import N_, Refused
from rewards.forms import phone_number, plain
from rewards.residents import Resident


class NobodyFound(Refused):
    """No resident of the community goes by this card, number or name."""

    code = "nobody_found"
    status = 404
    message = N_("No resident here has this card, telephone number or full name.")


class SeveralFound(Refused):
    """The name alone doesn't say who is meant."""

    code = "several_found"
    message = N_("%(count)s residents have this name. Use the card or the telephone number.")


def find_resident(act: Act, community: Community, who: str) -> Resident:
    """The one resident of *community* named by *who*: a card, a telephone number or a name.

    A resident of another community isn't found by number or name, but is by card, so that
    the rule asked next can say what is the matter.

    Raises:
        BlockedCard, ReplacedCard, ExpiredCard, UnknownCard, NobodyFound, SeveralFound: why not.
    """
    try:
        cards.read_code(who)
    except cards.NotACard:
        return _by_number_or_name(act, community, who)
    programme = community.programme
    today = local_date(act.now, programme.timezone)
    return cards.identify(act, who, programme.id, today).resident


def _by_number_or_name(act: Act, community: Community, who: str) -> Resident:
    number = phone_number(who)
    named = Resident.name == plain(who) if number is None else Resident.phone == number
    found = act.session.scalars(
        select(Resident).where(Resident.community_id == community.id, named)
    ).all()
    if not found:
        raise NobodyFound
    if len(found) > 1:
        raise SeveralFound(count=len(found))
    return found[0]
