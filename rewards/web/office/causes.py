"""Causes, for administrators: what the community collects for."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.donations import causes
from rewards.donations.inputs import CauseInput
from rewards.forms import Form
from rewards.giving_on import listing
from rewards.staff import Role
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, commit

bp = access.office_only(
    Blueprint("office_causes", __name__, url_prefix="/office/causes"), Role.ADMINISTRATOR
)


@bp.get("")
def index() -> ResponseReturnValue:
    found = causes.of(act(), office().community_id)
    return render_template(
        "office/donations/causes.html",
        causes=found,
        sums=listing.sums(act(), [cause.id for cause in found]),
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    return render_template("office/donations/cause.html", form=Form.blank(CauseInput), cause=None)


@bp.post("/new")
def add() -> ResponseReturnValue:
    form = Form.read(CauseInput, request.form)
    if not form.valid:
        return render_template("office/donations/cause.html", form=form, cause=None), 422
    causes.add(act(), office().community_id, **form.data)
    commit()
    return _back(gettext("The cause is open for gifts."))


@bp.get("/<int:cause_id>")
def show(cause_id: int) -> ResponseReturnValue:
    cause = causes.load(act(), cause_id, office().community_id)
    form = Form.blank(CauseInput, title=cause.title, description=cause.description)
    return render_template("office/donations/cause.html", form=form, cause=cause)


@bp.post("/<int:cause_id>")
def edit(cause_id: int) -> ResponseReturnValue:
    cause = causes.load(act(), cause_id, office().community_id)
    form = Form.read(CauseInput, request.form)
    if not form.valid:
        return render_template("office/donations/cause.html", form=form, cause=cause), 422
    causes.edit(act(), cause, **form.data)
    commit()
    return _back(gettext("Saved."))


@bp.post("/<int:cause_id>/close")
def close(cause_id: int) -> ResponseReturnValue:
    causes.close(act(), causes.load(act(), cause_id, office().community_id))
    commit()
    return _back(gettext("The cause is closed and takes no more gifts."))


@bp.post("/<int:cause_id>/reopen")
def reopen(cause_id: int) -> ResponseReturnValue:
    causes.reopen(act(), causes.load(act(), cause_id, office().community_id))
    commit()
    return _back(gettext("The cause is open for gifts again."))


def _back(said: str) -> ResponseReturnValue:
    flash(said, "done")
    return redirect(url_for("office_causes.index"), 303)
