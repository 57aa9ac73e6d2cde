"""Giving, for a resident: to what, how much, off to Stripe and back, and what became of it."""

import stripe
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rewards.donations import card, causes, gifts, listing, stripe_gateway
from rewards.donations.causes import Cause
from rewards.donations.gifts import Donation, Kind
from rewards.donations.inputs import CardGift
from rewards.donations.stripe_gateway import Order, StripeUnavailable
from rewards.errors import Refused
from rewards.forms import Form
from rewards.giving_on import listing as sums_of_points
from rewards.web import access, rules
from rewards.web.access import me
from rewards.web.edge import act, answered, commit, language, message, new_key, row_id, settings

bp = access.residents_only(Blueprint("me_donations", __name__, url_prefix="/me/give"))

# What a resident is told the worth of: gifts by card, and those brought to the office.
KINDS = (Kind.CARD, Kind.GOODS)
PRESETS_FEN = (2_000, 5_000, 10_000)


@bp.get("")
def index() -> ResponseReturnValue:
    page = listing.of_resident(act(), me(), before=request.args.get("before", type=row_id))
    collecting = causes.of(act(), me().community_id, active=True)
    return render_template(
        "resident/giving/index.html",
        causes=collecting,
        sums=sums_of_points.sums(act(), [cause.id for cause in collecting]),
        page=page,
        points=gifts.points_of(act(), page.gifts),
        said=rules.of_gifts(act(), me(), *KINDS),
        card_open=_card_open(),
    )


@bp.get("/<int:cause_id>")
def cause(cause_id: int) -> ResponseReturnValue:
    chosen = causes.load(act(), cause_id, me().community_id)
    return _cause_page(chosen, Form.blank(CardGift))


@bp.post("/<int:cause_id>")
def give(cause_id: int) -> ResponseReturnValue:
    chosen = causes.load(act(), cause_id, me().community_id)
    _client()
    form = Form.read(CardGift, request.form)
    if form.valid:
        asked = {"amount_fen": form.data["amount"], "key": form.data["key"]}
        try:
            answer = card.start(act(), me(), chosen, language=language(), **asked)
            return _to_payment(answered(answer)["donation"])
        except Refused as refusal:
            form.refuse(message(refusal))
    return _cause_page(chosen, form, status=422)


@bp.get("/gifts/<int:donation_id>")
def show(donation_id: int) -> ResponseReturnValue:
    donation = gifts.load_own(act(), donation_id, me())
    return render_template(
        "resident/giving/show.html",
        gift=donation,
        points=gifts.worth(act(), donation).points
        if donation.status in gifts.WAITING
        else gifts.points_of(act(), [donation]).get(donation.id, 0),
        returned=request.args.get("returned"),
        card_open=_card_open(),
    )


@bp.post("/gifts/<int:donation_id>/pay")
def pay(donation_id: int) -> ResponseReturnValue:
    """Go on to a payment that was begun."""
    return _to_payment(donation_id)


def _to_payment(donation_id: int) -> ResponseReturnValue:
    """Send the resident to the payment page. No transaction is open while Stripe is asked."""
    donation = gifts.load_own(act(), donation_id, me())
    here = url_for("me_donations.show", donation_id=donation_id)
    if not donation.payable:
        return redirect(here, 303)
    if donation.checkout_url is not None:
        return redirect(donation.checkout_url, 303)
    order = _order(donation)
    commit()
    try:
        checkout = stripe_gateway.open_checkout(_client(), order)
    except StripeUnavailable as refusal:
        flash(message(refusal), "problem")
        return redirect(here, 303)
    card.opened(act(), gifts.load_own(act(), donation_id, me()), checkout)
    commit()
    return redirect(checkout.url, 303)


def _order(donation: Donation) -> Order:
    back = settings().public_url + url_for("me_donations.show", donation_id=donation.id)
    return Order(
        reference=donation.reference,
        amount_fen=donation.amount_fen,
        title=donation.cause.title,
        language=donation.language,
        success_url=f"{back}?returned=paid",
        cancel_url=f"{back}?returned=left",
    )


def _client() -> stripe.StripeClient:
    return stripe_gateway.client(
        settings().stripe_secret_key, current_app.extensions.get("stripe_http_client")
    )


def _card_open() -> bool:
    return settings().stripe_secret_key is not None


def _cause_page(chosen: Cause, form: Form, status: int = 200) -> ResponseReturnValue:
    brought = gifts.prospect(act(), me(), PRESETS_FEN)
    page = render_template(
        "resident/giving/cause.html",
        cause=chosen,
        total=sums_of_points.sums(act(), [chosen.id]).get(chosen.id),
        form=form,
        key=new_key(),
        presets=[(fen, n, new_key()) for fen, n in zip(PRESETS_FEN, brought, strict=True)],
        said=rules.of_gifts(act(), me(), Kind.CARD),
        card_open=_card_open(),
    )
    return page, status
