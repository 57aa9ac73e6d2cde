"""What Stripe tells us, each event once, in whatever order it comes.

Events that don't concern a gift of ours are none of our business: the account may serve
others too.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from rewards.act import Act, Actor
from rewards.db import Base, BigId
from rewards.donations import card, gifts
from rewards.donations.gifts import Donation
from rewards.ledger.idempotency import upsert

STRIPE = Actor("stripe", name="Stripe")

IGNORED, REPEATED, HANDLED = "ignored", "repeated", "handled"

Json = dict[str, Any]


class StripeEvent(Base):
    """An event that was acted upon, so that a repeat of it does nothing."""

    __tablename__ = "stripe_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(255), unique=True)
    type: Mapped[str] = mapped_column(String(80))
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    received_at: Mapped[datetime]


def receive(act: Act, event: Json) -> str:
    """Act upon a verified event; answers ``handled``, ``repeated`` or ``ignored``."""
    handle = _HANDLERS.get(event["type"])
    about: Json = event["data"]["object"]
    donation = _donation(act, about) if handle else None
    if handle is None or donation is None:
        return IGNORED
    gifts.lock(act, donation)
    if not _claim(act, event, donation):
        return REPEATED
    handle(act, donation, about)
    act.session.flush()
    return HANDLED


def _donation(act: Act, about: Json) -> Donation | None:
    """The gift that a session, a charge or a dispute is about.

    A dispute names only the payment. It follows the payment by days, when the completed
    session has long told us which payment is whose.
    """
    reference = (about.get("metadata") or {}).get("donation")
    if reference:
        return act.session.scalar(select(Donation).where(Donation.reference == reference))
    payment = about.get("payment_intent")
    if payment:
        return act.session.scalar(select(Donation).where(Donation.payment_intent_id == payment))
    return None


def _claim(act: Act, event: Json, donation: Donation) -> bool:
    statement = (
        upsert(act.session)(StripeEvent)
        .values(
            event_id=event["id"],
            type=event["type"],
            donation_id=donation.id,
            received_at=act.now,
        )
        .on_conflict_do_nothing()
        .returning(StripeEvent.id)
    )
    return act.session.execute(statement).scalar() is not None


def _completed(act: Act, donation: Donation, session: Json) -> None:
    """The page was completed. Some ways to pay settle at once, others only days later."""
    donation.payment_intent_id = session["payment_intent"]
    donation.checkout_session_id = session["id"]
    if session["payment_status"] == "paid":
        card.paid(act, donation, fen=session["amount_total"], currency=session["currency"])


def _expired(act: Act, donation: Donation, session: Json) -> None:
    """A page closed unpaid; another one may be open for the same gift."""
    if donation.checkout_session_id in (None, session["id"]):
        card.expired(act, donation)


def _failed(act: Act, donation: Donation, session: Json) -> None:
    card.failed(act, donation)


def _refunded(act: Act, donation: Donation, charge: Json) -> None:
    card.refunded(act, donation, fen=charge["amount_refunded"], whole=charge["refunded"])


def _disputed(act: Act, donation: Donation, dispute: Json) -> None:
    card.disputed(act, donation, reason=dispute["reason"])


def _withdrawn(act: Act, donation: Donation, dispute: Json) -> None:
    card.withdrawn(act, donation, fen=dispute["amount"])


def _reinstated(act: Act, donation: Donation, dispute: Json) -> None:
    card.reinstated(act, donation, fen=dispute["amount"])


def _dispute_closed(act: Act, donation: Donation, dispute: Json) -> None:
    card.dispute_closed(act, donation, outcome=dispute["status"])


_HANDLERS: dict[str, Callable[[Act, Donation, Json], None]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _completed,
    "checkout.session.async_payment_failed": _failed,
    "checkout.session.expired": _expired,
    "charge.refunded": _refunded,
    "charge.dispute.created": _disputed,
    "charge.dispute.funds_withdrawn": _withdrawn,
    "charge.dispute.funds_reinstated": _reinstated,
    "charge.dispute.closed": _dispute_closed,
}
