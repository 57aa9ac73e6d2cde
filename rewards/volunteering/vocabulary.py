"""The words that an event is described by: classes, grades and levels of the programme's scheme."""

from collections.abc import Iterable
from datetime import datetime

from rewards.act import Act
from rewards.communities import Community
from rewards.errors import N_, Refused
from rewards.schemes import versions
from rewards.schemes.rules import Term, Words
from rewards.schemes.scheme import Scheme
from rewards.schemes.versions import Standing, Version

# Of a scheme that lists no classes: events are found by them, whatever they bring.
USUAL_CLASSES = (
    Term("environment", Words("环境", "Environment")),
    Term("elders", Words("助老", "Help for older people")),
    Term("culture", Words("文化", "Culture")),
    Term("safety", Words("安全", "Safety")),
    Term("education", Words("教育", "Education")),
    Term("other", Words("其他", "Other")),
)


class UnknownTerm(Refused):
    """The scheme of the event's day doesn't have the class, grade or level."""

    code = "unknown_term"
    status = 422
    message = N_("The points rules of that day don't know this. Choose another one.")


def terms(scheme: Scheme) -> dict[str, tuple[Term, ...]]:
    """What may be chosen for each of an event's columns."""
    return {
        "service": scheme.classes or USUAL_CLASSES,
        "grade": scheme.grades,
        "level": scheme.levels,
    }


def offered(act: Act, community: Community) -> dict[str, list[Term]]:
    """What events from now on may be described by: in the scheme in force, or in one to come.

    Raises:
        NoScheme: there is none in force.
    """
    versions.in_force(act, community.programme_id, act.now)
    return _joined(_known(act, community, Standing.IN_FORCE, Standing.TO_COME))


def names(act: Act, community: Community) -> dict[str, Words]:
    """What classes, grades and levels are called, by the latest scheme that has them."""
    known = [*_known(act, community, *Standing)]
    every = [term for words in _joined(known).values() for term in words]
    return {term.key: term.name for term in (*USUAL_CLASSES, *reversed(every))}


def check(act: Act, community: Community, starts_at: datetime, **chosen: str | None) -> None:
    """Refuse a class, grade or level that the scheme of the event's day doesn't have.

    Raises:
        UnknownTerm: its fact ``field`` says which of them.
        NoScheme: there is none in force then.
    """
    scheme = versions.in_force(act, community.programme_id, starts_at).scheme
    for field, known in terms(scheme).items():
        key = chosen.get(field)
        if key is not None and key not in {term.key for term in known}:
            raise UnknownTerm(field=field)


def _known(act: Act, community: Community, *standings: Standing) -> Iterable[Version]:
    history = versions.history(act, community.programme_id)
    return (chapter.version for chapter in history if chapter.standing in standings)


def _joined(known: Iterable[Version]) -> dict[str, list[Term]]:
    """The terms of several versions, those of one key once, by the first that has it."""
    joined: dict[str, dict[str, Term]] = {"service": {}, "grade": {}, "level": {}}
    for version in known:
        for field, words in terms(version.scheme).items():
            for term in words:
                joined[field].setdefault(term.key, term)
    return {field: list(words.values()) for field, words in joined.items()}
