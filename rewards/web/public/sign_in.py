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

bp = access.public(Blueprint("sign_in", __name__))

# What a carried form's fields are called on the sign-in page, apart from its own.
KEPT = "kept:"


@bp.get("/sign-in")
def form() -> ResponseReturnValue:
    return _page(Form.blank(SignIn), next_path=request.args.get("next"))


@bp.post("/sign-in")
def enter() -> ResponseReturnValue:
    typed = Form.read(SignIn, request.form)
    next_path, kept = request.form.get("next"), _kept()
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
        return render_template("public/resume.html", action=local_path(next_path, "/"), kept=kept)
    return redirect(local_path(next_path, access.landing(who)), 303)


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    logout_user()
    return redirect("/", 303)


def ask_again() -> ResponseReturnValue:
    """The sign-in page, carrying the form that was posted without a session."""
    kept = [(k, v) for k, v in request.form.items(multi=True) if k != "password"]
    return _page(Form.blank(SignIn), request.path, kept, status=401)


def _kept() -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(KEPT)
    ]


def _page(
    typed: Form,
    next_path: str | None = None,
    kept: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "public/sign_in.html", form=typed, next_path=next_path, kept=kept or [], prefix=KEPT
    )
    return page, status
