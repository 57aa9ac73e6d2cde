"""Points given on, at the desk: what residents gave, and giving for whoever brought their card."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import cards, residents
from rewards.cards import UnknownCard
from rewards.clock import local_date
from rewards.donations import causes
from rewards.errors import N_, Refused
from rewards.forms import Form
from rewards.giving_on import listing, undoing
from rewards.giving_on.inputs import GiverCard, OfficeUndo
from rewards.giving_on.model import PointsGift
from rewards.residents import Resident
from rewards.web import access, giving_on
from rewards.web.access import office
from rewards.web.edge import act, answered, message, new_key, row_id
from rewards.web.giving_on.choosing import PATIENCE
from rewards.web.giving_on.steps import CARD

bp = access.office_only(Blueprint("office_giving", __name__, url_prefix="/office/give-on"))


class NobodyAtDesk(Refused):
    """Nobody's card was shown here, or it was too long ago."""

    code = "nobody_at_desk"
    message = N_("Scan the card of whoever gives: nobody is at the desk yet, or not any more.")


def _giver() -> Resident:
    """Whose card was shown at this desk last, and not too long ago.

    Raises:
        NobodyAtDesk.
    """
    resident_id, since = session.get("desk_giver") or (0, 0)
    if act().now.timestamp() - since > PATIENCE.total_seconds():
        raise NobodyAtDesk
    return residents.load(act(), resident_id, office().community_id)


# Nothing to sign in with is asked for at the desk: the card itself is there, and so is its holder.
giving_on.install(bp, giving_on.Door("office_giving", "office/layout.html", _giver, by_pin=False))


@bp.get("")
def index() -> ResponseReturnValue:
    page = listing.of_community(
        act(), office().community_id, before=request.args.get("before", type=row_id)
    )
    return render_template("office/giving_on/index.html", page=page, older="before" in request.args)


@bp.get("/card")
def card() -> ResponseReturnValue:
    return render_template("office/giving_on/card.html", form=Form.blank(GiverCard))


@bp.post("/card")
def show_card() -> ResponseReturnValue:
    """The giver's card was scanned; only a working card of somebody of this community will do."""
    form = Form.read(GiverCard, request.form)
    if form.valid:
        try:
            session["desk_giver"] = [_holder(form.data["code"]).id, int(act().now.timestamp())]
            return redirect(url_for("office_giving.choose"), 303)
        except CARD as refusal:
            form.refuse(message(refusal), "code")
    return render_template("office/giving_on/card.html", form=form), 422


@bp.errorhandler(NobodyAtDesk)
def _ask_for_card(refusal: Refused) -> ResponseReturnValue:
    flash(message(refusal), "note")
    return redirect(url_for("office_giving.card"), 303)


@bp.get("/gifts/<reference>")
def gift(reference: str) -> ResponseReturnValue:
    return _gift_page(_load(reference), Form.blank(OfficeUndo))


@bp.post("/gifts/<reference>/undo")
def undo(reference: str) -> ResponseReturnValue:
    found, form = _load(reference), Form.read(OfficeUndo, request.form)
    if form.valid:
        try:
            answered(undoing.undo(act(), found, **form.data))
            flash(gettext("The gift is undone. Its points are the giver's again."), "done")
            return redirect(url_for("office_giving.gift", reference=reference), 303)
        except Refused as refusal:
            form.refuse(message(refusal))
    return _gift_page(_load(reference), form)


@bp.get("/causes/<int:cause_id>")
def rows(cause_id: int) -> ResponseReturnValue:
    """All that a cause got in points."""
    found = causes.load(act(), cause_id, office().community_id)
    return render_template(
        "office/giving_on/cause.html",
        cause=found,
        total=listing.sums(act(), [cause_id]).get(cause_id, listing.CauseSum()),
        page=listing.of_cause(act(), found, before=request.args.get("before", type=row_id)),
        older="before" in request.args,
    )


def _holder(scanned: str) -> Resident:
    here = office().community
    today = local_date(act().now, here.programme.timezone)
    holder = cards.identify(act(), scanned, here.programme_id, today).resident
    if holder.community_id != here.id:
        raise UnknownCard
    return holder


def _load(reference: str) -> PointsGift:
    return listing.load_at(act(), reference, office().community_id)


def _gift_page(found: PointsGift, form: Form) -> ResponseReturnValue:
    page = render_template(
        "office/giving_on/gift.html",
        gift=found,
        form=form,
        given=request.args.get("given"),
        until=undoing.undoable_until(found, by_staff=True),
        now=act().now,
        key=new_key(),
    )
    return page, 200 if form.valid else 422
