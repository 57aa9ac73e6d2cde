"""A shop on top of the small world: people at its till, offers, and residents with cards."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from merchants import checkout, offers, partners, people
from merchants.partners import Merchant
from rewards import cards, ledger
from rewards.act import Act, Actor
from rewards.communities import Programme
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.world import World


@dataclass(frozen=True)
class Shop:
    """Ids of what :func:`build` made. The rate is 2 points a yuan; tea is 30, a meal 100."""

    world: World
    merchant_id: int
    other_merchant_id: int
    cashier_id: int
    owner_id: int
    other_cashier_id: int
    tea_id: int
    meal_id: int
    other_offer_id: int
    card_code: str
    resident_id: int
    wallet_id: int

    @property
    def cashier(self) -> Actor:
        return Actor("staff", self.cashier_id, "收银员甲")


def build(act: Act, points: int = 100) -> Shop:
    """A shop with a cashier and an owner, another shop, and a resident with *points*."""
    made = world.build(act)
    programme = act.session.get_one(Programme, made.programme_id)
    here = partners.add(
        act,
        programme,
        name_zh="示例茶馆",
        name_en="Sample Teahouse",
        category="dining",
        points_per_yuan=2,
        address="示例路1号",
    )
    there = partners.add(
        act,
        programme,
        name_zh="示例书店",
        name_en="Sample Bookshop",
        category="education",
        points_per_yuan=1,
    )
    cashier = people.engage(act, here, world.person(act, "cashier", "收银员甲"), Role.CASHIER)
    owner = people.engage(act, here, world.person(act, "owner", "店主甲"), Role.OWNER)
    other = people.engage(act, there, world.person(act, "cashier2", "收银员乙"), Role.CASHIER)
    resident = world.resident(act, made.resident_ids[0])
    card = cards.issue(act, resident)
    if points:
        world.give(act, resident.id, points)
    return Shop(
        world=made,
        merchant_id=here.id,
        other_merchant_id=there.id,
        cashier_id=cashier.staff_id,
        owner_id=owner.staff_id,
        other_cashier_id=other.staff_id,
        tea_id=offers.add(act, here, title="示例清茶", points=30).id,
        meal_id=offers.add(act, here, title="示例套餐", points=100).id,
        other_offer_id=offers.add(act, there, title="示例图书", points=10).id,
        card_code=card.code,
        resident_id=resident.id,
        wallet_id=resident.wallet_id,
    )


class Counter:
    """Short names for what a cashier of the shop does, each in a transaction of its own."""

    def __init__(self, acting: Acting, points: int = 100) -> None:
        self.acting = acting
        with acting() as act:
            self.shop = build(act, points)
        self.keys = 0

    def as_cashier(self) -> AbstractContextManager[Act]:
        return self.acting(self.shop.cashier)

    def merchant(self, act: Act) -> Merchant:
        return act.session.get_one(Merchant, self.shop.merchant_id)

    def redeem(self, key: str | None = None, code: str | None = None, **ask: Any) -> ledger.Answer:
        self.keys += 1
        with self.as_cashier() as act:
            return checkout.redeem(
                act,
                self.merchant(act),
                key=key or f"counter-{self.keys}",
                scanned=code or self.shop.card_code,
                **(ask or {"offer_id": self.shop.tea_id}),
            )

    def void(
        self, receipt_number: str, key: str | None = None, reason: str = "点错"
    ) -> ledger.Answer:
        self.keys += 1
        with self.as_cashier() as act:
            merchant = self.merchant(act)
            redemption = checkout.load(act, receipt_number, merchant)
            return checkout.void(
                act, merchant, redemption, key=key or f"counter-{self.keys}", reason=reason
            )

    def look(self, code: str | None = None) -> checkout.CardView:
        with self.as_cashier() as act:
            return checkout.look(act, self.merchant(act), code or self.shop.card_code)

    def spendable(self) -> int:
        return self.look().spendable

    def drifts(self) -> list[ledger.Drift]:
        with self.acting() as act:
            return list(ledger.verify(act.session))
