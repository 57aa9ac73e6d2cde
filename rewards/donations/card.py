"""Gifts by card: what the resident begins here, and what Stripe tells us became of it.

Stripe tells it more than once and in any order, so each step says from which states it may
be taken, and does nothing from any other. Callers hold the gift's row (``gifts.lock``).
"""

from typing import Any

from rewards import audit, awards, ledger
from rewards.act import Act
from rewards.donations import gifts
from rewards.donations.causes import Cause
from rewards.donations.gifts import Donation, Kind, Status
from rewards.donations.stripe_gateway import CURRENCY, Checkout
from rewards.residents import Resident

# The resident reads this beside the points taken back, in whichever language.
REFUND_REASON = "退款 Refund"


def start(
    act: Act, resident: Resident, cause: Cause, *, amount_fen: int, language: str, key: str
) -> ledger.Answer:
    """Record that *resident* is about to pay. Answers ``{"donation": id}``, once for a key.

    Raises (from the answer):
        CauseClosed, NoScheme: nothing was written.
    """

    def work(op: ledger.Operation) -> dict[str, int]:
        donation = gifts.new(act, resident, cause, Kind.CARD, Status.STARTED, amount_fen)
        donation.language = language
        act.session.add(donation)
        act.session.flush()
        _note(act, "donation.start", donation, fen=amount_fen)
        return {"donation": donation.id}

    asked = {"cause": cause.id, "fen": amount_fen}
    return ledger.once(act, f"gift:resident:{resident.id}", key, asked, work)


def opened(act: Act, donation: Donation, checkout: Checkout) -> None:
    """Keep where the gift can be paid, so that a second tap leads to the same page."""
    gifts.lock(act, donation)
    donation.checkout_session_id, donation.checkout_url = checkout.session_id, checkout.url
    act.session.flush()


def paid(act: Act, donation: Donation, *, fen: int, currency: str) -> None:
    """The money arrived: give the points, or hold the gift if it isn't the sum agreed."""
    if donation.status not in (Status.STARTED, Status.EXPIRED, Status.FAILED):
        return
    donation.settled_at = act.now
    if (fen, currency) != (donation.amount_fen, CURRENCY):
        donation.status = Status.HELD.value
        _note(act, "donation.hold", donation, fen=fen, currency=currency)
        return
    donation.status = Status.PAID.value
    _note(act, "donation.paid", donation)
    _settle(act, donation, gives=True)


def failed(act: Act, donation: Donation) -> None:
    """The bank refused a payment that takes days to settle."""
    _give_up(act, donation, Status.FAILED)


def expired(act: Act, donation: Donation) -> None:
    """The payment page was left until it closed."""
    _give_up(act, donation, Status.EXPIRED)


def refunded(act: Act, donation: Donation, *, fen: int, whole: bool) -> None:
    """*fen* in all went back to the giver; *whole* says that nothing is left."""
    fen = donation.amount_fen if whole else _at_most(donation, fen)
    if fen > donation.refunded_fen:
        donation.refunded_fen = fen
        _note(act, "donation.refund", donation, fen=fen)
        _settle(act, donation)


def disputed(act: Act, donation: Donation, *, reason: str) -> None:
    """The giver's bank questions the payment; the desk sees it, nothing moves yet."""
    donation.disputed_at = act.now
    _note(act, "donation.dispute", donation, reason=reason)


def withdrawn(act: Act, donation: Donation, *, fen: int) -> None:
    """The bank took *fen* back for a dispute: points go back as they do for a refund."""
    fen = _at_most(donation, fen)
    if fen > donation.withdrawn_fen:
        donation.withdrawn_fen = fen
        _note(act, "donation.withdraw", donation, fen=fen)
        _settle(act, donation)


def reinstated(act: Act, donation: Donation, *, fen: int) -> None:
    """The dispute was won and the bank gave *fen* back to us: so are the points."""
    fen = _at_most(donation, fen)
    if fen > donation.reinstated_fen:
        donation.reinstated_fen = fen
        _note(act, "donation.reinstate", donation, fen=fen)
        _settle(act, donation, gives=True)


def dispute_closed(act: Act, donation: Donation, *, outcome: str) -> None:
    """The bank has decided; what moves with that is told apart."""
    donation.dispute_closed_at = act.now
    _note(act, "donation.dispute_closed", donation, outcome=outcome)


def _at_most(donation: Donation, fen: int) -> int:
    """A held gift's payment isn't the sum agreed, so what goes back may be more than ours."""
    return min(fen, donation.amount_fen)


def _settle(act: Act, donation: Donation, *, gives: bool = False) -> None:
    """Bring the state and the points in line with what is left of the gift.

    The facts (paid, refunded, withdrawn, reinstated) only grow, so that the end is the same
    in whatever order they came. Points that were spent are owed: a refund can't wait for them.
    Without *gives* no points are given, so that what the office took back itself stays so.
    """
    if donation.status == Status.HELD and donation.refunded_fen < donation.amount_fen:
        return
    if donation.kept_fen == 0:
        donation.status = Status.REFUNDED.value
    elif donation.status == Status.REFUNDED:
        donation.status = Status.PAID.value
    act.session.flush()
    if donation.status not in (Status.PAID, Status.REFUNDED):
        return
    awards.hold(act, donation.version)
    award = gifts.award_of(act, donation)
    has = gifts.points_of(act, [donation]).get(donation.id, 0)
    due = gifts.worth(act, donation).points
    if has == due or (has < due and not gives):
        return

    def work(op: ledger.Operation) -> dict[str, int]:
        if award is not None:
            # An award can shrink but not grow: for more, it makes way for another.
            awards.reverse(
                act,
                op,
                award,
                points=has - due if has > due else has,
                reason=f"{REFUND_REASON}: {donation.cause.title}",
                when_spent=ledger.WhenSpent.OWE,
            )
        if has < due:
            # The money is here and nobody at the desk: what doesn't fit is trimmed off.
            gifts.reward(act, op, donation, ledger.WhenFull.TRIM)
        return {"points": due}

    facts = f"{donation.refunded_fen}:{donation.withdrawn_fen}:{donation.reinstated_fen}"
    ledger.once(act, f"gift:card:{donation.id}", facts, {}, work).result()


def _give_up(act: Act, donation: Donation, status: Status) -> None:
    if donation.status == Status.STARTED:
        donation.status = status.value
        _note(act, f"donation.{status.value}", donation)


def _note(act: Act, action: str, donation: Donation, **detail: Any) -> None:
    audit.record(
        act, action, f"donation:{donation.id}", community_id=donation.community_id, **detail
    )
