"""The office's pages about shops: who may change what, and what a wrong word does."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from merchants.partners import Merchant
from merchants.people import MerchantStaff
from rewards import communities, staff
from rewards.audit import AuditEntry
from rewards.staff import Role
from tests import world
from tests.conftest import Acting
from tests.merchants.shop import Counter

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

FACTS = {
    "name_zh": "示例影院",
    "name_en": "Sample Cinema",
    "category": "entertainment",
    "points_per_yuan": "3",
    "address": "示例路2号",
}


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


@pytest.fixture
def office(client: FlaskClient, counter: Counter) -> FlaskClient:
    """A browser in which the programme's administrator is signed in."""
    client.set_cookie("language", "en")
    world.sign_in(client, "admin")
    return client


def address(counter: Counter, rest: str = "") -> str:
    return f"/office/merchants/{counter.shop.merchant_id}{rest}"


def test_a_shop_is_added_edited_closed_and_reopened(
    office: FlaskClient, counter: Counter, acting: Acting
) -> None:
    made = office.post("/office/merchants/new", data=FACTS)
    assert made.status_code == 303
    assert "Sample Cinema" in office.get(made.location).get_data(as_text=True)
    again = office.post("/office/merchants/new", data=FACTS)
    assert again.status_code == 422 and "Another shop has this name" in again.get_data(as_text=True)
    edit = f"{made.location}/edit"
    assert 'value="示例影院"' in office.get(edit).get_data(as_text=True)
    assert office.post(edit, data={**FACTS, "points_per_yuan": "4"}).status_code == 303
    for action, active in (("close", False), ("reopen", True)):
        assert office.post(f"{made.location}/{action}").status_code == 303
        with acting() as act:
            merchant = act.session.scalars(
                select(Merchant).where(Merchant.name_zh == "示例影院")
            ).one()
            assert (merchant.active, merchant.points_per_yuan) == (active, 4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_zh", ""),
        ("name_en", "x" * 101),
        ("category", "gambling"),
        ("points_per_yuan", "0"),
        ("points_per_yuan", "1.5"),
        ("points_per_yuan", "-2"),
    ],
)
def test_a_wrong_word_is_said_at_its_field(office: FlaskClient, field: str, value: str) -> None:
    response = office.post("/office/merchants/new", data={**FACTS, field: value})
    assert response.status_code == 422
    assert f'href="#f-{field}"' in response.get_data(as_text=True)


def test_offers_are_added_edited_withdrawn_and_brought_back(
    office: FlaskClient, counter: Counter
) -> None:
    assert (
        office.post(address(counter, "/offers/new"), data={"title": "", "points": "0"}).status_code
        == 422
    )
    data = {"title": "示例点心", "points": "15"}
    assert office.post(address(counter, "/offers/new"), data=data).status_code == 303
    tea = address(counter, f"/offers/{counter.shop.tea_id}")
    assert 'value="示例清茶"' in office.get(tea).get_data(as_text=True)
    assert office.post(tea, data={"title": "示例红茶", "points": "35"}).status_code == 303
    office.post(f"{tea}/withdraw")
    page = office.get(address(counter)).get_data(as_text=True)
    assert "示例点心" in page and "示例红茶" in page and "Withdrawn" in page
    office.post(f"{tea}/bring-back")
    assert "Withdrawn" not in office.get(address(counter)).get_data(as_text=True)


def test_another_shops_offer_is_not_found_here(office: FlaskClient, counter: Counter) -> None:
    foreign = address(counter, f"/offers/{counter.shop.other_offer_id}")
    assert office.get(foreign).status_code == 404
    assert office.post(f"{foreign}/withdraw").status_code == 404


def test_somebody_new_gets_a_password_that_is_shown_once_and_works(
    office: FlaskClient, counter: Counter, new_client: Callable[[], FlaskClient]
) -> None:
    data = {"name": "收银员丁", "username": "till-four", "role": "cashier"}
    response = office.post(address(counter, "/people/new"), data=data)
    shown = re.search(r'success__ref">([^<]+)<', response.get_data(as_text=True))
    assert response.status_code == 200 and shown
    assert shown[1] not in office.get(address(counter)).get_data(as_text=True)
    entered = new_client().post("/sign-in", data={"username": "till-four", "password": shown[1]})
    assert (entered.status_code, entered.location) == (303, "/till")
    taken = office.post(address(counter, "/people/new"), data=data)
    assert taken.status_code == 422 and 'href="#f-username"' in taken.get_data(as_text=True)


def test_a_chosen_password_is_not_shown_and_a_short_one_is_refused(
    office: FlaskClient, counter: Counter
) -> None:
    data = {"name": "收银员丁", "username": "till-four", "role": "owner", "password": "short"}
    assert office.post(address(counter, "/people/new"), data=data).status_code == 422
    data["password"] = "long enough to be one"
    response = office.post(address(counter, "/people/new"), data=data)
    assert response.status_code == 200
    assert "long enough to be one" not in response.get_data(as_text=True)


def test_somebody_who_signs_in_already_works_here_too_until_removed(
    office: FlaskClient, counter: Counter, acting: Acting
) -> None:
    data = {"username": "cashier2", "role": "cashier"}
    assert office.post(address(counter, "/people/existing"), data=data).status_code == 303
    assert office.post(address(counter, "/people/existing"), data=data).status_code == 422
    unknown = {"username": "nobody", "role": "cashier"}
    assert office.post(address(counter, "/people/existing"), data=unknown).status_code == 422
    person = address(counter, f"/people/{counter.shop.other_cashier_id}")
    assert office.post(f"{person}/remove").status_code == 303
    assert office.post(f"{person}/remove").status_code == 404
    with acting() as act:
        left = select(MerchantStaff.merchant_id).where(
            MerchantStaff.staff_id == counter.shop.other_cashier_id
        )
        assert act.session.scalars(left).all() == [counter.shop.other_merchant_id]


def test_a_reset_password_ends_the_sessions_of_before(
    office: FlaskClient, counter: Counter, new_client: Callable[[], FlaskClient]
) -> None:
    cashier = new_client()
    world.sign_in(cashier, "cashier")
    reset = address(counter, f"/people/{counter.shop.cashier_id}/password")
    shown = re.search(r'success__ref">([^<]+)<', office.post(reset).get_data(as_text=True))
    assert shown
    assert cashier.get("/till").status_code == 303
    assert cashier.get("/till").location.startswith("/sign-in")
    entered = new_client().post("/sign-in", data={"username": "cashier", "password": shown[1]})
    assert entered.status_code == 303


def test_the_list_filters_sorts_and_finds(office: FlaskClient, counter: Counter) -> None:
    counter.redeem().result()

    def listed(query: str) -> list[str]:
        page = office.get(f"/office/merchants?{query}").get_data(as_text=True)
        return re.findall(r"Sample (?:Teahouse|Bookshop)(?=</a>)", page)

    assert listed("") == ["Sample Bookshop", "Sample Teahouse"]
    assert listed("sort=points") == ["Sample Teahouse", "Sample Bookshop"]
    assert listed("class=education") == ["Sample Bookshop"]
    assert listed("q=TEA") == listed("q=示例路") == ["Sample Teahouse"]
    assert listed("state=closed") == listed("q=100%25") == []


def test_redemptions_are_listed_and_taken_out_with_masked_names(
    office: FlaskClient, counter: Counter, acting: Acting
) -> None:
    number = counter.redeem().result()["receipt_number"]
    counter.void(counter.redeem(bill_fen=150).result()["receipt_number"]).result()
    page = office.get(address(counter, "/redemptions")).get_data(as_text=True)
    assert number in page and "示***" in page and "示例居民1" not in page
    assert number not in office.get(address(counter, "/redemptions?until=2026-11-19")).get_data(
        as_text=True
    )
    for odd in ("before=99999999999999999999", "after=x", "since=9999-99-99", "before=-1"):
        assert office.get(address(counter, f"/redemptions?{odd}")).status_code == 200
    file = office.post(address(counter, "/redemptions/export"), data={"since": "2026-11-20"})
    rows = file.get_data().decode("utf-8-sig").splitlines()
    assert len(rows) == 3 and number in rows[2] and "示***" in rows[2]
    assert "1.50" in rows[1] and "点错" in rows[1]
    with acting() as act:
        assert act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "redemption.export")
        ).one()


CHANGES = ["/edit", "/close", "/reopen", "/offers/new", "/people/new", "/people/existing"]


@pytest.mark.parametrize("who", ["organiser", "community-admin"])
def test_only_administrators_of_the_programme_change_its_shops(
    counter: Counter, acting: Acting, client: FlaskClient, who: str
) -> None:
    with acting() as act:
        local = world.person(act, "community-admin", "管理员乙")
        staff.grant(act, local, Role.ADMINISTRATOR, community_id=counter.shop.world.community_id)
    world.sign_in(client, who)
    page = client.get(address(counter)).get_data(as_text=True)
    assert "示例清茶" in page and "/edit" not in page and "/people/" not in page
    assert client.get(address(counter, "/redemptions")).status_code == 200
    assert client.get("/office/merchants/new").status_code == 403
    assert client.post("/office/merchants/new", data=FACTS).status_code == 403
    for change in CHANGES:
        assert client.post(address(counter, change), data=FACTS).status_code == 403
    person = address(counter, f"/people/{counter.shop.cashier_id}")
    offer = address(counter, f"/offers/{counter.shop.tea_id}")
    for change in (f"{person}/password", f"{person}/remove", offer, f"{offer}/withdraw"):
        assert client.post(change).status_code == 403


@pytest.mark.parametrize("who", ["cashier", "owner"])
def test_a_shops_people_do_not_come_into_the_office(
    counter: Counter, client: FlaskClient, who: str
) -> None:
    world.sign_in(client, who)
    assert client.get("/office/merchants").status_code == 403
    assert client.get(address(counter)).status_code == 403


def test_another_programmes_shop_is_not_found(
    counter: Counter, acting: Acting, client: FlaskClient
) -> None:
    with acting() as act:
        programme = communities.found_programme(act, name_zh="别处", name_en="Elsewhere")
        communities.add_community(
            act, programme, slug="elsewhere", name_zh="别处社区", name_en="Elsewhere"
        )
        stranger = world.person(act, "stranger", "管理员丙")
        staff.grant(act, stranger, Role.ADMINISTRATOR, programme_id=programme.id)
    world.sign_in(client, "stranger")
    for path in ("", "/edit", "/redemptions", f"/offers/{counter.shop.tea_id}", "/people/new"):
        assert client.get(address(counter, path)).status_code == 404
    assert client.post(address(counter, "/close")).status_code == 404
    assert client.get("/office/merchants/99999999999999999999").status_code == 404
