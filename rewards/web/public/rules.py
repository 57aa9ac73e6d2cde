"""The points rules for everybody to read: in force, to come, and what was before."""

from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from rewards.communities import Programme
from rewards.errors import NotFound
from rewards.schemes import sentences, versions
from rewards.schemes.differences import Difference, between, changed
from rewards.schemes.inputs.parts import PARTS
from rewards.schemes.versions import Chapter, Standing, Version
from rewards.web import access
from rewards.web.edge import act, language

bp = access.public(Blueprint("rules", __name__, url_prefix="/rules"))


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"parts": PARTS}


@bp.get("")
def index() -> ResponseReturnValue:
    """The programmes whose rules can be read; where there is but one, its rules at once."""
    programmes = list(act().session.scalars(select(Programme).order_by(Programme.id)))
    if len(programmes) == 1:
        return _page(programmes[0])
    return render_template("public/rules/index.html", programmes=programmes)


@bp.get("/<int:programme_id>")
def show(programme_id: int) -> ResponseReturnValue:
    programme = act().session.get(Programme, programme_id)
    if programme is None:
        raise NotFound
    return _page(programme)


def _page(programme: Programme) -> ResponseReturnValue:
    g.timezone = programme.timezone
    chapters = versions.history(act(), programme.id)
    current = next((c for c in chapters if c.standing is Standing.IN_FORCE), None)
    coming = sorted(
        (c for c in chapters if c.standing is Standing.TO_COME),
        key=lambda c: c.version.effective_from,
    )
    return render_template(
        "public/rules/show.html",
        programme=programme,
        current=current,
        sections=_sections(current.version) if current else [],
        coming=[(c, _different(_before(c, chapters), c.version)) for c in coming],
        past=[c for c in chapters if c.standing in (Standing.PAST, Standing.WITHDRAWN)],
    )


@bp.get("/versions/<int:version_id>")
def version(version_id: int) -> ResponseReturnValue:
    found = act().session.get(Version, version_id)
    if found is None:
        raise NotFound
    programme = act().session.get_one(Programme, found.programme_id)
    g.timezone = programme.timezone
    chapters = versions.history(act(), programme.id)
    chapter = next(c for c in chapters if c.version.id == version_id)
    before = _before(chapter, chapters)
    return render_template(
        "public/rules/version.html",
        programme=programme,
        chapter=chapter,
        before=before,
        sections=_sections(found),
        differences=_different(before, found) if before else [],
    )


def _sections(version: Version) -> list[sentences.Section]:
    return sentences.of_scheme(version.scheme, language())


def _before(chapter: Chapter, chapters: list[Chapter]) -> Version | None:
    """The version that holds until this one begins; those withdrawn never do."""
    return next(
        (
            c.version
            for c in chapters[chapters.index(chapter) + 1 :]
            if c.standing is not Standing.WITHDRAWN
        ),
        None,
    )


def _different(before: Version | None, after: Version) -> list[Difference]:
    return changed(between(before.scheme if before else None, after.scheme, language()))
