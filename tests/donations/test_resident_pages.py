"""A resident gives by card: a tap counts once, Stripe may be down, and the page says what is so."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from rewards.donations import causes
from rewards.donations.gifts import Donation
from tests import stripe_double
from tests.conftest import Acting, Database
from tests.donations.giving import Giving
from tests.stripe_double import StripeDouble

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


def sign_in(client: FlaskClient, resident_id: int) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = f"resident:{resident_id}:1"


class Phone:
    """The resident's browser."""

    def __init__(self, giving: Giving) -> None:
        self.giving, self.client = giving, giving.client
        sign_in(self.client, giving.resident_id)

    def get(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, response.status
        return response.get_data(as_text=True)

    def give(self, amount: str = "50", key: str = "tap-0001") -> TestResponse:
        data = {"key": key, "amount": amount}
        return self.client.post(f"/me/give/{self.giving.cause_id}", data=data)

    def gifts(self) -> list[Donation]:
        with self.giving.acting() as act:
            found = list(act.session.scalars(select(Donation).order_by(Donation.id)))
            act.session.expunge_all()
            return found


@pytest.fixture
def phone(giving: Giving) -> Phone:
    return Phone(giving)


def test_the_way_to_the_payment_page_and_back(phone: Phone, double: StripeDouble) -> None:
    assert "示例助老食堂" in phone.get("/me/give")
    page = phone.get(f"/me/give/{phone.giving.cause_id}")
    assert "每元 1 分" in page and "500 分" in page
    assert "+50 积分" in page
    response = phone.give("50")
    assert response.status_code == 303
    [gift] = phone.gifts()
    session = double.session_for(gift.reference)
    assert response.location == session["url"]
    assert (session["amount_total"], session["currency"]) == (5000, "cny")
    assert session["locale"] == "zh"
    back = session["success_url"].removeprefix("http://localhost")
    assert "支付正在确认中" in phone.get(back)
    phone.giving.tell(stripe_double.completed(session))
    assert "您获得了 50 积分" in phone.get(back)
    assert "+50" in phone.get("/me/give")


def test_leaving_before_paying_takes_nothing_and_can_be_gone_on_with(
    phone: Phone, double: StripeDouble
) -> None:
    first = phone.give().location
    [gift] = phone.gifts()
    cancel = double.session_for(gift.reference)["cancel_url"].removeprefix("http://localhost")
    assert "您在支付前离开了，没有扣款" in phone.get(cancel)
    again = phone.client.post(f"/me/give/gifts/{gift.id}/pay")
    assert (again.status_code, again.location) == (303, first)
    assert len(double.sessions) == 1


def test_a_double_tap_makes_one_gift_and_one_payment_page(
    phone: Phone, double: StripeDouble
) -> None:
    assert phone.give().location == phone.give().location
    assert len(phone.gifts()) == len(double.sessions) == 1


def test_two_taps_at_once_make_one_gift_and_one_payment_page(
    phone: Phone, double: StripeDouble, new_client: Callable[[], FlaskClient]
) -> None:
    def tap(_: int) -> str | None:
        client = new_client()
        sign_in(client, phone.giving.resident_id)
        data = {"key": "tap-0001", "amount": "20"}
        return client.post(f"/me/give/{phone.giving.cause_id}", data=data).location

    with ThreadPoolExecutor(3) as pool:
        places = set(pool.map(tap, range(3)))
    [gift] = phone.gifts()
    assert places == {double.session_for(gift.reference)["url"]}


def test_no_transaction_is_open_while_stripe_is_asked(
    phone: Phone, double: StripeDouble, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else can write meanwhile, on SQLite too, where there is one writer at a time."""
    asked = double.request

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        with Session(database.engine) as other:
            gift = other.scalars(select(Donation).with_for_update()).one()
            gift.cause.description = "written meanwhile"
            other.commit()
        return asked(*args, **kwargs)

    monkeypatch.setattr(double, "request", meanwhile)
    assert phone.give().status_code == 303


@pytest.mark.parametrize("how", ["network", 402])
def test_while_stripe_is_down_nothing_is_lost(
    phone: Phone, double: StripeDouble, how: str | int
) -> None:
    with double.down(how):
        response = phone.give()
        assert response.status_code == 303
        page = phone.get(response.location)
    assert "支付页面暂时打不开，没有扣款" in page
    [gift] = phone.gifts()
    assert gift.status == "started"
    again = phone.client.post(f"/me/give/gifts/{gift.id}/pay")
    assert again.location == double.session_for(gift.reference)["url"]
    assert len(phone.gifts()) == len(double.sessions) == 1


@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "4.99", "12.345", "5e3", "50001", "9" * 30, "fifty", "<b>5</b>"]
)
def test_an_amount_that_cannot_be_is_refused_with_words(
    phone: Phone, double: StripeDouble, amount: str
) -> None:
    response = phone.give(amount)
    assert response.status_code == 422
    assert "有问题需要处理" in response.get_data(as_text=True)
    assert phone.gifts() == []
    assert double.calls == 0


@pytest.mark.parametrize(("amount", "fen"), [("5", 500), ("12.50", 1250), ("５０", 5000)])
def test_amounts_that_can_be(phone: Phone, amount: str, fen: int) -> None:
    assert phone.give(amount).status_code == 303
    assert [gift.amount_fen for gift in phone.gifts()] == [fen]


def test_one_key_for_two_amounts_gives_the_first_only(phone: Phone) -> None:
    phone.give("20")
    assert phone.give("30").status_code == 422
    assert [gift.amount_fen for gift in phone.gifts()] == [2000]


def test_a_closed_cause_takes_nothing(phone: Phone, acting: Acting) -> None:
    with acting() as act:
        causes.close(act, causes.load(act, phone.giving.cause_id, phone.giving.world.community_id))
    assert "示例助老食堂" not in phone.get("/me/give")
    assert "这个项目已停止接受捐赠" in phone.get(f"/me/give/{phone.giving.cause_id}")
    response = phone.give()
    assert response.status_code == 422
    assert phone.gifts() == []


def test_without_keys_the_way_is_closed_and_the_desk_is_named(phone: Phone, app: Flask) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], stripe_secret_key=None)
    for path in ("/me/give", f"/me/give/{phone.giving.cause_id}"):
        assert "社区办公室捐赠现金或物品" in phone.get(path)
    response = phone.give()
    assert response.status_code == 409
    assert "社区办公室捐赠现金或物品" in response.get_data(as_text=True)
    assert phone.gifts() == []


def test_what_is_anothers_is_not_there(phone: Phone, new_client: Callable[[], FlaskClient]) -> None:
    phone.give()
    [gift] = phone.gifts()
    neighbour, stranger = new_client(), new_client()
    sign_in(neighbour, phone.giving.world.resident_ids[1])
    sign_in(stranger, phone.giving.world.other_resident_id)
    for client in (neighbour, stranger):
        assert client.get(f"/me/give/gifts/{gift.id}").status_code == 404
        assert client.post(f"/me/give/gifts/{gift.id}/pay").status_code == 404
    assert stranger.get(f"/me/give/{phone.giving.cause_id}").status_code == 404
    data = {"key": "tap-0001", "amount": "50"}
    assert stranger.post(f"/me/give/{phone.giving.cause_id}", data=data).status_code == 404


def test_a_paid_gift_is_not_paid_again(phone: Phone, double: StripeDouble) -> None:
    phone.give()
    [gift] = phone.gifts()
    phone.giving.tell(stripe_double.completed(double.session_for(gift.reference)))
    for response in (phone.give(), phone.client.post(f"/me/give/gifts/{gift.id}/pay")):
        assert (response.status_code, response.location) == (303, f"/me/give/gifts/{gift.id}")


def test_the_page_says_what_became_of_it(phone: Phone, double: StripeDouble) -> None:
    phone.give()
    [gift] = phone.gifts()
    session = double.session_for(gift.reference)
    here = f"/me/give/gifts/{gift.id}"
    phone.giving.tell(stripe_double.expired(session))
    assert "支付页面已过期" in phone.get(here)
    phone.giving.tell(stripe_double.completed(session))
    phone.giving.tell(stripe_double.refunded(session, 2000))
    page = phone.get(here)
    assert "您获得了 30 积分" in page
    assert re.search(r"已退回给您</dt><dd>¥20\.00", page)
    phone.giving.tell(stripe_double.refunded(session, 5000))
    assert "这笔捐款已退回给您" in phone.get(here)


def test_long_lists_have_pages(phone: Phone, acting: Acting) -> None:
    for _ in range(21):
        phone.giving.start(500)
    first = phone.get("/me/give")
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert 'rel="next"' not in phone.get(following)
    with acting() as act:
        assert act.session.scalar(select(func.count()).select_from(Donation)) == 21
    for odd in ("x", "-1", "9" * 40):
        assert phone.client.get(f"/me/give?before={odd}").status_code == 200
