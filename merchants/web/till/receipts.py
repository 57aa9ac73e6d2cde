"""A receipt, and its undoing on the same day."""

import secrets
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import checkout
from merchants.checkout import Redemption
from merchants.inputs import WHY, VoidForm
from merchants.web.till.desk import bp, till
from rewards.forms import Form
from rewards.web.edge import act, answered
from rewards.web.frame import points

# So long a receipt is the answer to a tap, said with a chime; later it is looked up.
FRESH = timedelta(seconds=20)


@bp.get("/receipts/<number>")
def receipt(number: str) -> ResponseReturnValue:
    redemption = checkout.load(act(), number, till().merchant)
    return _page(redemption, Form.blank(VoidForm))


@bp.post("/receipts/<number>/void")
def void(number: str) -> ResponseReturnValue:
    redemption = checkout.load(act(), number, till().merchant)
    form = Form.read(VoidForm, request.form)
    if not form.valid:
        return _page(redemption, form), 422
    why = form.data["words"] or str(dict(WHY)[form.data["why"]])
    undone = answered(
        checkout.void(act(), till().merchant, redemption, key=form.data["key"], reason=why)
    )
    flash(
        gettext(
            "Voided: %(points)s points are back on the card, which now has %(balance)s.",
            points=points(undone["points"]),
            balance=points(undone["balance_now"]),
        ),
        "done",
    )
    return redirect(url_for("till.receipt", number=undone["receipt_number"]), 303)


def _page(redemption: Redemption, form: Form) -> str:
    today = checkout.business_day(act(), till().merchant)
    return render_template(
        "till/receipt.html",
        redemption=redemption,
        rest_fen=_rest(redemption),
        form=form,
        key=form.typed.get("key") or secrets.token_urlsafe(12),
        fresh=act().now - redemption.redeemed_at < FRESH,
        can_void=redemption.business_day == today and not redemption.voided,
    )


def _rest(redemption: Redemption) -> int:
    """What was left to pay of its bill, by the rules that were in force when it was taken."""
    tariff = checkout.tariff(act(), till().merchant, redemption.redeemed_at)
    return tariff.rest(redemption.bill_fen)
