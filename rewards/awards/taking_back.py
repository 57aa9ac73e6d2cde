"""Taking awards back, whole or in part, also where their points were spent.

What was spent is not taken from what is earned later: it is refused, or recorded as owed, which
is shown to the resident and to the office and stays a number (docs/decisions/0010).
"""

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


@dataclass(frozen=True)
class Outlook:
    """What taking awards back would find now: points that are left of them, and are there."""

    left: int
    there: int

    @property
    def spent(self) -> int:
        """What is left of them but isn't there any more."""
        return self.left - self.there


def outlook(act: Act, award: Award) -> Outlook:
    """What taking the award back would find now, whole; nothing is locked or written."""
    points = left(act, award)
    if award.transfer_id is None:
        return Outlook(0, 0)
    today = local_date(act.now, award.resident.community.programme.timezone)
    there = ledger.takeable(act.session, award.transfer_id, today, now=act.now)
    return Outlook(points, min(points, there))


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
        ReasonMissing, ledger.AlreadySpent, ledger.AlreadyReversed: nothing was written.
    """
    if not reason.strip():
        raise ReasonMissing
    if award.reversed_at is not None:
        raise ledger.AlreadyReversed
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
    The answer's refusal may be ReasonMissing, ledger.AlreadySpent, ledger.AlreadyReversed or
    ledger.BadAmount.
    """
    when_spent = ledger.WhenSpent.OWE if owe else ledger.WhenSpent.REFUSE

    def work(op: ledger.Operation) -> dict[str, int]:
        taken = reverse(act, op, award, reason=reason, when_spent=when_spent, points=points)
        return {"taken": taken.taken, "owed": taken.owed}

    body = {"reason": reason, "owe": owe, "points": points}
    return ledger.once(act, f"reversal:award:{award.id}", key, body, work)
