"""Taking awards back, whole or in part, also where their points were spent.

What was spent is not taken from what is earned later: it is refused, or recorded as owed, which
is shown to the resident and to the office and stays a number (docs/decisions/0015).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards import audit, ledger
from rewards.act import Act
from rewards.awards.model import Award, left
from rewards.clock import local_date
from rewards.errors import N_, Refused


class ReasonMissing(Refused):
    """A reversal needs a reason that the resident can read."""

    code = "reason_missing"
    status = 422
    message = N_("Say why, so that the resident can read it.")


class MoreThanLeft(Refused):
    """More should be taken back than the award still has."""

    code = "more_than_left"
    status = 422
    message = N_("Only %(left)s points of this award are left.")


@dataclass(frozen=True)
class Outlook:
    """What taking an award back would find now: the points left of it, and how many are there."""

    left: int
    there: int

    @property
    def spent(self) -> int:
        """What is left of it but isn't there any more."""
        return self.left - self.there


def outlook(act: Act, awards: Sequence[Award]) -> dict[int, Outlook]:
    """What taking each of these awards back would find now, by the award's id.

    Nothing is locked, so it may have changed when they are taken back; and of two awards to
    one resident each counts all that is there.
    """
    if not awards:
        return {}
    moved = [award.transfer_id for award in awards if award.transfer_id is not None]
    today = local_date(act.now, awards[0].resident.community.programme.timezone)
    there = ledger.takeable(act.session, moved, today, now=act.now)
    undone = ledger.reversed_amounts(act.session, moved)
    found: dict[int, Outlook] = {}
    for award in awards:
        number = award.transfer_id or 0
        points = award.points - undone.get(number, 0)
        found[award.id] = Outlook(points, min(points, there.get(number, 0)))
    return found


def reverse(
    act: Act,
    op: ledger.Operation,
    award: Award,
    *,
    reason: str,
    when_spent: ledger.WhenSpent = ledger.WhenSpent.REFUSE,
    points: int | None = None,
) -> ledger.Taken:
    """Take an award back, with a reason, within a claimed operation.

    With *points*, only so many of it: the award stands until nothing of it is left.

    Raises:
        ReasonMissing, MoreThanLeft, ledger.AlreadySpent, ledger.AlreadyReversed: nothing was
            written.
    """
    if not reason.strip():
        raise ReasonMissing
    if award.reversed_at is not None:
        raise ledger.AlreadyReversed
    if points is not None and points > (still := left(act, award)):
        raise MoreThanLeft(left=still)
    community = award.resident.community
    taken = ledger.Taken(None, 0, 0)
    if award.transfer_id is not None:
        taken = ledger.take_back(
            op,
            award.transfer_id,
            today=local_date(act.now, community.programme.timezone),
            reason=reason[:200],
            when_spent=when_spent,
            amount=points,
        )
    award.owed += taken.owed
    if left(act, award) == 0:
        award.reversed_at = act.now
        award.reversal_reason = reason[:200]
    act.session.flush()
    audit.record(
        act,
        "award.reverse",
        f"award:{award.id}",
        community_id=community.id,
        reason=reason,
        taken=taken.taken,
        owed=taken.owed,
    )
    return taken


def take_back(
    act: Act,
    award: Award,
    *,
    key: str,
    reason: str,
    owe: bool = False,
    points: int | None = None,
) -> ledger.Answer:
    """Take back all that is left of an award, or so many *points* of it, whatever it was for.

    With *owe*, what was spent is recorded as owed; without it nothing is taken if any was.
    The answer's refusal may be ReasonMissing, MoreThanLeft, ledger.AlreadySpent,
    ledger.AlreadyReversed or ledger.BadAmount.
    """
    when_spent = ledger.WhenSpent.OWE if owe else ledger.WhenSpent.REFUSE

    def work(op: ledger.Operation) -> dict[str, int]:
        taken = reverse(act, op, award, reason=reason, when_spent=when_spent, points=points)
        return {"taken": taken.taken, "owed": taken.owed}

    body = {"reason": reason, "owe": owe, "points": points}
    return ledger.once(act, f"reversal:award:{award.id}", key, body, work)
