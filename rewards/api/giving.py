"""Points that a resident gives on, by a program."""

from typing import Any

from rewards.api.events import REPLAYED
from rewards.api.framework import Blueprint, mark_replay, settled
from rewards.api.inputs import BeforeQuery, IdempotencyKey
from rewards.api.shapes import CausesOut, GiftReceiptOut, GiftsOut, UndoneOut
from rewards.donations import causes
from rewards.giving_on import giving, listing, undoing
from rewards.giving_on.inputs import GiftInput
from rewards.giving_on.listing import CauseSum
from rewards.giving_on.model import PointsGift
from rewards.web import access
from rewards.web.access import me
from rewards.web.edge import act

bp = access.token_only(
    Blueprint("api_gifts", __name__, url_prefix="/api/v1/me", description="Giving points on"),
    "resident",
)
bp.after_request(mark_replay)


@bp.get("/causes")
@bp.response(200, CausesOut)
def list_causes() -> dict[str, Any]:
    """List the causes of one's community

    Those that take gifts, and the points that each one got.
    """
    found = causes.of(act(), me().community_id, active=True)
    sums = listing.sums(act(), [cause.id for cause in found])
    return {
        "causes": [
            {
                "cause_id": cause.id,
                "title": cause.title,
                "description": cause.description,
                "points": sums.get(cause.id, CauseSum()).points,
            }
            for cause in found
        ]
    }


@bp.post("/gifts")
@bp.arguments(GiftInput)
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(201, GiftReceiptOut, headers=REPLAYED)
def give(data: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    """Give points on

    To a neighbour by the card's code, or to a cause of one's community, within the rules in force.
    The points keep their last day. A repeat with the same key gives nothing more.
    """
    key, points = headers["key"], data["points"]
    if "cause_id" in data:
        cause_id = data["cause_id"]
        return settled(giving.to_cause(act(), me(), cause_id=cause_id, points=points, key=key))
    code = data["code"]
    return settled(giving.to_neighbour(act(), me(), scanned=code, points=points, key=key))


@bp.get("/gifts")
@bp.arguments(BeforeQuery, location="query")
@bp.response(200, GiftsOut)
def list_gifts(query: dict[str, Any]) -> dict[str, Any]:
    """List the gifts given and received

    The newest first. Send ``before`` as the last page gave it for the page after that.
    """
    page = listing.of_resident(act(), me(), before=query["before"])
    return {"gifts": [_shown(gift) for gift in page.gifts], "before": page.before}


@bp.post("/gifts/<string:reference>/undo")
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(200, UndoneOut, headers=REPLAYED)
def undo(headers: dict[str, Any], reference: str) -> dict[str, Any]:
    """Take a gift back

    One's own, within ten minutes, while all of it is still there.
    """
    gift = listing.load_given(act(), reference, me())
    return settled(undoing.undo(act(), gift, key=headers["key"]))


def _shown(gift: PointsGift) -> dict[str, Any]:
    given = gift.giver_id == me().id
    return {
        "reference": gift.reference,
        "points": -gift.points if given else gift.points,
        "other": gift.to_name if given else gift.giver.masked_name,
        "given_at": gift.given_at,
        "undone_at": gift.undone.undone_at if gift.undone else None,
    }
