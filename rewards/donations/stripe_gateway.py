"""Stripe, as far as we need it: open a payment page, and read what it signed for us."""

import logging
from dataclasses import dataclass
from typing import Any

import stripe

from rewards.errors import N_, Refused

log = logging.getLogger(__name__)

CURRENCY = "cny"
# Seconds for one try; a resident is waiting for the answer.
TIMEOUT = 10
RETRIES = 1


class CardClosed(Refused):
    """The programme takes no payments by card."""

    code = "card_closed"
    message = N_(
        "Giving by card isn't open here. You can give cash or goods at the community office."
    )


class StripeUnavailable(Refused):
    """Stripe couldn't be reached, or couldn't open a payment page."""

    code = "stripe_unavailable"
    status = 503
    message = N_(
        "The payment page can't be opened just now. Nothing was taken. "
        "Try again in a few minutes, or give at the community office."
    )


class BadSignature(Refused):
    """What was posted isn't signed by Stripe, or was signed too long ago."""

    code = "bad_signature"
    status = 400
    message = N_("This message isn't signed as it should be, so nothing was done.")


@dataclass(frozen=True)
class Order:
    """What to ask Stripe to collect: plain values, because no transaction is open meanwhile."""

    reference: str
    amount_fen: int
    title: str
    language: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True)
class Checkout:
    """A payment page at Stripe's."""

    session_id: str
    url: str


def client(key: str | None, http_client: stripe.HTTPClient | None = None) -> stripe.StripeClient:
    """Stripe, asked with *key*.

    Raises:
        CardClosed: there is no key.
    """
    if key is None:
        raise CardClosed
    return stripe.StripeClient(
        key,
        http_client=http_client or stripe.RequestsClient(timeout=TIMEOUT),
        max_network_retries=RETRIES,
    )


def open_checkout(asked: stripe.StripeClient, order: Order) -> Checkout:
    """Open the payment page for *order*. Asked again for the same one, Stripe answers the same.

    Raises:
        StripeUnavailable: it can't be opened; nothing was taken.
    """
    ours = {"donation": order.reference}
    try:
        session = asked.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "submit_type": "donate",
                "client_reference_id": order.reference,
                "metadata": ours,
                # Copied to the charge, so that a refund names the gift too.
                "payment_intent_data": {"metadata": ours, "description": order.title},
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": CURRENCY,
                            "unit_amount": order.amount_fen,
                            "product_data": {"name": order.title},
                        },
                    }
                ],
                # Shown in another currency, the sum paid would not be the sum agreed.
                "adaptive_pricing": {"enabled": False},
                "locale": "en" if order.language == "en" else "zh",
                "success_url": order.success_url,
                "cancel_url": order.cancel_url,
            },
            {"idempotency_key": f"donation-{order.reference}"},
        )
    except stripe.StripeError as error:
        log.exception("no payment page for gift %s", order.reference)
        raise StripeUnavailable from error
    if not session.url:
        raise StripeUnavailable
    return Checkout(session.id, session.url)


def read_event(payload: bytes, signature: str | None, secret: str | None) -> dict[str, Any]:
    """The event in a webhook's body, once its signature and age are found right.

    Raises:
        BadSignature: forged, changed on the way, stale, or there is no secret to check by.
    """
    try:
        event = stripe.Webhook.construct_event(payload, signature, secret)
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise BadSignature from error
    verified: dict[str, Any] = event.to_dict()
    return verified
