"""Shops, their offers and their people, each within one programme or one shop."""

import pytest
from sqlalchemy import select

from merchants import offers, partners, people
from merchants.partners import Merchant, ShopNameTaken
from merchants.people import WorksThere
from rewards import communities, staff
from rewards.administration import NobodyByThatName, OutOfReach, OwnAccount, as_administrator
from rewards.audit import AuditEntry
from rewards.communities import Programme
from rewards.errors import NotFound
from rewards.staff import Role, UsernameTaken
from tests.conftest import Acting
from tests.merchants import shop
from tests.merchants.shop import Shop

FACTS = {"name_en": "Sample", "category": "dining", "points_per_yuan": 1}


@pytest.fixture
def made(acting: Acting) -> Shop:
    with acting() as act:
        return shop.build(act)


def test_a_shop_has_an_account_that_carries_its_name(acting: Acting, made: Shop) -> None:
    with acting() as act:
        merchant = partners.load(act, made.merchant_id, made.world.programme_id)
        assert merchant.account.name == "示例茶馆"
        partners.edit(act, merchant, name_zh="示例新茶馆", **FACTS)
        assert merchant.account.name == "示例新茶馆"
        entry = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "merchant.edit")
        ).one()
        assert entry.detail == {"rate": 1, "old_rate": 2}


def test_two_shops_of_a_programme_never_share_a_name(acting: Acting, made: Shop) -> None:
    with acting() as act:
        programme = act.session.get_one(Programme, made.world.programme_id)
        with pytest.raises(ShopNameTaken):
            partners.add(act, programme, name_zh="示例茶馆", **FACTS)
        book = act.session.get_one(Merchant, made.other_merchant_id)
        with pytest.raises(ShopNameTaken):
            partners.edit(act, book, name_zh="示例茶馆", **FACTS)
        partners.edit(act, book, name_zh="示例书店", **FACTS)


def test_a_shop_of_another_programme_is_not_found(acting: Acting, made: Shop) -> None:
    with acting() as act, pytest.raises(NotFound):
        partners.load(act, made.merchant_id, made.world.programme_id + 1)


def test_people_get_their_roles_from_the_shops_they_work_at(acting: Acting, made: Shop) -> None:
    with acting() as act:
        here = act.session.get_one(Merchant, made.merchant_id)
        there = act.session.get_one(Merchant, made.other_merchant_id)
        hired = people.hire(
            act, here, username="new", name="收银员丙", password="x" * 10, role=Role.CASHIER
        )
        people.engage_by_username(act, there, "NEW", Role.OWNER)
        assert people.roles_of(act.session, hired.staff_id) == {Role.CASHIER, Role.OWNER}
        assert [p.merchant_id for p in people.places_of(act, hired.staff_id)] == [here.id, there.id]
        people.dismiss(act, there, hired.staff_id)
        assert people.roles_of(act.session, hired.staff_id) == {Role.CASHIER}
        assert [p.role for p in people.of(act, here)] == ["owner", "cashier", "cashier"]


def test_nobody_works_twice_at_one_shop_and_names_are_unique(acting: Acting, made: Shop) -> None:
    with acting() as act:
        here = act.session.get_one(Merchant, made.merchant_id)
        member = staff.load(act, made.cashier_id)
        with pytest.raises(WorksThere):
            people.engage(act, here, member, Role.OWNER)
        with pytest.raises(UsernameTaken):
            people.hire(
                act, here, username="Cashier", name="x", password="x" * 10, role=Role.CASHIER
            )
        with pytest.raises(NobodyByThatName):
            people.engage_by_username(act, here, "nobody-here", Role.CASHIER)
        with pytest.raises(NotFound):
            people.dismiss(act, here, made.other_cashier_id)


def test_withdrawn_offers_come_last_and_only_if_asked_for(acting: Acting, made: Shop) -> None:
    with acting() as act:
        here = act.session.get_one(Merchant, made.merchant_id)
        tea = offers.load(act, made.tea_id, here)
        offers.withdraw(act, tea)
        assert [o.title for o in offers.of(act, here)] == ["示例套餐"]
        assert [o.title for o in offers.of(act, here, withdrawn=True)] == ["示例套餐", "示例清茶"]
        offers.bring_back(act, tea)
        offers.edit(act, tea, title="示例红茶", points=120)
        assert [o.title for o in offers.of(act, here)] == ["示例套餐", "示例红茶"]
        with pytest.raises(NotFound):
            offers.load(act, made.other_offer_id, here)


def test_a_password_is_reset_by_who_administers_every_place_of_theirs(
    acting: Acting, made: Shop
) -> None:
    with acting() as act:
        here = act.session.get_one(Merchant, made.merchant_id)
        by = as_administrator(staff.load(act, made.world.administrator_id))
        organiser = as_administrator(staff.load(act, made.world.organiser_id))
        member = people.reset_password(act, by, here, made.cashier_id, "another password")
        assert member.epoch == 2
        with pytest.raises(NotFound):
            people.reset_password(act, by, here, made.other_cashier_id, "another password")
        with pytest.raises(OutOfReach):
            people.reset_password(act, organiser, here, made.cashier_id, "another password")
        people.engage(act, here, by.staff, Role.OWNER)
        with pytest.raises(OwnAccount):
            people.reset_password(act, by, here, by.staff.id, "another password")


def test_a_password_is_not_reset_for_who_also_works_in_another_programme(
    acting: Acting, made: Shop
) -> None:
    with acting() as act:
        here = act.session.get_one(Merchant, made.merchant_id)
        by = as_administrator(staff.load(act, made.world.administrator_id))
        elsewhere = communities.found_programme(act, name_zh="别处", name_en="Elsewhere")
        foreign = partners.add(act, elsewhere, name_zh="别处小店", **FACTS)
        people.engage_by_username(act, foreign, "cashier", Role.CASHIER)
        with pytest.raises(OutOfReach):
            people.reset_password(act, by, here, made.cashier_id, "another password")
