"""Which shop this till stands in, and who may do what at it."""

from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import people
from merchants.partners import Merchant
from merchants.people import MerchantStaff
from rewards.errors import NotAllowed, NotFound
from rewards.staff import Role
from rewards.web import access
from rewards.web.edge import act, language

bp = access.staff_only(Blueprint("till", __name__, url_prefix="/till"), Role.CASHIER, Role.OWNER)


@dataclass(frozen=True)
class Till:
    """The shop at hand, the role of whoever is signed in there, and in how many they have one."""

    merchant: Merchant
    role: Role
    shops: int

    @property
    def is_owner(self) -> bool:
        return self.role is Role.OWNER


def till() -> Till:
    """The till at hand."""
    found: Till = g.till
    return found


def owners_only() -> Till:
    """The till at hand, if its owner is signed in."""
    if not till().is_owner:
        raise NotAllowed
    return till()


@bp.before_request
def _open() -> ResponseReturnValue | None:
    """Find the shop: the one that the form was drawn for, else the one chosen, else the only.

    A form names its shop, so that nothing is taken for another one that was chosen meanwhile.
    """
    places = _places()
    wanted = request.form.get("shop", type=int)
    place = _place(places, wanted) or _place(places, session.get("shop_id"))
    if wanted is not None and (place is None or place.merchant_id != wanted):
        raise NotFound
    if place is None and len(places) == 1:
        place = places[0]
    if place is not None:
        g.till = Till(place.merchant, Role(place.role), len(places))
        g.timezone = place.merchant.programme.timezone
    elif request.endpoint not in {"till.shops", "till.choose"}:
        return redirect(url_for("till.shops"), 303)
    return None


@bp.context_processor
def _shared() -> dict[str, Till | None]:
    return {"till": g.get("till")}


@bp.get("/shops")
def shops() -> ResponseReturnValue:
    return render_template("till/shops.html", places=_places())


@bp.post("/shops")
def choose() -> ResponseReturnValue:
    """Stand in another of one's own shops from now on."""
    chosen = till().merchant
    session["shop_id"] = chosen.id
    flash(gettext("This till is now %(shop)s's.", shop=chosen.name(language())), "note")
    return redirect(url_for("till.home"), 303)


def _places() -> list[MerchantStaff]:
    who = access.person()
    return people.places_of(act(), who.id) if who else []


def _place(places: list[MerchantStaff], shop_id: int | None) -> MerchantStaff | None:
    return next((place for place in places if place.merchant_id == shop_id), None)
