"""The till for programs: a card is looked at, points are taken once, a mistake is undone."""

from functools import partial
from typing import Any

import marshmallow as ma
from flask import Flask, Response, current_app
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from merchants import checkout, people
from merchants.checkout import Redemption, WhichShop
from merchants.inputs import RedeemInput, ScanInput, VoidInput
from merchants.partners import Merchant
from merchants.web import redeeming
from rewards import cards, ledger, staff
from rewards.api.events import REPLAYED
from rewards.api.express import Express
from rewards.api.framework import Api, Blueprint, mark_replay, settled, told
from rewards.api.inputs import IdempotencyKey
from rewards.clock import local_date
from rewards.communities import Community
from rewards.errors import NotAllowed, NotFound
from rewards.forms import Tick, Whole
from rewards.web import access
from rewards.web.edge import act
from rewards.web.front import quick_ones

bp = access.token_only(
    Blueprint("api_till", __name__, url_prefix="/api/v1", description="At the till"), "staff"
)
redemptions = access.token_shown(
    Blueprint("api_redemptions", __name__, url_prefix="/api/v1", description="At the till")
)
for blueprint in (bp, redemptions):
    blueprint.after_request(mark_replay)


def register(app: Flask, api: Api) -> None:
    """Put the merchants' part into the API; redemptions that are as they should be go express."""
    api.register_blueprint(bp)
    api.register_blueprint(redemptions)
    if redeeming.grouped(app):
        ask = partial(redeeming.redeem_in_the_loop, app)
        quick_ones(app)["/api/v1/redemptions"] = Express(
            KeyedBody(), {"key": "idempotency-key"}, ask
        )


class ScanBody(ScanInput):
    """A card as it was scanned or typed."""

    merchant_id = Whole(_l("Shop"), hint=_l("Needed by those who work at several."))


class KeyedBody(RedeemInput):
    """A redemption as a program sends it, with the key that comes in a header."""

    merchant_id = Whole(_l("Shop"), hint=_l("Needed by those who work at several."))

    expected = Whole(_l("The price that was shown; another price now is refused"))
    again = Tick(_l("A second purchase of the same amount within a minute is meant"))


class RedeemBody(KeyedBody):
    """How much to take from which card: an offer, points, or a bill in yuan; exactly one."""

    class Meta(KeyedBody.Meta):
        exclude = ("key",)


class VoidBody(VoidInput):
    """Why a redemption is undone; the resident reads it."""

    class Meta(VoidInput.Meta):
        exclude = ("key",)


class CardOut(ma.Schema):
    """A usable card. The name is masked."""

    name = fields.String(required=True)
    spendable = fields.Integer(required=True)


class ReceiptOut(ma.Schema):
    """A redemption's receipt. A bill is in fen."""

    receipt_number = fields.String(required=True)
    merchant_id = fields.Integer(required=True)
    name = fields.String(required=True)
    offer = fields.String(required=True)
    points = fields.Integer(required=True)
    bill_fen = fields.Integer(required=True, allow_none=True)
    balance_before = fields.Integer(required=True)
    balance_after = fields.Integer(required=True)
    redeemed_at = fields.String(required=True, metadata={"format": "date-time"})
    voided_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    void_reason = fields.String(required=True)


class VoidedOut(ReceiptOut):
    """The receipt of a voided redemption, and what can be spent now."""

    balance_now = fields.Integer(required=True)


@bp.post("/scan")
@bp.arguments(ScanBody)
@bp.response(200, CardOut)
def scan(data: dict[str, Any]) -> dict[str, Any]:
    """Look at a card

    For cashiers at their shop, and for staff of an office in the programme: a masked name and
    what can be spent today, or why the card can't be used.
    """
    shops = shops_of_caller()
    if shops or "merchant_id" in data:
        view = checkout.look(act(), shop_named(shops, data.get("merchant_id")), data["code"])
        return {"name": view.name, "spendable": view.spendable}
    return _look_from_office(data["code"])


@redemptions.post("/redemptions")
@redemptions.arguments(IdempotencyKey, location="headers")
@redemptions.arguments(RedeemBody)
@redemptions.response(201, ReceiptOut, headers=REPLAYED)
def redeem(key: dict[str, str], data: dict[str, Any]) -> Response:
    """Take points

    Once for each Idempotency-Key: send the same key with every retry, and a new one for every
    new purchase. The first answer, a refusal too, is the answer to every repeat. What is
    malformed or unauthenticated doesn't use the key up.
    """
    secret = access.bearer_secret() or ""
    return told(redeeming.redeem_by_token(current_app, secret, {**data, **key}))


@bp.post("/redemptions/<string:number>/void")
@bp.arguments(IdempotencyKey, location="headers")
@bp.arguments(VoidBody)
@bp.response(200, VoidedOut, headers=REPLAYED)
def void(key: dict[str, str], data: dict[str, Any], number: str) -> dict[str, Any]:
    """Undo a redemption

    On the same business day, by its receipt's number. The points return to the very lots that
    they left.
    """
    redemption = _redemption(number)
    return settled(
        checkout.void(act(), redemption.merchant, redemption, key=key["key"], reason=data["reason"])
    )


def _me() -> int:
    who = access.person()
    if who is None:
        raise NotAllowed
    return who.id


def shops_of_caller() -> list[Merchant]:
    """The shops at which the caller works."""
    return [place.merchant for place in people.places_of(act(), _me())]


def shop_named(shops: list[Merchant], merchant_id: int | None) -> Merchant:
    """The shop that is meant: the one named, or the only one."""
    if not shops:
        raise NotAllowed
    if merchant_id is None:
        if len(shops) > 1:
            raise WhichShop
        return shops[0]
    named = next((shop for shop in shops if shop.id == merchant_id), None)
    if named is None:
        raise NotFound
    return named


def _redemption(number: str) -> Redemption:
    """The redemption of that receipt number, at whichever of the caller's shops."""
    shops = shops_of_caller()
    if not shops:
        raise NotAllowed
    for shop in shops:
        try:
            return checkout.load(act(), number, shop)
        except NotFound:
            continue
    raise NotFound


def _look_from_office(code: str) -> dict[str, Any]:
    """The card, for staff of an office of its programme."""
    communities = staff.communities_of(act(), staff.load(act(), _me()))
    if not communities:
        raise NotAllowed
    programmes = {community.programme_id: community for community in communities}
    home: Community = cards.find(act(), code).resident.community
    if home.programme_id not in programmes:
        raise cards.UnknownCard
    today = local_date(act().now, home.programme.timezone)
    resident = cards.identify(act(), code, home.programme_id, today).resident
    return {
        "name": resident.masked_name,
        "spendable": ledger.spendable(act().session, resident.wallet_id, today, now=act().now),
    }
