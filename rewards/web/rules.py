"""What a programme's rules say, in the reader's language, beside what they are about."""

from rewards.act import Act
from rewards.communities import Community
from rewards.donations import gifts
from rewards.donations.gifts import Kind
from rewards.residents import Resident
from rewards.schemes import prospects, sentences, versions
from rewards.schemes.rules import Source
from rewards.volunteering import vocabulary, worth
from rewards.volunteering.events import Event
from rewards.web.edge import language

SERVING = (Source.EVENT, Source.HOURS)


def of_event(act: Act, event: Event) -> list[str]:
    """What the event brings to whoever serves at it, by the scheme in force when it begins."""
    version = versions.find(act, event.community.programme_id, event.starts_at)
    return prospects.said(version.scheme, worth.of_anybody(event), language()) if version else []


def of_events(act: Act, community: Community) -> list[str]:
    """All that the rules in force say of events and hours."""
    return of_sources(act, community, *SERVING)


def of_sources(act: Act, community: Community, *sources: Source) -> list[str]:
    """All that the rules in force say of these sources."""
    version = versions.find(act, community.programme_id, act.now)
    return prospects.said_of(version.scheme, sources, language()) if version else []


def of_gifts(act: Act, resident: Resident, *kinds: Kind) -> list[str]:
    """What gifts of these kinds bring now."""
    version = versions.find(act, resident.community.programme_id, act.now)
    if version is None:
        return []
    deeds = [gifts.deed_of(resident, kind, act.now, 0) for kind in kinds]
    said = [prospects.said(version.scheme, deed, language()) for deed in deeds]
    return list(dict.fromkeys(sentence for some in said for sentence in some))


def of_wallets(act: Act, programme_id: int) -> list[str]:
    """How long points last, and how many a wallet holds."""
    version = versions.find(act, programme_id, act.now)
    return sentences.of_wallet(version.scheme.wallet, language()) if version else []


def terms(act: Act, community: Community) -> dict[str, str]:
    """What classes, grades and levels are called."""
    named = vocabulary.names(act, community)
    return {key: getattr(words, language()) for key, words in named.items()}


def tags(act: Act, community: Community) -> list[tuple[str, str]]:
    """The identity tags of the scheme in force."""
    version = versions.find(act, community.programme_id, act.now)
    known = version.scheme.tags if version else ()
    return [(tag.key, getattr(tag.name, language())) for tag in known]


def tag_names(act: Act, community: Community) -> dict[str, str]:
    """What identity tags are called, by the latest scheme that has them."""
    oldest_first = reversed(versions.history(act, community.programme_id))
    known = (tag for chapter in oldest_first for tag in chapter.version.scheme.tags)
    return {tag.key: getattr(tag.name, language()) for tag in known}


def choices(act: Act, community: Community) -> dict[str, list[tuple[str, str]]]:
    """The classes, grades and levels that an event can be described by."""
    return {
        field: [(term.key, getattr(term.name, language())) for term in known]
        for field, known in vocabulary.offered(act, community).items()
    }
