"""The staff's door. An expired session in the middle of a form loses nothing that was typed."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import logout_user

from rewards import staff
from rewards.forms import Form
from rewards.staff_inputs import SignIn
from rewards.web import access
from rewards.web.edge import act, commit, local_path, message
from rewards.web.public import kept as keeping

bp = access.public(Blueprint("sign_in", __name__))


@bp.get("/sign-in")
def form() -> ResponseReturnValue:
    return _page(Form.blank(SignIn), next_path=request.args.get("next"))


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    typed = Form.read(SignIn, request.form)
    next_path, kept = request.form.get("next"), keeping.carried()
    if not typed.valid:
        return _page(typed, next_path, kept, status=422)
    member, refusal = staff.sign_in(act(), typed.data["username"], typed.data["password"])
    commit()
    who = access.staff_person(member.id) if member else None
    if who is None:
        typed.refuse(
            message(refusal) if refusal else gettext("That isn't right. Try again."), "password"
        )
        return _page(typed, next_path, kept, status=403)
    access.welcome(who)
    if kept:
        return keeping.resume(next_path, kept)
    return redirect(local_path(next_path, access.landing(who)), 303)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    logout_user()
    return redirect("/", 303)


def ask_again() -> ResponseReturnValue:
    """The sign-in page, carrying the form that was posted without a session."""
    return _page(Form.blank(SignIn), request.path, keeping.sent(), status=401)


def _page(
    typed: Form, next_path: str | None, kept: keeping.Kept | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template("public/sign_in.html", form=typed, next_path=next_path, kept=kept)
    return page, status
