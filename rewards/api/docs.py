"""The API's description: for programs as OpenAPI, for people as pages made from it."""

import re
from typing import Any, cast

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.api.framework import Api
from rewards.api.reading import operations
from rewards.errors import Refused
from rewards.web import access
from rewards.web.edge import settings

bp = access.public(Blueprint("api_docs", __name__, url_prefix="/api"))


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    api: Api = current_app.extensions["api"]
    return cast(dict[str, Any], api.spec.to_dict())


@bp.get("/v1/openapi.json")
def openapi() -> ResponseReturnValue:
    return document()


@bp.get("/docs")
def docs() -> ResponseReturnValue:
    described = document()
    return render_template(
        "api/docs.html",
        document=described,
        groups=operations(described, settings().public_url),
    )


@bp.get("/problems")
def problems() -> ResponseReturnValue:
    """Every way to be refused, by its code: what a problem's ``type`` leads to."""
    # What a sentence is filled with is known only when it is said.
    rows = [
        (refusal.code, refusal.status, re.sub(r"%\(\w+\)s", "…", gettext(refusal.message)))
        for refusal in sorted(Refused.by_code.values(), key=lambda r: (r.status, r.code))
    ]
    return render_template("api/problems.html", rows=rows)
