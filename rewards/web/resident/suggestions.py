"""A resident's suggestions: send one, follow each, change one that waits."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import suggestions
from rewards.forms import Form
from rewards.suggestions import Category, Picture, Status, Suggestion, refusals
from rewards.suggestions.inputs import CATEGORIES, Content, Sending
from rewards.suggestions.photos import MOST_MEGABYTES, MOST_PHOTOS
from rewards.web import access, photos
from rewards.web.access import me
from rewards.web.edge import act, commit, message, new_key

bp = Blueprint("me_suggestions", __name__, url_prefix="/me/suggest")
bp.before_request(photos.take_large_forms)
access.residents_only(bp)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"categories": dict(CATEGORIES)}


@bp.get("")
def index() -> ResponseReturnValue:
    page = suggestions.listed(
        act(), resident_id=me().id, page=request.args.get("page", 1, type=int)
    )
    return render_template("resident/suggestions/index.html", page=page)


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _send_page(Form.blank(Sending, key=new_key()))


@bp.post("/new")
def send() -> ResponseReturnValue:
    form = Form.read(Sending, request.form)
    pictures = _pictures(form)
    if not form.valid:
        return _send_page(form)
    try:
        with photos.shelf() as shelf:
            sent = suggestions.send(
                act(), me(), shelf, key=form.data["key"], pictures=pictures, **_content(form)
            )
            commit()
    except (refusals.SentBefore, refusals.TooManyToday) as refusal:
        form.refuse(message(refusal))
        return _send_page(form)
    return redirect(url_for("me_suggestions.thanks", suggestion_id=sent.id), 303)


@bp.get("/<int:suggestion_id>/sent")
def thanks(suggestion_id: int) -> ResponseReturnValue:
    return render_template("resident/suggestions/sent.html", suggestion=_own(suggestion_id))


@bp.get("/<int:suggestion_id>")
def show(suggestion_id: int) -> ResponseReturnValue:
    suggestion = _own(suggestion_id)
    return render_template(
        "resident/suggestions/show.html",
        suggestion=suggestion,
        award=suggestions.award_of(act(), suggestion),
    )


@bp.get("/<int:suggestion_id>/edit")
def edit(suggestion_id: int) -> ResponseReturnValue:
    suggestion = _own(suggestion_id)
    if suggestion.status != Status.SENT:
        raise refusals.CannotEdit
    form = Form.blank(
        Content, text=suggestion.text, category=suggestion.category, place=suggestion.place
    )
    return _edit_page(suggestion, form)


@bp.post("/<int:suggestion_id>/edit")
def change(suggestion_id: int) -> ResponseReturnValue:
    suggestion, form = _own(suggestion_id), Form.read(Content, request.form)
    if not form.valid:
        return _edit_page(suggestion, form)
    suggestions.edit(act(), suggestion, **_content(form))
    commit()
    flash(gettext("Your suggestion is changed."), "done")
    return redirect(url_for("me_suggestions.show", suggestion_id=suggestion_id), 303)


@bp.get("/photos/<int:photo_id>/<any(full, small):size>")
def photo(photo_id: int, size: str) -> ResponseReturnValue:
    return photos.sent(suggestions.load_photo(act(), photo_id, resident_id=me().id), size)


def _own(suggestion_id: int) -> Suggestion:
    return suggestions.load_own(act(), suggestion_id, me().id)


def _content(form: Form) -> dict[str, Any]:
    data = form.data
    return {
        "category": Category(data["category"]),
        "text": data["text"],
        "place": data["place"],
    }


def _pictures(form: Form) -> list[Picture]:
    try:
        return suggestions.prepare_all(photos.uploads())
    except refusals.BadPhoto as refusal:
        form.refuse(message(refusal), "photos")
        return []


def _send_page(form: Form) -> ResponseReturnValue:
    """The form; one that was refused is shown with what was typed, and a key of its own."""
    if not form.valid:
        form.typed["key"] = new_key()
    page = render_template(
        "resident/suggestions/new.html",
        form=form,
        most=MOST_PHOTOS,
        megabytes=MOST_MEGABYTES,
        photos_lost=photos.chosen(),
    )
    return page, 200 if form.valid else 422


def _edit_page(suggestion: Suggestion, form: Form) -> ResponseReturnValue:
    page = render_template("resident/suggestions/edit.html", suggestion=suggestion, form=form)
    return page, 200 if form.valid else 422
