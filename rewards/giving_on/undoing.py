"""Undoing a gift: by the giver on second thoughts, later by the office, if all is still there."""

from datetime import datetime, timedelta
from typing import Any

from rewards import audit, ledger
from rewards.act import Act
from rewards.giving_on import quoting
from rewards.giving_on.model import OFFICE_MAY, SECOND_THOUGHTS, GiftUndone, PointsGift
from rewards.giving_on.refusals import TooLateForOffice, TooLateToUndo


def undo(act: Act, gift: PointsGift, *, key: str, because: str = "") -> ledger.Answer:
    """Return a gift's points to the giver, whole, by an opposite entry; the limit forgets it.

    The giver may for a short time, staff for longer and with a reason; whose gift it is, or
    whose desk, the caller has seen to. Answers ``{"reference": …, "points": …}``.

    Raises:
        TooLateToUndo, TooLateForOffice, KeyReused: the key isn't used up. In the answer,
        remembered: AlreadyReversed, GiftGone, Archived.
    """
    by_staff = act.actor.kind == "staff"
    if act.now > gift.given_at + (OFFICE_MAY if by_staff else SECOND_THOUGHTS):
        if by_staff:
            raise TooLateForOffice(days=OFFICE_MAY.days)
        raise TooLateToUndo(minutes=SECOND_THOUGHTS // timedelta(minutes=1))

    def work(op: ledger.Operation) -> dict[str, Any]:
        today = quoting.today(act, gift.giver)
        undone = ledger.return_gift(op, gift.transfer_id, today=today, reason=because)
        act.session.add(
            GiftUndone(
                gift_id=gift.id,
                transfer_id=undone,
                undone_at=act.now,
                undone_by_id=act.actor.id if by_staff else None,
                because=because,
            )
        )
        act.session.flush()
        audit.record(
            act,
            "gift.undo",
            f"gift:{gift.id}",
            community_id=gift.giver.community_id,
            points=gift.points,
            reason=because,
        )
        return {"reference": gift.reference, "points": gift.points}

    body = {"gift": gift.reference, "because": because}
    return ledger.once(act, f"gift-undo:{gift.id}", key, body, work)


def undoable_until(gift: PointsGift, *, by_staff: bool = False) -> datetime:
    """The moment from which on the giver, or the office, can't undo it any more."""
    return gift.given_at + (OFFICE_MAY if by_staff else SECOND_THOUGHTS)
