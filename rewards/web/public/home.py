"""The first page, and the two choices that every page offers: language and elder mode."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rewards.web import access
from rewards.web.application import ONE_YEAR
from rewards.web.edge import local_path, settings
from rewards.web.frame import LOCALES

bp = access.public(Blueprint("public", __name__))


@bp.get("/")
def home() -> ResponseReturnValue:
    who = access.person()
    return render_template("public/home.html", landing=access.landing(who) if who else None)


@bp.post("/preferences")
def preferences() -> ResponseReturnValue:
    """Keep the reader's language or elder mode on this device; nothing is written here."""
    response = redirect(local_path(request.form.get("next"), "/"), 303)
    choices = {"language": set(LOCALES), "elder": {"0", "1"}}
    for name, allowed in choices.items():
        if (value := request.form.get(name)) in allowed:
            response.set_cookie(
                name,
                value or "",
                max_age=ONE_YEAR,
                httponly=True,
                samesite="Lax",
                secure=settings().secure,
            )
    return response
