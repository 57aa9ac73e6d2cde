"""The desk's form: a suggestion taken down for a resident at the window or on the phone."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import suggestions
from rewards.errors import Refused
from rewards.forms import Form
from rewards.suggestions import Category, Channel
from rewards.suggestions.inputs import Taking
from rewards.web import photos
from rewards.web.access import office
from rewards.web.edge import act, commit, message, new_key
from rewards.web.office.suggestions import bp as bp


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _page(Form.blank(Taking, key=new_key(), channel=Channel.DESK.value))


@bp.post("/new")
def take() -> ResponseReturnValue:
    form = Form.read(Taking, request.form)
    if not form.valid:
        return _page(form)
    data = form.data
    try:
        author = suggestions.author(act(), office().community, data["code"])
    except Refused as refusal:
        form.refuse(message(refusal), "code")
        return _page(form)
    try:
        with photos.shelf() as shelf:
            taken = suggestions.send(
                act(),
                author,
                shelf,
                key=data["key"],
                category=Category(data["category"]),
                text=data["text"],
                place=data["place"],
                channel=Channel(data["channel"]),
            )
            commit()
    except Refused as refusal:
        form.refuse(message(refusal))
        return _page(form)
    flash(gettext("Taken down as number %(number)s.", number=taken.number), "done")
    return redirect(url_for("office_suggestions.show", suggestion_id=taken.id), 303)


def _page(form: Form) -> ResponseReturnValue:
    """The form; one that was refused is shown with what was typed, and a key of its own."""
    if not form.valid:
        form.typed["key"] = new_key()
    return render_template("office/suggestions/new.html", form=form), 200 if form.valid else 422
