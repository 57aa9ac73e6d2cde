"""One's own password, for everybody on the staff."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import staff
from rewards.forms import Form
from rewards.staff import Role
from rewards.staff_inputs import ChangePassword
from rewards.web import access
from rewards.web.edge import act, commit, message

bp = access.staff_only(Blueprint("password", __name__), *Role)


@bp.get("/password")
def form() -> ResponseReturnValue:
    return render_template("public/password.html", form=Form.blank(ChangePassword))


@bp.post("/password")
def change() -> ResponseReturnValue:
    """Change it, sign out everywhere else, and stay signed in here."""
    typed, who = Form.read(ChangePassword, request.form), access.person()
    if typed.valid and who is not None:
        member = staff.load(act(), who.id)
        refusal = staff.change_password(act(), member, typed.data["current"], typed.data["new"])
        commit()
        if refusal is not None:
            typed.refuse(message(refusal), "current")
        elif changed := access.staff_person(who.id):
            access.welcome(changed)
            flash(gettext("Your password is changed. Other devices are signed out."), "done")
            return redirect(access.landing(changed), 303)
    return render_template("public/password.html", form=typed), 422
