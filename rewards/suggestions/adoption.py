"""Adopting a suggestion: the one step that brings points, and its undoing.

The points are for what the community decided to do, so the adoption is the moment that
counts: the scheme then in force applies, caps count it there, and the expiry runs from it. A
resident loses nothing because the office was slow.
"""

from typing import Any

from rewards import audit, awards, ledger
from rewards.act import Act
from rewards.awards import Award
from rewards.schemes import versions
from rewards.schemes.facts import Kind, Outcome
from rewards.schemes.versions import Version
from rewards.suggestions.model import Status, Suggestion, What
from rewards.suggestions.refusals import AlreadyAdopted, CannotAdopt, CannotReverse
from rewards.suggestions.sending import lock, note

SOURCE = "suggestion"


def worth(act: Act, suggestion: Suggestion) -> Outcome:
    """What adopting it now would bring its author.

    Raises:
        NoScheme: the programme has none in force.
    """
    return _worth(act, suggestion, _in_force(act, suggestion))


def adopt(
    act: Act,
    suggestion: Suggestion,
    *,
    public_title: str,
    photos_public: bool = False,
    words: str = "",
) -> ledger.Answer:
    """Adopt an accepted suggestion and give its author the points, once.

    Answers ``{"points": …}``, 0 beyond a cap. The locks come first: of two who adopt at once the
    second finds it adopted; of one resident's two, the second counts the first.

    Raises:
        AlreadyAdopted, CannotAdopt, NoScheme, awards.NoRoom: nothing was written.
    """
    lock(act, suggestion)
    if suggestion.status in {Status.ADOPTED, Status.SOLVED}:
        raise AlreadyAdopted
    if suggestion.status != Status.ACCEPTED:
        raise CannotAdopt
    in_force = _in_force(act, suggestion)
    awards.hold(act, in_force)
    value = _worth(act, suggestion, in_force)
    due = awards.Due(suggestion.resident, SOURCE, suggestion.id, value, public_title, act.now)

    def work(op: ledger.Operation) -> dict[str, int]:
        granted = awards.grant_all(act, op, suggestion.community.programme, in_force, [due])
        points = sum(award.points for award in granted)
        suggestion.status = Status.ADOPTED.value
        suggestion.adopted_at = act.now
        suggestion.adoptions += 1
        suggestion.public_title = public_title
        suggestion.photos_public = photos_public
        note(act, suggestion, What.ADOPTED, words)
        _audit(act, "suggestion.adopt", suggestion, {"points": points})
        return {"points": points}

    key = f"{suggestion.id}:{suggestion.adoptions}"
    answer = ledger.once(act, "suggestion.adopt", key, {}, work)
    # A refusal is raised rather than remembered, or it could never be adopted.
    answer.result()
    return answer


def reverse(act: Act, suggestion: Suggestion, *, key: str, reason: str) -> ledger.Answer:
    """Take an adoption and its points back; the suggestion is in hand again.

    Answers ``{"taken": …}``. The answer refuses with CannotReverse if it isn't adopted, and
    with ledger.AlreadySpent if the points can't be taken back.
    """

    def work(op: ledger.Operation) -> dict[str, int]:
        lock(act, suggestion)
        if suggestion.status not in {Status.ADOPTED, Status.SOLVED}:
            raise CannotReverse
        award = award_of(act, suggestion)
        taken = awards.reverse(act, op, award, reason=reason).taken if award else 0
        suggestion.status = Status.ACCEPTED.value
        suggestion.adopted_at = None
        suggestion.photos_public = False
        note(act, suggestion, What.REVERSED, reason)
        _audit(act, "suggestion.reverse", suggestion, {"taken": taken, "reason": reason})
        return {"taken": taken}

    return ledger.once(act, f"suggestion.reverse:{suggestion.id}", key, {"reason": reason}, work)


def award_of(act: Act, suggestion: Suggestion) -> Award | None:
    """The award that its adoption brought, while it stands."""
    return awards.standing(act, SOURCE, [suggestion.id]).get(suggestion.id)


def _worth(act: Act, suggestion: Suggestion, version: Version) -> Outcome:
    deed = awards.deed(
        suggestion.resident,
        Kind.SUGGESTION,
        act.now,
        class_=suggestion.category,
        place=suggestion.place,
    )
    return version.engine.evaluate(deed, awards.tally(act, version, [deed]))


def _in_force(act: Act, suggestion: Suggestion) -> Version:
    return versions.in_force(act, suggestion.community.programme_id, act.now)


def _audit(act: Act, action: str, suggestion: Suggestion, detail: dict[str, Any]) -> None:
    audit.record(
        act,
        action,
        f"suggestion:{suggestion.id}",
        community_id=suggestion.community_id,
        **detail,
    )
