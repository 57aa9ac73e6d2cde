"""A mistake of the same day is undone."""

from typing import Any

from merchants import people
from merchants.checkout.model import Redemption
from merchants.checkout.quoting import business_day
from merchants.partners import Merchant
from rewards import audit, ledger
from rewards.act import Act
from rewards.awards import ReasonMissing
from rewards.errors import N_, NotFound, Refused
from rewards.schemes import versions


class TooLateToVoid(Refused):
    """The redemption's business day is over."""

    code = "too_late_to_void"
    message = N_(
        "Only today's redemptions can be voided, and this one is of %(day)s. "
        "Ask the community office."
    )


def void(
    act: Act, merchant: Merchant, redemption: Redemption, *, key: str, reason: str
) -> ledger.Answer:
    """Undo a redemption of today: its points return to the very lots that they left.

    Answers the receipt, and ``balance_now``; a second void answers as the first did.

    Raises:
        NotAllowed, NotFound, ReasonMissing, KeyReused: the key isn't used up.
        The answer may hold (and remembers) TooLateToVoid.
    """
    staff_id = people.at_till(act, merchant)
    if redemption.merchant_id != merchant.id:
        raise NotFound
    because = reason.strip()[:200]
    if not because:
        raise ReasonMissing
    redemption_id = redemption.id

    def work(op: ledger.Operation) -> dict[str, Any]:
        # The row is locked before the wallet, so that two voids come one after the other.
        row = act.session.get_one(
            Redemption, redemption_id, with_for_update=True, populate_existing=True
        )
        if not row.voided:
            _undo(act, op, merchant, row, staff_id, because)
        wallet_id = row.resident.wallet_id
        today = business_day(act, merchant)
        now = ledger.spendable(act.session, wallet_id, today, now=act.now)
        return {**row.receipt(), "balance_now": now}

    body = {"redemption": redemption_id, "reason": because}
    return ledger.once(act, f"void:merchant:{merchant.id}", key, body, work)


def _undo(
    act: Act,
    op: ledger.Operation,
    merchant: Merchant,
    redemption: Redemption,
    staff_id: int,
    reason: str,
) -> None:
    today = business_day(act, merchant)
    if redemption.business_day != today:
        raise TooLateToVoid(day=redemption.business_day.isoformat())
    redemption.void_transfer_id = ledger.give_back(
        op,
        redemption.transfer_id,
        reason=reason,
        today=today,
        grace_days=versions.grace_days(act, merchant.programme_id),
    )
    redemption.voided_at = act.now
    redemption.voided_by_id = staff_id
    redemption.void_reason = reason
    act.session.flush()
    _note(act, "redemption.void", redemption, merchant, reason=reason)


def _note(act: Act, action: str, redemption: Redemption, merchant: Merchant, **detail: Any) -> None:
    audit.record(
        act,
        action,
        f"redemption:{redemption.id}",
        community_id=redemption.resident.community_id,
        programme_id=merchant.programme_id,
        merchant=merchant.id,
        receipt=redemption.receipt_number,
        points=redemption.points,
        **detail,
    )
