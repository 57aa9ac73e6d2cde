"""To whom something is about to be given: kept in the session between the pages."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

# Whoever was chosen is for this gift: a phone that is picked up later begins anew.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True)
class Choice:
    """A neighbour's card, or a cause, that a giver chose, and a mark of this choosing."""

    giver_id: int
    code: str
    cause_id: int
    mark: str

    def key(self, points: object) -> str:
        """The idempotency key of giving so many points by this choice.

        It is the same however often the page is drawn: if an answer is lost and the reader goes
        back and confirms again, that is the same gift.
        """
        return f"{self.mark}.{points}"


def begin(giver_id: int, now: datetime, *, code: str = "", cause_id: int = 0) -> Choice:
    """A neighbour or a cause is chosen (or, after a refusal, is to be tried anew)."""
    choice = Choice(giver_id, code, cause_id, secrets.token_urlsafe(12))
    session["giving_on"] = [giver_id, code, cause_id, choice.mark, int(now.timestamp())]
    return choice


def current(giver_id: int, now: datetime) -> Choice | None:
    """What the giver chose, unless that was too long ago."""
    giver, code, cause_id, mark, since = session.get("giving_on") or (0, "", 0, "", 0)
    if giver != giver_id or now.timestamp() - since > PATIENCE.total_seconds():
        return None
    return Choice(giver, code, cause_id, mark)


def leave() -> None:
    """It is given; the next gift begins with choosing."""
    session.pop("giving_on", None)
