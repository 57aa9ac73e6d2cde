"""What other services tell us. Open to anyone, and so believed only when it is signed."""

from dataclasses import replace

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from rewards.donations import stripe_events, stripe_gateway
from rewards.web import access
from rewards.web.edge import act, commit, settings

bp = access.public(Blueprint("hooks", __name__, url_prefix="/hooks"))

# Stripe's events are a few kilobytes; nobody may make us read more before the signature.
LARGEST_EVENT = 256 * 1024


@bp.post("/stripe")
def stripe() -> ResponseReturnValue:
    request.max_content_length = LARGEST_EVENT
    event = stripe_gateway.read_event(
        request.get_data(),
        request.headers.get("Stripe-Signature"),
        settings().stripe_webhook_secret,
    )
    outcome = stripe_events.receive(replace(act(), actor=stripe_events.STRIPE), event)
    commit()
    return {"outcome": outcome}
