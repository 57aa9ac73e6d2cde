"""The counter's pages: scan, choose, confirm, done."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import checkout, holds, offers
from merchants.checkout import Ask, PaidJustNow, PriceChanged, history
from merchants.inputs import AskInput, RedeemInput, ScanInput
from merchants.offers import WithdrawnOffer
from merchants.partners import ClosedMerchant
from merchants.web import redeeming
from merchants.web.till import customer
from merchants.web.till.customer import Customer
from merchants.web.till.desk import bp, till
from rewards.cards import BlockedCard, ExpiredCard, NotACard, ReplacedCard, UnknownCard
from rewards.errors import Refused
from rewards.forms import Form
from rewards.ledger import BadAmount, NotEnoughPoints
from rewards.schemes.spending import NotSpendable
from rewards.web.edge import act, message

# What stands in the way of any purchase, and what stands in the way of this one.
CARD = (ClosedMerchant, NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard)
PURCHASE = (WithdrawnOffer, PriceChanged, NotEnoughPoints, PaidJustNow, BadAmount, NotSpendable)


@bp.get("")
def home() -> ResponseReturnValue:
    return _home(Form.blank(ScanInput))


@bp.post("/card")
def find() -> ResponseReturnValue:
    """A card was scanned or typed; who holds it stands on the next page."""
    form = Form.read(ScanInput, request.form)
    if form.valid:
        try:
            view = checkout.look(act(), till().merchant, form.data["code"])
            customer.begin(view.code, act().now)
            return redirect(url_for("till.show"), 303)
        except CARD as refusal:
            return _home(form, refusal), 422
    return _home(form), 422


@bp.get("/customer")
def show() -> ResponseReturnValue:
    return _show(Form.blank(AskInput))


@bp.get("/confirm")
def confirm() -> ResponseReturnValue:
    """What would be taken. Nothing is, yet, so the choice may stand in the address."""
    at_counter = customer.current(act().now)
    form = Form.read(AskInput, request.args)
    if at_counter is None or not form.valid:
        return _show(form)
    return _confirm(at_counter, Ask(**form.data), form.typed)


@bp.post("/redeem")
def redeem() -> ResponseReturnValue:
    form = Form.read(RedeemInput, request.form)
    if not form.valid:
        return _show(form)
    data = dict(form.data)
    code = data.pop("code")
    try:
        counter = checkout.Counter.at(act(), till().merchant)
        receipt = redeeming.redeem(counter, scanned=code, **data).result()
    except (*CARD, *PURCHASE) as refusal:
        # The refusal is remembered under its key: whatever is tried now is another act.
        anew = customer.begin(code, act().now)
        ask = Ask(data.get("offer_id"), data.get("points"), data.get("bill_fen"))
        return _confirm(anew, ask, form.typed, refusal)
    customer.leave()
    return redirect(url_for("till.receipt", number=receipt["receipt_number"]), 303)


def _home(form: Form, refusal: Refused | None = None) -> str:
    shop, day = till().merchant, checkout.business_day(act(), till().merchant)
    actor_id = act().actor.id or 0
    typed = form.typed.get("code", "")
    # A slip in a typed code is put right, not typed all again; a scan is simply repeated.
    slip = isinstance(refusal, NotACard) and "://" not in typed
    return render_template(
        "till/home.html",
        form=form,
        typed=typed if slip or not form.valid else "",
        refusal=message(refusal) if refusal else None,
        closed=not shop.active,
        today=history.totals(act(), shop, day, day),
        latest=history.latest_of(act(), shop, actor_id, day),
    )


def _show(form: Form) -> ResponseReturnValue:
    """The customer's page; back to scanning where there is no customer any more."""
    at_counter = customer.current(act().now)
    if at_counter is None:
        flash(gettext("Scan the card: nobody is at the counter yet, or not any more."), "note")
        return redirect(url_for("till.home"), 303)
    shop = till().merchant
    try:
        view = checkout.look(act(), shop, at_counter.code)
    except CARD as refusal:
        return _home(Form.blank(ScanInput), refusal), 422
    made = offers.of(act(), shop)
    placed = holds.open_at(act(), shop, view.resident_id)
    barred = checkout.barred(act(), shop, view.resident_id)
    page = render_template(
        "till/customer.html",
        form=form,
        view=view,
        offers=made,
        placed=placed,
        tariff=checkout.tariff(act(), shop),
        barred=message(barred) if barred else None,
    )
    return page, 200 if form.valid else 422


def _confirm(
    at_counter: Customer, ask: Ask, typed: dict[str, Any], refusal: Refused | None = None
) -> ResponseReturnValue:
    try:
        quote = checkout.quote(act(), till().merchant, at_counter.code, ask)
    except CARD as refused:
        return _home(Form.blank(ScanInput), refused), 422
    except PURCHASE as refused:
        flash(message(refused), "problem")
        return redirect(url_for("till.show"), 303)
    page = render_template(
        "till/confirm.html",
        quote=quote,
        key=at_counter.key(ask),
        typed=typed,
        refusal=message(refusal) if isinstance(refusal, PriceChanged) else None,
        seconds=_seconds_since(quote),
    )
    return page, 200 if refusal is None else 409


def _seconds_since(quote: checkout.Quote) -> int:
    if quote.just_now is None:
        return 0
    return max(0, int((act().now - quote.just_now.redeemed_at).total_seconds()))
