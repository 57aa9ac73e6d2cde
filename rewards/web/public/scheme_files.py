"""Schemes as files: the form they have, as JSON Schema, and published ones to start from."""

import json

from flask import Blueprint, Response

from rewards.errors import NotFound
from rewards.schemes import document, presets
from rewards.web import access

bp = access.public(Blueprint("scheme_files", __name__, url_prefix="/schemes"))


@bp.get("/e-points-scheme-1.schema.json")
def schema() -> Response:
    """What a scheme's file may hold; editors check and complete by it."""
    text = json.dumps(document.schema(), ensure_ascii=False, indent=2)
    return Response(
        text,
        content_type="application/schema+json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="e-points-scheme-1.schema.json"'},
    )


@bp.get("/<key>.yaml")
def preset(key: str) -> Response:
    """A published scheme, to be changed and read in again."""
    if key not in presets.KEYS:
        raise NotFound
    return Response(presets.text(key), content_type="application/yaml; charset=utf-8")
