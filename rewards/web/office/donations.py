"""Gifts, for the office: recorded at the desk, attested by a second person, and followed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards import awards, cards, directory, ledger, residents
from rewards.clock import local_date
from rewards.donations import causes, desk, gifts, listing
from rewards.donations.gifts import Donation, Kind
from rewards.donations.inputs import DeskGift, GiftReason, GiftReversal
from rewards.donations.listing import Wanted
from rewards.errors import Refused
from rewards.forms import Form
from rewards.residents import Resident
from rewards.spreadsheet import csv_file
from rewards.web import access, rules
from rewards.web.access import office, person
from rewards.web.edge import act, answered, commit, message, new_key, row_id
from rewards.web.office import audit_words, gift_words
from rewards.web.office.home import csv_answer

bp = access.office_only(Blueprint("office_donations", __name__, url_prefix="/office/donations"))


@bp.get("")
def index() -> ResponseReturnValue:
    here, wanted = office().community_id, _wanted()
    page = listing.of_community(act(), here, wanted, before=request.args.get("before", type=row_id))
    return render_template(
        "office/donations/index.html",
        page=page,
        points=gifts.points_of(act(), page.gifts),
        attention=listing.attention(act(), here),
        wanted=wanted,
        words=gift_words,
    )


@bp.post("/export")
def export() -> ResponseReturnValue:
    """What the list shows, all pages of it. It opens names, so it is in the log."""
    found = listing.take_out(act(), office().community_id, _wanted())
    points = gifts.points_of(act(), found)
    rows = [gift_words.row(gift, points.get(gift.id, 0)) for gift in found]
    commit()
    return csv_answer("gifts.csv", csv_file(gift_words.header(), rows))


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Whose gift it is: by card, or found by name."""
    return _find_page()


@bp.post("/new")
def scan() -> ResponseReturnValue:
    here = office().community
    scanned = request.form.get("code", "")
    today = local_date(act().now, here.programme.timezone)
    try:
        card = cards.identify(act(), scanned, here.programme_id, today)
        giver = residents.load(act(), card.resident_id, here.id)
    except Refused as refusal:
        return _find_page(scanned, [message(refusal)]), 422
    return redirect(url_for("office_donations.gift", resident_id=giver.id), 303)


@bp.get("/new/<int:resident_id>")
def gift(resident_id: int) -> ResponseReturnValue:
    giver = residents.load(act(), resident_id, office().community_id)
    return _gift_page(giver, Form.blank(DeskGift))


@bp.post("/new/<int:resident_id>")
def record(resident_id: int) -> ResponseReturnValue:
    giver = residents.load(act(), resident_id, office().community_id)
    form = Form.read(DeskGift, request.form)
    if form.valid:
        data = form.data
        try:
            cause = causes.load(act(), data["cause"], giver.community_id)
            answer = desk.record(
                act(),
                giver,
                cause,
                kind=Kind(data["kind"]),
                amount_fen=data["amount"],
                goods=data["goods"],
                items=data["items"],
                key=data["key"],
            )
            donation_id = answered(answer)["donation"]
            flash(gettext("Recorded. Points follow when a second person attests it."), "done")
            return redirect(url_for("office_donations.show", donation_id=donation_id), 303)
        except desk.GoodsUnnamed as refusal:
            form.refuse(message(refusal), "goods")
        except desk.GoodsUncounted as refusal:
            form.refuse(message(refusal), "items")
        except Refused as refusal:
            form.refuse(message(refusal))
    return _gift_page(giver, form), 422


@bp.get("/<int:donation_id>")
def show(donation_id: int) -> ResponseReturnValue:
    return _show_page(_load(donation_id))


@bp.post("/<int:donation_id>/attest")
def attest(donation_id: int) -> ResponseReturnValue:
    points = answered(desk.attest(act(), _load(donation_id)))["points"]
    flash(
        ngettext(
            "Attested. The resident has %(num)s point for it.",
            "Attested. The resident has %(num)s points for it.",
            points,
        ),
        "done",
    )
    return redirect(url_for("office_donations.show", donation_id=donation_id), 303)


@bp.post("/<int:donation_id>/refuse")
def refuse(donation_id: int) -> ResponseReturnValue:
    donation, form = _load(donation_id), Form.read(GiftReason, request.form)
    if not form.valid:
        return _show_page(donation, refusal=form), 422
    desk.refuse(act(), donation, form.data["reason"])
    commit()
    flash(gettext("Refused. It brings no points."), "done")
    return redirect(url_for("office_donations.show", donation_id=donation_id), 303)


@bp.post("/<int:donation_id>/reverse")
def reverse(donation_id: int) -> ResponseReturnValue:
    donation, form = _load(donation_id), Form.read(GiftReversal, request.form)
    if form.valid:
        spent = ledger.WhenSpent.OWE if form.data["owe"] else ledger.WhenSpent.REFUSE
        asked = {"reason": form.data["reason"], "key": form.data["key"]}
        try:
            answered(desk.reverse(act(), donation, when_spent=spent, **asked))
            flash(gettext("Undone. The points were taken back."), "done")
            return redirect(url_for("office_donations.show", donation_id=donation_id), 303)
        except ledger.AlreadySpent as refusal:
            form.refuse(message(refusal), "owe")
    return _show_page(_load(donation_id), reversal=form), 422


def _points(donation: Donation) -> int:
    """What the gift brought, or will bring when it is attested or paid."""
    if donation.status in gifts.WAITING:
        return gifts.worth(act(), donation).points
    return gifts.points_of(act(), [donation]).get(donation.id, 0)


def _load(donation_id: int) -> Donation:
    return gifts.load(act(), donation_id, office().community_id)


def _wanted() -> Wanted:
    return Wanted(request.values.get("state", ""), request.values.get("kind", ""))


def _find_page(scanned: str = "", errors: list[str] | None = None) -> str:
    words = request.args.get("q", "").strip()
    found = directory.find(act(), office().community, directory.Wanted(words)) if words else None
    return render_template(
        "office/donations/new.html", words=words, found=found, scanned=scanned, errors=errors or []
    )


def _gift_page(giver: Resident, form: Form) -> str:
    return render_template(
        "office/donations/gift.html",
        giver=giver,
        form=form,
        key=new_key(),
        counted=gifts.counts_items(act(), office().community),
        causes=[(c.id, c.title) for c in causes.of(act(), giver.community_id, active=True)],
        said=rules.of_gifts(act(), giver, Kind.CASH, Kind.GOODS),
    )


def _show_page(
    donation: Donation, refusal: Form | None = None, reversal: Form | None = None
) -> str:
    who, award = person(), gifts.award_of(act(), donation)
    return render_template(
        "office/donations/show.html",
        gift=donation,
        points=_points(donation),
        history=listing.history(act(), donation),
        outlook=awards.outlook(act(), [award])[award.id] if award else None,
        mine=who is not None and donation.recorded_by_id == who.id,
        refusal=refusal or Form.blank(GiftReason),
        reversal=reversal or Form.blank(GiftReversal),
        key=new_key(),
        words=gift_words,
        acts=audit_words,
    )
