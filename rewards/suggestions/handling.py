"""What the office does with a suggestion. Each step is noted, and says why it can't be taken."""

from rewards.act import Act
from rewards.suggestions.model import Status, Suggestion, What
from rewards.suggestions.refusals import CannotAccept, CannotRefuse, CannotSolve
from rewards.suggestions.sending import lock, note


def accept(act: Act, suggestion: Suggestion) -> None:
    """Take the suggestion in hand.

    Raises:
        CannotAccept: it isn't waiting any more.
    """
    lock(act, suggestion)
    if suggestion.status != Status.SENT:
        raise CannotAccept
    suggestion.status = Status.ACCEPTED.value
    note(act, suggestion, What.ACCEPTED)


def refuse(act: Act, suggestion: Suggestion, reason: str) -> None:
    """Turn the suggestion down; its author reads the reason.

    Raises:
        CannotRefuse: it is neither waiting nor accepted.
    """
    lock(act, suggestion)
    if suggestion.status not in {Status.SENT, Status.ACCEPTED}:
        raise CannotRefuse
    suggestion.status = Status.REFUSED.value
    note(act, suggestion, What.REFUSED, reason)


def answer(act: Act, suggestion: Suggestion, words: str) -> None:
    """Tell its author something, wherever the suggestion stands."""
    lock(act, suggestion)
    note(act, suggestion, What.ANSWERED, words)


def solve(act: Act, suggestion: Suggestion, words: str) -> None:
    """Say that what was suggested is done, and what was done.

    Raises:
        CannotSolve: it isn't adopted.
    """
    lock(act, suggestion)
    if suggestion.status != Status.ADOPTED:
        raise CannotSolve
    suggestion.status = Status.SOLVED.value
    note(act, suggestion, What.SOLVED, words)
