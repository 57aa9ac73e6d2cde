"""Giving points on, for a resident: to a neighbour or a cause, and what became of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.donations import causes
from rewards.errors import Refused
from rewards.forms import Form
from rewards.giving_on import listing, quoting, undoing
from rewards.giving_on.inputs import UndoGift
from rewards.web import access, giving_on
from rewards.web.access import me
from rewards.web.edge import act, answered, message, new_key, row_id

bp = access.residents_only(Blueprint("me_giving", __name__, url_prefix="/me/give-on"))
giving_on.install(bp, giving_on.Door("me_giving", "resident/layout.html", me, by_pin=True))


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "resident/giving_on/index.html",
        means=quoting.means(act(), me()),
        page=listing.of_resident(act(), me(), before=request.args.get("before", type=row_id)),
        me=me(),
    )


@bp.get("/gifts/<reference>")
def gift(reference: str) -> ResponseReturnValue:
    found = listing.load(act(), reference, me())
    return render_template(
        "resident/giving_on/gift.html",
        gift=found,
        is_giver=found.giver_id == me().id,
        given=request.args.get("given"),
        until=undoing.undoable_until(found),
        now=act().now,
        means=quoting.means(act(), me()),
        key=new_key(),
    )


@bp.post("/gifts/<reference>/undo")
def undo(reference: str) -> ResponseReturnValue:
    found = listing.load_given(act(), reference, me())
    form = Form.read(UndoGift, request.form)
    try:
        if form.valid:
            answered(undoing.undo(act(), found, **form.data))
            flash(gettext("The gift is undone. The points are yours again."), "done")
    except Refused as refusal:
        flash(message(refusal), "problem")
    return redirect(url_for("me_giving.gift", reference=reference), 303)


@bp.get("/causes/<int:cause_id>")
def rows(cause_id: int) -> ResponseReturnValue:
    """All that a cause got in points: when and how many, and nobody's name."""
    found = causes.load(act(), cause_id, me().community_id)
    return render_template(
        "resident/giving_on/cause.html",
        cause=found,
        total=listing.sums(act(), [cause_id]).get(cause_id, listing.CauseSum()),
        page=listing.of_cause(act(), found, before=request.args.get("before", type=row_id)),
    )
