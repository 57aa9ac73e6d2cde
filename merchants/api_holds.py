"""Points set aside, for programs: placed with a card, taken once, whole or in part, or let go."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from merchants import holds
from merchants.api import ReceiptOut, shop_named, shops_of_caller
from merchants.holds import ShopHold
from merchants.inputs import MOST_POINTS, SetAsideInput
from rewards.api.events import REPLAYED
from rewards.api.framework import Api, Blueprint, mark_replay, settled
from rewards.api.inputs import IdempotencyKey
from rewards.errors import NotAllowed, NotFound
from rewards.forms import Input, Whole
from rewards.web import access
from rewards.web.edge import act

bp = access.token_only(
    Blueprint("api_holds", __name__, url_prefix="/api/v1", description="Points set aside"), "staff"
)
bp.after_request(mark_replay)


def register(api: Api) -> None:
    """Put points set aside into the API."""
    api.register_blueprint(bp)


class WhichShopQuery(Input):
    """Whose list is wanted."""

    merchant_id = Whole(_l("Shop"), hint=_l("Needed by those who work at several."))


class SetAsideBody(SetAsideInput):
    """How many points of which card are kept for a later visit, and until when."""

    merchant_id = Whole(_l("Shop"), hint=_l("Needed by those who work at several."))

    class Meta(SetAsideInput.Meta):
        exclude = ("key",)


class TakeBody(Input):
    """How much of what was set aside is taken; all of it without a number."""

    points = Whole(_l("Points"), most=MOST_POINTS)


class SlipOut(ma.Schema):
    """Points set aside. The name is masked."""

    hold_id = fields.Integer(required=True)
    merchant_id = fields.Integer(required=True)
    name = fields.String(required=True)
    points = fields.Integer(required=True)
    note = fields.String(required=True)
    placed_at = fields.String(required=True, metadata={"format": "date-time"})
    last_day = fields.String(required=True, metadata={"format": "date"})


@bp.get("/holds")
@bp.arguments(WhichShopQuery, location="query")
@bp.response(200, SlipOut(many=True))
def index(query: dict[str, Any]) -> list[dict[str, Any]]:
    """See what is set aside

    All that the shop can still take, what ends first before the rest.
    """
    shop = shop_named(shops_of_caller(), query.get("merchant_id"))
    return [placed.slip() for placed in holds.open_at(act(), shop)]


@bp.post("/holds")
@bp.arguments(IdempotencyKey, location="headers")
@bp.arguments(SetAsideBody)
@bp.response(201, SlipOut, headers=REPLAYED)
def place(key: dict[str, str], data: dict[str, Any]) -> dict[str, Any]:
    """Set points aside

    Once for each Idempotency-Key. The points leave the card's balance at once and can't expire
    meanwhile. After their last day they are back on the card by themselves.
    """
    shop = shop_named(shops_of_caller(), data.pop("merchant_id", None))
    return settled(holds.set_aside(act(), shop, key=key["key"], scanned=data.pop("code"), **data))


@bp.post("/holds/<int:hold_id>/capture")
@bp.arguments(IdempotencyKey, location="headers")
@bp.arguments(TakeBody)
@bp.response(201, ReceiptOut, headers=REPLAYED)
def capture(key: dict[str, str], data: dict[str, Any], hold_id: int) -> dict[str, Any]:
    """Take what was set aside

    Whole or in part, once: what isn't taken returns to the card. The receipt is one of a
    redemption, and can be voided as such.
    """
    placed = _placed(hold_id)
    return settled(holds.take(act(), placed.merchant, placed, key=key["key"], **data))


@bp.post("/holds/<int:hold_id>/release")
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(200, SlipOut, headers=REPLAYED)
def release(key: dict[str, str], hold_id: int) -> dict[str, Any]:
    """Let go what was set aside

    Before its time is over: the points return to the very lots that they left.
    """
    placed = _placed(hold_id)
    return settled(holds.let_go(act(), placed.merchant, placed, key=key["key"]))


def _placed(hold_id: int) -> ShopHold:
    """What was set aside under that number, at whichever of the caller's shops."""
    shops = shops_of_caller()
    if not shops:
        raise NotAllowed
    for shop in shops:
        try:
            return holds.load(act(), hold_id, shop)
        except NotFound:
            continue
    raise NotFound
