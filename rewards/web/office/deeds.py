"""Acts outside events, for the office: recorded, approved by a second person, and followed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards.deeds import asking, deciding, listing, model, naming, recording, sheet
from rewards.deeds.inputs import Approval, DeductionReversal, DeedInput, DeedReason
from rewards.deeds.listing import Wanted
from rewards.deeds.model import Doer, Kind, RecordedDeed, Status
from rewards.deeds.recording import Facts
from rewards.deeds.refusals import DeedDecided
from rewards.deeds.sheet import Sheet
from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.schemes import because
from rewards.web import access, rules
from rewards.web.access import office, person
from rewards.web.edge import act, answered, commit, language, message, new_key, row_id
from rewards.web.office import audit_words, deed_words

bp = access.office_only(Blueprint("office_deeds", __name__, url_prefix="/office/deeds"))

KINDS = ", ".join(repr(kind.value) for kind in Kind)

# The field that a refusal is shown at; any other stands above the form.
FIELDS = {
    "nobody_named": "who",
    "too_many_named": "who",
    "line_unknown": "who",
    "line_ambiguous": "who",
    "card_unusable": "who",
    "one_referrer": "who",
    "newcomer_unknown": "referred",
    "referred_missing": "referred",
    "referred_self": "referred",
    "referred_before": "referred",
    "not_yet_happened": "happened_at",
    "no_scheme": "happened_at",
    "meeting_missing": "note",
    "unknown_deduction": "deduction",
}


@bp.get("")
def index() -> ResponseReturnValue:
    here = office().community_id
    wanted = Wanted(request.args.get("state", ""), request.args.get("kind", ""))
    page = listing.of_community(act(), here, wanted, before=request.args.get("before", type=row_id))
    return render_template(
        "office/deeds/index.html",
        page=page,
        waiting=listing.waiting(act(), here),
        wanted=wanted,
        words=deed_words,
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Which kind of act it is."""
    return render_template("office/deeds/new.html", words=deed_words)


@bp.get(f"/new/<any({KINDS}):kind>")
def form(kind: str) -> ResponseReturnValue:
    return _form_page(Kind(kind), Form.blank(DeedInput))


@bp.post(f"/new/<any({KINDS}):kind>")
def record(kind: str) -> ResponseReturnValue:
    typed = Form.read(DeedInput, request.form, office().community.programme.timezone)
    if typed.valid:
        try:
            deed_id = _record(Kind(kind), dict(typed.data))
            flash(gettext("Recorded. It counts when a second person approves it."), "done")
            return redirect(url_for("office_deeds.show", deed_id=deed_id), 303)
        except Refused as refusal:
            _refuse(Kind(kind), typed, refusal)
    return _form_page(Kind(kind), typed), 422


@bp.get("/<int:deed_id>")
def show(deed_id: int) -> ResponseReturnValue:
    return _show_page(_load(deed_id))


@bp.post("/<int:deed_id>/approve")
def approve(deed_id: int) -> ResponseReturnValue:
    deed, typed = _load(deed_id), Form.read(Approval, request.form)
    if not typed.valid:
        raise DeedDecided
    points = answered(deciding.approve(act(), deed, points=typed.data["points"]))["points"]
    flash(_moved(points, taken=deed.kind == Kind.DEDUCTION), "done")
    return redirect(url_for("office_deeds.show", deed_id=deed_id), 303)


@bp.post("/<int:deed_id>/refuse")
def refuse(deed_id: int) -> ResponseReturnValue:
    deed, typed = _load(deed_id), Form.read(DeedReason, request.form)
    if not typed.valid:
        return _show_page(deed, refusal=typed), 422
    deciding.refuse(act(), deed, typed.data["reason"])
    commit()
    flash(gettext("Given back. It moves no points."), "done")
    return redirect(url_for("office_deeds.show", deed_id=deed_id), 303)


@bp.get("/<int:deed_id>/parts/<int:doer_id>/give-back")
def ask_give_back(deed_id: int, doer_id: int) -> ResponseReturnValue:
    deed, doer = _part(deed_id, doer_id)
    return _give_back_page(deed, doer, Form.blank(DeductionReversal))


@bp.post("/<int:deed_id>/parts/<int:doer_id>/give-back")
def give_back(deed_id: int, doer_id: int) -> ResponseReturnValue:
    (deed, doer), typed = _part(deed_id, doer_id), Form.read(DeductionReversal, request.form)
    if not typed.valid:
        return _give_back_page(deed, doer, typed), 422
    points = answered(deciding.give_back(act(), deed, doer, **typed.data))["points"]
    flash(
        ngettext("%(num)s point was given back.", "%(num)s points were given back.", points),
        "done",
    )
    return redirect(url_for("office_deeds.show", deed_id=deed_id), 303)


def _record(kind: Kind, data: dict[str, Any]) -> int:
    here = office().community
    people = naming.residents(act(), here, data.pop("who"))
    who, key = data.pop("referred"), data.pop("key")
    referred = naming.newcomer(act(), here, who) if kind is Kind.REFERRAL and who else None
    facts = Facts(kind=kind, **_of_kind(kind, data))
    answer = recording.record(act(), here, people, facts, key=key, referred=referred)
    deed_id: int = answered(answer)["deed"]
    return deed_id


def _of_kind(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    """What was typed that belongs to the kind: a page was drawn with no other fields."""
    others = {"deduction"} if kind is not Kind.DEDUCTION else set()
    return {name: value for name, value in data.items() if name not in others}


def _refuse(kind: Kind, typed: Form, refusal: Refused) -> None:
    at = FIELDS.get(refusal.code, "")
    if refusal.code == "unknown_term":
        at = refusal.facts["field"]
    if refusal.code == "quantity_missing":
        at = "minutes" if asking.of(act(), office().community, kind).minutes else "items"
    typed.refuse(message(refusal), at)


def _load(deed_id: int) -> RecordedDeed:
    return model.load(act(), deed_id, office().community_id)


def _part(deed_id: int, doer_id: int) -> tuple[RecordedDeed, Doer]:
    deed = _load(deed_id)
    doer = listing.doer(deed, doer_id)
    if doer is None:
        raise NotFound
    return deed, doer


def _form_page(kind: Kind, typed: Form) -> str:
    here = office().community
    asked = asking.of(act(), here, kind)
    speech = language()
    return render_template(
        "office/deeds/form.html",
        kind=kind,
        form=typed,
        asked=asked,
        choices={
            field: [(term.key, getattr(term.name, speech)) for term in terms]
            for field, terms in asked.terms.items()
        },
        deductions=[(d.key, _costs(d.points, getattr(d.name, speech))) for d in asked.deductions],
        said=[] if kind is Kind.DEDUCTION else rules.of_sources(act(), here, kind.source),
        key=new_key(),
        words=deed_words,
    )


def _costs(points: int, name: str) -> str:
    said: str = ngettext("%(name)s: %(num)s point", "%(name)s: %(num)s points", points, name=name)
    return said


def _moved(points: int, *, taken: bool) -> str:
    """What approving came to."""
    given = ngettext(
        "Approved. %(num)s point was awarded.", "Approved. %(num)s points were awarded.", points
    )
    lost = ngettext(
        "Approved. %(num)s point was taken.", "Approved. %(num)s points were taken.", points
    )
    return str(lost if taken else given)


def _show_page(deed: RecordedDeed, refusal: Form | None = None) -> str:
    who, drawn = person(), sheet.draw(act(), deed)
    return render_template(
        "office/deeds/show.html",
        deed=deed,
        sheet=drawn,
        why=_why(drawn),
        terms=rules.terms(act(), deed.community),
        mine=who is not None and deed.recorded_by_id == who.id,
        waiting=deed.status == Status.RECORDED,
        refusal=refusal or Form.blank(DeedReason),
        history=listing.history(act(), deed),
        words=deed_words,
        acts=audit_words,
    )


def _why(drawn: Sheet) -> dict[int, dict[str, Any]]:
    """The arithmetic of each part, by its id: that recorded with the award, or as it would be."""
    return {
        share.doer.id: share.award.because if share.award else because.record(share.worth)
        for share in drawn.shares
    }


def _give_back_page(deed: RecordedDeed, doer: Doer, typed: Form) -> str:
    made = sheet.standing_deduction(act(), doer)
    return render_template(
        "office/deeds/give_back.html", deed=deed, doer=doer, made=made, form=typed, key=new_key()
    )
