"""Points set aside at the counter: kept for a later visit, taken then, or let go."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import checkout, holds
from merchants.holds import HoldDay, ShopHold
from merchants.inputs import LetGoInput, SetAsideInput, TakeInput
from merchants.partners import ClosedMerchant
from merchants.web.till import customer
from merchants.web.till.desk import bp, till
from rewards.cards import BlockedCard, ExpiredCard, NotACard, ReplacedCard, UnknownCard
from rewards.errors import Refused
from rewards.forms import Form
from rewards.ledger import CaptureOverHold, HoldEnded, HoldTimedOut, NotEnoughPoints
from rewards.schemes.spending import NotSpendable
from rewards.web.edge import act, answered, message, new_key
from rewards.web.frame import points

CARD = (ClosedMerchant, NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard)
OVER = (HoldEnded, HoldTimedOut, ClosedMerchant)


@bp.get("/set-aside")
def set_aside() -> ResponseReturnValue:
    """How many points of the customer at the counter are kept, and until when."""
    return _ask(Form.blank(SetAsideInput))


@bp.post("/set-aside")
def place() -> ResponseReturnValue:
    form = Form.read(SetAsideInput, request.form)
    if not form.valid:
        return _ask(form)
    data = dict(form.data)
    code = data.pop("code")
    # The same choice at the same showing of the card is the same act, however often it is sent.
    key = f"{data.pop('key')}.aside{data['points']}.{data.get('last_day', '')}"
    try:
        slip = answered(holds.set_aside(act(), till().merchant, key=key, scanned=code, **data))
    except (NotEnoughPoints, NotSpendable, HoldDay) as refusal:
        # The refusal is remembered under its key: whatever is tried now is another act.
        customer.begin(code, act().now)
        form.refuse(message(refusal), "last_day" if isinstance(refusal, HoldDay) else "points")
        return _ask(form)
    except CARD as refusal:
        flash(message(refusal), "problem")
        return redirect(url_for("till.home"), 303)
    customer.leave()
    flash(
        gettext("Set aside: %(points)s points. They are kept here.", points=points(slip["points"])),
        "done",
    )
    return redirect(url_for("till.held", hold_id=slip["hold_id"]), 303)


@bp.get("/holds", endpoint="holds")
def index() -> ResponseReturnValue:
    """All that the shop can still take."""
    return render_template("till/holds.html", placed=holds.open_at(act(), till().merchant))


@bp.get("/holds/<int:hold_id>")
def held(hold_id: int) -> ResponseReturnValue:
    return _page(holds.load(act(), hold_id, till().merchant), Form.blank(TakeInput)), 200


@bp.post("/holds/<int:hold_id>/take")
def take_held(hold_id: int) -> ResponseReturnValue:
    placed = holds.load(act(), hold_id, till().merchant)
    form = Form.read(TakeInput, request.form)
    if not form.valid:
        return _page(placed, form), 422
    try:
        receipt = answered(holds.take(act(), till().merchant, placed, **form.data))
    except CaptureOverHold as refusal:
        form.refuse(message(refusal), "points")
        return _page(placed, form), 422
    except OVER as refusal:
        return _over(placed, refusal)
    return redirect(url_for("till.receipt", number=receipt["receipt_number"]), 303)


@bp.post("/holds/<int:hold_id>/let-go")
def let_go(hold_id: int) -> ResponseReturnValue:
    placed = holds.load(act(), hold_id, till().merchant)
    form = Form.read(LetGoInput, request.form)
    if not form.valid:
        return _page(placed, form), 422
    try:
        slip = answered(holds.let_go(act(), till().merchant, placed, **form.data))
    except OVER as refusal:
        return _over(placed, refusal)
    flash(
        gettext("Let go: %(points)s points are back on the card.", points=points(slip["points"])),
        "done",
    )
    return redirect(url_for("till.holds"), 303)


def _over(placed: ShopHold, refusal: Refused) -> ResponseReturnValue:
    flash(message(refusal), "problem")
    return redirect(url_for("till.held", hold_id=placed.hold_id), 303)


def _ask(form: Form) -> ResponseReturnValue:
    """The question, for the customer at the counter; back to scanning where there is none."""
    at_counter = customer.current(act().now)
    if at_counter is None:
        flash(gettext("Scan the card: nobody is at the counter yet, or not any more."), "note")
        return redirect(url_for("till.home"), 303)
    try:
        view = checkout.look(act(), till().merchant, at_counter.code)
    except CARD as refusal:
        flash(message(refusal), "problem")
        return redirect(url_for("till.home"), 303)
    today, usual, latest = holds.days(act(), till().merchant)
    page = render_template(
        "till/set_aside.html",
        form=form,
        view=view,
        key=at_counter.showing,
        today=today,
        last_day=form.typed.get("last_day") or usual,
        latest=latest,
    )
    return page, 200 if form.valid else 422


def _page(placed: ShopHold, form: Form) -> str:
    """What was set aside, and what can be done with it while it can."""
    end = holds.ending(act(), placed)
    over = end is None and placed.hold.until <= act().now
    return render_template(
        "till/hold.html",
        placed=placed,
        form=form,
        key=new_key(),
        outcome="timed_out" if over else end.outcome if end else "",
        end=end,
        redemption=holds.receipt_of(act(), placed),
    )
