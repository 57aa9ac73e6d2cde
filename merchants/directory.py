"""Shops as lists: the office's, and the residents' "where to spend". Reads only."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from merchants.checkout import Redemption, rules
from merchants.checkout.rules import Tariff
from merchants.offers import Offer
from merchants.partners import Merchant
from rewards.act import Act


class Order(StrEnum):
    """What the office's list is sorted by."""

    NAME = "name"
    POINTS = "points"


@dataclass(frozen=True)
class Filter:
    """What the office asked for; ``words`` is part of a name or an address."""

    category: str = ""
    words: str = ""
    active: bool | None = None
    order: Order = Order.NAME


@dataclass(frozen=True)
class Entry:
    """One shop of the office's list; ``points`` are those taken since the day asked for."""

    merchant: Merchant
    offers: int
    points: int


def listing(act: Act, programme_id: int, wanted: Filter, since: date) -> list[Entry]:
    """The programme's shops that match, with the points that each took from *since* on."""
    offers = (
        select(func.count()).where(Offer.merchant_id == Merchant.id, Offer.active).scalar_subquery()
    )
    points = (
        select(func.coalesce(func.sum(Redemption.points), 0))
        .where(
            Redemption.merchant_id == Merchant.id,
            Redemption.business_day >= since,
            Redemption.voided_at.is_(None),
        )
        .scalar_subquery()
    )
    query = select(Merchant, offers, points).where(Merchant.programme_id == programme_id)
    if wanted.category:
        query = query.where(Merchant.category == wanted.category)
    if wanted.active is not None:
        query = query.where(Merchant.active.is_(wanted.active))
    if wanted.words:
        fields = (Merchant.name_zh, func.lower(Merchant.name_en), Merchant.address)
        words = wanted.words.lower()
        query = query.where(or_(*(f.contains(words, autoescape=True) for f in fields)))
    if wanted.order is Order.POINTS:
        query = query.order_by(points.desc())
    rows = act.session.execute(query.order_by(Merchant.active.desc(), Merchant.name_zh))
    return [Entry(merchant, offered, int(taken)) for merchant, offered, taken in rows]


@dataclass(frozen=True)
class Place:
    """An open shop, what it offers (the cheapest first), and whether the rules let it take any."""

    merchant: Merchant
    offers: list[Offer]
    tariff: Tariff
    takes_points: bool


def places(act: Act, *, programme_id: int | None = None, category: str = "") -> list[Place]:
    """Where points can be spent: in one programme, or in all."""
    query = select(Merchant).where(Merchant.active).options(joinedload(Merchant.programme))
    if programme_id is not None:
        query = query.where(Merchant.programme_id == programme_id)
    if category:
        query = query.where(Merchant.category == category)
    merchants = list(act.session.scalars(query.order_by(Merchant.name_zh, Merchant.id)))
    made = act.session.scalars(
        select(Offer)
        .where(Offer.merchant_id.in_([m.id for m in merchants]), Offer.active)
        .order_by(Offer.points, Offer.id)
    )
    of: dict[int, list[Offer]] = {}
    for offer in made:
        of.setdefault(offer.merchant_id, []).append(offer)
    return [_place(act, merchant, of.get(merchant.id, [])) for merchant in merchants]


def _place(act: Act, merchant: Merchant, made: list[Offer]) -> Place:
    classes = rules.of(act.session, merchant, act.now).categories
    tariff = rules.tariff(act.session, merchant, act.now)
    return Place(merchant, made, tariff, not classes or merchant.category in classes)
