"""The public board: how many suggestions there are and what became of them. Nobody is named."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from rewards import suggestions
from rewards.suggestions import Category
from rewards.suggestions.inputs import CATEGORIES
from rewards.suggestions.reading import PUBLISHED, STATES
from rewards.web import access, photos
from rewards.web.edge import act

bp = access.public(Blueprint("board", __name__, url_prefix="/board"))


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"categories": dict(CATEGORIES)}


@bp.get("")
def index() -> ResponseReturnValue:
    tallies = [
        (community, suggestions.tally(suggestions.count_by_status(act(), community.id)))
        for community in suggestions.communities(act())
    ]
    return render_template("public/board/index.html", tallies=tallies)


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    community = suggestions.community(act(), slug)
    counted = suggestions.by_category(act(), community.id)
    return render_template(
        "public/board/show.html",
        shown=community,
        total=suggestions.tally(suggestions.count_by_status(act(), community.id)),
        rows=[(category, suggestions.tally(counts)) for category, counts in counted.items()],
        published=suggestions.listed(act(), community_id=community.id, statuses=PUBLISHED),
    )


@bp.get("/<slug>/<any('reported', 'waiting', 'in-hand', 'solved', 'refused'):state>")
def rows(slug: str, state: str) -> ResponseReturnValue:
    """The rows behind one of the board's numbers."""
    community = suggestions.community(act(), slug)
    category = request.args.get("category", "")
    chosen = Category(category) if category in set(Category) else None
    page = suggestions.listed(
        act(),
        community_id=community.id,
        statuses=STATES[state],
        category=chosen,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "public/board/rows.html", shown=community, state=state, category=chosen, page=page
    )


@bp.get("/photos/<int:photo_id>/<any(full, small):size>")
def photo(photo_id: int, size: str) -> ResponseReturnValue:
    return photos.sent(suggestions.load_photo(act(), photo_id), size)
