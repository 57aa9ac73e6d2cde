"""The office's queue of suggestions, and the steps that it takes with each."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards import awards, residents, suggestions
from rewards.awards import NoRoom
from rewards.db import db
from rewards.errors import Refused
from rewards.forms import Form
from rewards.residents import Resident
from rewards.schemes import because
from rewards.schemes.refusals import NoScheme
from rewards.suggestions import Category, Status, Suggestion, refusals
from rewards.suggestions.inputs import CATEGORIES, Adopting, Reply, Reversing
from rewards.web import access, photos
from rewards.web.access import office
from rewards.web.edge import act, answered, commit, message, new_key

bp = access.office_only(Blueprint("office_suggestions", __name__, url_prefix="/office/suggestions"))

# The steps that are nothing but words to the resident, by their place in the address.
WORDED = {
    "refuse": suggestions.refuse,
    "answer": suggestions.answer,
    "solve": suggestions.solve,
}


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"categories": dict(CATEGORIES)}


@bp.errorhandler(refusals.WrongStep)
def _overtaken(refusal: refusals.WrongStep) -> ResponseReturnValue:
    """Somebody was quicker, or tapped twice: say so where the suggestion shows how it stands."""
    db.session.rollback()
    flash(message(refusal), "look")
    return _to(int((request.view_args or {})["suggestion_id"]))


@bp.get("")
def index() -> ResponseReturnValue:
    status = request.args.get("status", Status.SENT.value)
    category = request.args.get("category", "")
    chosen = Category(category) if category in set(Category) else None
    statuses = (Status(status),) if status in set(Status) else tuple(Status)
    page = suggestions.listed(
        act(),
        community_id=office().community_id,
        statuses=statuses,
        category=chosen,
        oldest_first=status == Status.SENT,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "office/suggestions/index.html",
        page=page,
        counts=suggestions.count_by_status(act(), office().community_id, chosen),
        status=status if status in set(Status) else "all",
        category=chosen,
    )


@bp.get("/<int:suggestion_id>")
def show(suggestion_id: int) -> ResponseReturnValue:
    return _show_page(_load(suggestion_id))


@bp.post("/<int:suggestion_id>/contact")
def contact(suggestion_id: int) -> ResponseReturnValue:
    """The author's name and number. A post, because it opens them on record."""
    suggestion = _load(suggestion_id)
    residents.reveal_phone(act(), suggestion.resident)
    commit()
    return _show_page(suggestion, suggestion.resident)


@bp.get("/photos/<int:photo_id>/<any(full, small):size>")
def photo(photo_id: int, size: str) -> ResponseReturnValue:
    found = suggestions.load_photo(act(), photo_id, community_id=office().community_id)
    return photos.sent(found, size)


@bp.post("/<int:suggestion_id>/accept")
def accept(suggestion_id: int) -> ResponseReturnValue:
    suggestions.accept(act(), _load(suggestion_id))
    commit()
    flash(gettext("Accepted. The resident can see that it is in hand."), "done")
    return _to(suggestion_id)


@bp.get("/<int:suggestion_id>/<any(refuse, answer, solve):step>")
def ask(suggestion_id: int, step: str) -> ResponseReturnValue:
    return _step_page(_load(suggestion_id), step, Form.blank(Reply))


@bp.post("/<int:suggestion_id>/<any(refuse, answer, solve):step>")
def tell(suggestion_id: int, step: str) -> ResponseReturnValue:
    suggestion, form = _load(suggestion_id), Form.read(Reply, request.form)
    if not form.valid:
        return _step_page(suggestion, step, form)
    WORDED[step](act(), suggestion, form.data["words"])
    commit()
    flash(gettext("Done. The resident can read your words now."), "done")
    return _to(suggestion_id)


@bp.get("/<int:suggestion_id>/adopt")
def weigh(suggestion_id: int) -> ResponseReturnValue:
    return _adopt_page(_load(suggestion_id), Form.blank(Adopting))


@bp.post("/<int:suggestion_id>/adopt")
def adopt(suggestion_id: int) -> ResponseReturnValue:
    suggestion, form = _load(suggestion_id), Form.read(Adopting, request.form)
    if not form.valid:
        return _adopt_page(suggestion, form)
    try:
        points = answered(suggestions.adopt(act(), suggestion, **form.data))["points"]
    except (NoScheme, NoRoom) as refusal:
        form.refuse(message(refusal))
        return _adopt_page(suggestion, form)
    flash(
        ngettext(
            "Adopted. %(num)s point was given.", "Adopted. %(num)s points were given.", points
        ),
        "done",
    )
    return _to(suggestion_id)


@bp.get("/<int:suggestion_id>/reverse")
def reconsider(suggestion_id: int) -> ResponseReturnValue:
    return _reverse_page(_load(suggestion_id), Form.blank(Reversing, key=new_key()))


@bp.post("/<int:suggestion_id>/reverse")
def reverse(suggestion_id: int) -> ResponseReturnValue:
    suggestion, form = _load(suggestion_id), Form.read(Reversing, request.form)
    if not form.valid:
        return _reverse_page(suggestion, form)
    try:
        taken = answered(suggestions.reverse(act(), suggestion, **form.data))["taken"]
    except refusals.WrongStep:
        raise
    except Refused as refusal:
        form.refuse(message(refusal))
        return _reverse_page(suggestion, form)
    flash(
        ngettext(
            "The adoption is taken back, with %(num)s point.",
            "The adoption is taken back, with %(num)s points.",
            taken,
        ),
        "done",
    )
    return _to(suggestion_id)


def _load(suggestion_id: int) -> Suggestion:
    return suggestions.load(act(), suggestion_id, office().community_id)


def _to(suggestion_id: int) -> ResponseReturnValue:
    return redirect(url_for("office_suggestions.show", suggestion_id=suggestion_id), 303)


def _show_page(suggestion: Suggestion, contact: Resident | None = None) -> ResponseReturnValue:
    return render_template(
        "office/suggestions/show.html",
        suggestion=suggestion,
        contact=contact,
        award=suggestions.award_of(act(), suggestion),
    )


def _step_page(suggestion: Suggestion, step: str, form: Form) -> ResponseReturnValue:
    page = render_template(
        "office/suggestions/step.html", suggestion=suggestion, step=step, form=form
    )
    return page, 200 if form.valid else 422


def _adopt_page(suggestion: Suggestion, form: Form) -> ResponseReturnValue:
    try:
        worth = suggestions.worth(act(), suggestion)
    except NoScheme:
        worth = None
    page = render_template(
        "office/suggestions/adopt.html",
        suggestion=suggestion,
        form=form,
        worth=worth,
        because=because.record(worth) if worth else None,
    )
    return page, 200 if form.valid else 422


def _reverse_page(suggestion: Suggestion, form: Form) -> ResponseReturnValue:
    """The form; one that was refused gets a new key, since its refusal is remembered."""
    if not form.valid:
        form.typed["key"] = new_key()
    award = suggestions.award_of(act(), suggestion)
    page = render_template(
        "office/suggestions/reverse.html",
        suggestion=suggestion,
        form=form,
        award=award,
        outlook=awards.outlook(act(), [award])[award.id] if award else None,
    )
    return page, 200 if form.valid else 422
