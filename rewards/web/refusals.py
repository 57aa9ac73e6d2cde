"""One handler for every refusal: a page for a reader, a problem document for a program."""

import json
from typing import Any

from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from rewards.db import db
from rewards.errors import Refused
from rewards.web import edge


def install(app: Flask) -> None:
    """Render refusals and HTTP errors; whatever was half done is rolled back first."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def _refused(refusal: Refused) -> ResponseReturnValue:
    db.session.rollback()
    return answer(refusal.status, refusal.code, edge.message(refusal), refusal.facts)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    code = error.code or 500
    if error.response is not None:
        return error.response
    if code < 400:
        return error.get_response()
    if code == 401 and not _is_api():
        try:
            return _to_sign_in()
        except RequestEntityTooLarge as too_large:  # found only here, where it is read to be kept
            return _http_error(too_large)
    made = answer(code, f"http_{code}", _sentence(code))
    if code == 405:
        made.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    if code == 401:
        made.headers["WWW-Authenticate"] = "Bearer"
    return made


def _busy(error: OperationalError) -> ResponseReturnValue:
    current_app.logger.exception("the database could not answer")
    db.session.rollback()
    return answer(503, "busy", gettext("The service is busy. Nothing was done; please try again."))


def _broken(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("unexpected error at %s", request.path)
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    db.session.rollback()
    return answer(500, "http_500", _sentence(500))


def _is_api() -> bool:
    return request.path.startswith(("/api/", "/hooks/"))


def answer(status: int, code: str, sentence: str, facts: dict[str, Any] | None = None) -> Response:
    """A page, or for programs a problem document (RFC 9457), that says what happened."""
    if _is_api():
        # The standard's own members last: a fact may be called "title" too.
        problem = {
            **(facts or {}),
            "type": f"/api/problems#{code}",
            "title": sentence,
            "status": status,
            "code": code,
        }
        return Response(
            json.dumps(problem, ensure_ascii=False),
            status=status,
            content_type="application/problem+json",
        )
    page = render_template("errors/error.html", status=status, code=code, sentence=sentence)
    return Response(page, status=status)


def _to_sign_in() -> ResponseReturnValue:
    """Ask for a sign-in, at the door that is theirs; what was typed meanwhile is carried along."""
    from rewards.web.public import card, sign_in

    resident = request.path == "/me" or request.path.startswith("/me/")
    if request.method not in edge.SAFE:
        return card.ask_again() if resident else sign_in.ask_again()
    door = "card.sign_in" if resident else "sign_in.form"
    return redirect(url_for(door, next=request.full_path.rstrip("?")), 303)


def _sentence(code: int) -> str:
    sentences: dict[int, str] = {
        400: gettext("The request can't be understood. Go back and try again."),
        401: gettext("Sign in first."),
        403: gettext("Your role doesn't allow this. Ask an administrator if you need it."),
        404: gettext("There is no such page. Check the address, or start from the home page."),
        405: gettext("This page can't be used that way. Start from the home page."),
        413: gettext(
            "That is too large, so nothing was sent. Go back: what you typed is still there. "
            "Choose files of at most 10 MB each."
        ),
        429: gettext("Too many requests. Wait a minute, then try again."),
        500: gettext("Something went wrong on our side. Nothing was done; please try again."),
    }
    return sentences.get(code) or sentences[500 if code >= 500 else 400]
