"""Where to spend: for anyone, and for a resident the shops of their own programme."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from merchants import directory
from merchants.inputs import CATEGORIES
from rewards.web import access
from rewards.web.edge import act

bp = access.public(Blueprint("places", __name__))


@bp.get("/places")
def index() -> ResponseReturnValue:
    who, category = access.person(), request.args.get("class", "")
    own = access.me().community.programme_id if who and who.kind == "resident" else None
    found = directory.places(act(), programme_id=own, category=category)
    return render_template(
        "places/index.html",
        places=found,
        category=category,
        categories=CATEGORIES,
        several=len({place.merchant.programme_id for place in found}) > 1,
    )
