"""Where to spend, for anyone: open shops, their standing offers, by class."""

import pytest
from flask.testing import FlaskClient

from merchants import offers, partners
from merchants.partners import Merchant
from rewards import communities
from rewards.web import access
from tests.conftest import Acting
from tests.merchants import shop
from tests.merchants.shop import Shop


@pytest.fixture
def made(acting: Acting, client: FlaskClient) -> Shop:
    client.set_cookie("language", "en")
    with acting() as act:
        return shop.build(act)


def page(client: FlaskClient, query: str = "") -> str:
    response = client.get(f"/places{query}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_anyone_sees_shops_offers_and_rates(client: FlaskClient, made: Shop) -> None:
    shown = page(client)
    for words in ("Sample Teahouse", "示例清茶", "30 points", "示例路1号", "1 yuan is 2 points"):
        assert words in shown


def test_a_class_narrows_and_says_if_it_has_none(client: FlaskClient, made: Shop) -> None:
    shown = page(client, "?class=education")
    assert "Sample Bookshop" in shown and "Sample Teahouse" not in shown
    assert "No shop of this class" in page(client, "?class=medical")
    assert "No shop of this class" in page(client, "?class=<script>")


def test_what_cannot_be_had_is_not_shown(client: FlaskClient, made: Shop, acting: Acting) -> None:
    with acting() as act:
        offers.withdraw(act, act.session.get_one(offers.Offer, made.tea_id))
        partners.close(act, act.session.get_one(Merchant, made.other_merchant_id))
    shown = page(client)
    assert "示例清茶" not in shown and "Sample Bookshop" not in shown


def test_a_resident_sees_their_own_programmes_shops(
    client: FlaskClient, made: Shop, acting: Acting, app
) -> None:
    with acting() as act:
        elsewhere = communities.found_programme(act, name_zh="别处", name_en="Elsewhere")
        partners.add(
            act,
            elsewhere,
            name_zh="别处小店",
            name_en="Faraway",
            category="dining",
            points_per_yuan=1,
        )
    assert "Faraway" in page(client)
    with app.app_context():
        who = access.resident_person(made.resident_id)
        assert who is not None
    with client.session_transaction() as session:
        session["_user_id"] = who.get_id()
        session["_fresh"] = True
    shown = page(client)
    assert "Sample Teahouse" in shown and "Faraway" not in shown
