"""Points are taken exactly once, and a mistake of the same day is undone."""

from dataclasses import asdict
from typing import Any

from merchants import people
from merchants.checkout.model import Redemption, receipt_number
from merchants.checkout.quoting import Ask, Price, business_day, find_card, paid_just_now, price_of
from merchants.partners import Merchant
from rewards import audit, cards, ledger
from rewards.act import Act
from rewards.awards import ReasonMissing
from rewards.cards import Card
from rewards.errors import N_, NotFound, Refused


class PriceChanged(Refused):
    """The price isn't what the page showed when it was confirmed."""

    code = "price_changed"
    message = N_("The price is now %(points)s points, not %(expected)s. Nothing was taken.")


class PaidJustNow(Refused):
    """The same wallet paid the same here within a minute, and nobody said that it's meant."""

    code = "paid_just_now"
    message = N_(
        "The same card paid the same %(points)s points here %(seconds)s seconds ago, receipt "
        "%(receipt)s. Nothing more was taken. Take again only for a second purchase."
    )


class TooLateToVoid(Refused):
    """The redemption's business day is over."""

    code = "too_late_to_void"
    message = N_(
        "Only today's redemptions can be voided, and this one is of %(day)s. "
        "Ask the community office."
    )


def redeem(
    act: Act,
    merchant: Merchant,
    *,
    key: str,
    scanned: str,
    offer_id: int | None = None,
    points: int | None = None,
    bill_fen: int | None = None,
    expected: int | None = None,
    again: bool = False,
) -> ledger.Answer:
    """Take points from the card for the shop, once for each *key*; answers the receipt.

    *expected* is the price that was confirmed; *again* says that a second purchase of the same
    amount within a minute is meant.

    Raises:
        NotAllowed, NotACard, OneAmount, BadAmount, KeyReused: the key isn't used up. Any other
        refusal is in the answer, remembered: of the card, the offer, the price, the points.
    """
    cashier_id = people.at_till(act, merchant)
    code = cards.read_code(scanned)
    ask = Ask(offer_id, points, bill_fen)
    ask.check()

    def work(op: ledger.Operation) -> dict[str, Any]:
        card = find_card(act, merchant, code)
        price = price_of(act, merchant, ask)
        if expected is not None and expected != price.points:
            raise PriceChanged(points=price.points, expected=expected)
        redemption = _take(act, op, merchant, card, price, cashier_id)
        if not again:
            _refuse_a_repeat(act, merchant, redemption)
        _note(act, "redemption.take", redemption, merchant)
        return redemption.receipt()

    # What was confirmed (expected, again) is a condition and no part of what is asked for:
    # a retry under the same key is the same act, whatever the page has learnt meanwhile.
    body = {"card": code, **asdict(ask)}
    return ledger.once(act, f"redemption:merchant:{merchant.id}", key, body, work)


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
        now = ledger.spendable(act.session, wallet_id, business_day(act, merchant))
        return {**row.receipt(), "balance_now": now}

    body = {"redemption": redemption_id, "reason": because}
    return ledger.once(act, f"void:merchant:{merchant.id}", key, body, work)


def _take(
    act: Act, op: ledger.Operation, merchant: Merchant, card: Card, price: Price, cashier_id: int
) -> Redemption:
    today = business_day(act, merchant)
    wallet_id = card.resident.wallet_id
    transfer_id = ledger.redeem(
        op, wallet_id, merchant.account_id, price.points, today=today, reason=price.reason
    )
    redemption = Redemption(
        merchant_id=merchant.id,
        resident=card.resident,
        card_id=card.id,
        offer_id=price.offer.id if price.offer else None,
        offer_title=price.title,
        points=price.points,
        bill_fen=price.bill_fen,
        balance_after=ledger.spendable(act.session, wallet_id, today),
        transfer_id=transfer_id,
        receipt_number=receipt_number(today, transfer_id),
        cashier_id=cashier_id,
        redeemed_at=act.now,
        business_day=today,
    )
    act.session.add(redemption)
    act.session.flush()
    return redemption


def _refuse_a_repeat(act: Act, merchant: Merchant, redemption: Redemption) -> None:
    """Refuse, and so undo, what looks like the same purchase once more.

    Asked only when it has been taken: the ledger's lock on the wallet makes visible what
    other tills took meanwhile.
    """
    same = paid_just_now(
        act, merchant, redemption.resident_id, redemption.points, but=redemption.id
    )
    if same is not None:
        seconds = max(0, int((act.now - same.redeemed_at).total_seconds()))
        raise PaidJustNow(points=same.points, seconds=seconds, receipt=same.receipt_number)


def _undo(
    act: Act,
    op: ledger.Operation,
    merchant: Merchant,
    redemption: Redemption,
    staff_id: int,
    reason: str,
) -> None:
    if redemption.business_day != business_day(act, merchant):
        raise TooLateToVoid(day=redemption.business_day.isoformat())
    redemption.void_transfer_id = ledger.give_back(op, redemption.transfer_id, reason=reason)
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
