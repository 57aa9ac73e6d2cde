"""The till for programs takes points once for each key, whatever is repeated."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from merchants import offers, people
from merchants.partners import Merchant
from rewards import cards, staff
from rewards.staff import Role
from tests import world
from tests.api.caller import Caller
from tests.conftest import Acting, FakeClock
from tests.merchants.shop import Counter


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


@pytest.fixture
def cashier(client: FlaskClient, counter: Counter) -> Caller:
    return Caller(client).sign_in("cashier")


def tea(counter: Counter) -> dict[str, object]:
    return {"code": counter.shop.card_code, "offer_id": counter.shop.tea_id}


def test_a_card_is_looked_at(cashier: Caller, counter: Counter) -> None:
    answer = cashier.post("/scan", {"code": counter.shop.card_code})
    assert answer.json == {"name": "示***", "spendable": 100}
    assert cashier.post("/scan", {"code": cards.new_code()}).json["code"] == "unknown_card"


def test_an_office_may_look_too_within_its_programme(client: FlaskClient, counter: Counter) -> None:
    caller = Caller(client).sign_in("organiser")
    assert caller.post("/scan", {"code": counter.shop.card_code}).json["spendable"] == 100
    assert caller.post("/scan", {"code": "nonsense"}).json["code"] == "not_a_card"


def test_somebody_without_a_place_looks_at_nothing(
    client: FlaskClient, counter: Counter, acting: Acting
) -> None:
    with acting() as act:
        world.person(act, "nobody", "无职者")
    caller = Caller(client).sign_in("nobody")
    assert caller.post("/scan", {"code": counter.shop.card_code}).status_code == 403
    assert caller.post("/redemptions", tea(counter), key="first-key").status_code == 403


def test_points_are_taken_once_and_the_repeat_says_so(cashier: Caller, counter: Counter) -> None:
    first = cashier.post("/redemptions", tea(counter), key="first-key")
    again = cashier.post("/redemptions", tea(counter), key="first-key")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert counter.spendable() == 70


def test_the_same_key_for_something_else_is_a_conflict(cashier: Caller, counter: Counter) -> None:
    cashier.post("/redemptions", tea(counter), key="first-key")
    other = {"code": counter.shop.card_code, "points": 5}
    answer = cashier.post("/redemptions", other, key="first-key")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_reused")
    assert counter.spendable() == 70


def test_a_refusal_is_remembered_under_its_key(cashier: Caller, counter: Counter) -> None:
    much = {"code": counter.shop.card_code, "points": 130}
    first = cashier.post("/redemptions", much, key="first-key")
    assert (first.status_code, first.json["code"]) == (409, "not_enough_points")
    assert first.json["missing"] == 30
    with counter.acting() as act:
        world.give(act, counter.shop.resident_id, 500, "rich-now")
    again = cashier.post("/redemptions", much, key="first-key")
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert cashier.post("/redemptions", much, key="second-key").status_code == 201


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": -5}, "points"),
        ({"points": 1.5}, "points"),
        ({"points": 10**30}, "points"),
        ({"points": True}, "points"),
        ({"bill": "1.234"}, "bill"),
        ({"bill": 12.5}, "bill"),
        ({"points": 5, "bill": "1"}, ""),
        ({}, ""),
        ({"points": 5, "tip": 1}, "tip"),
    ],
)
def test_what_is_malformed_is_named_and_uses_no_key_up(
    cashier: Caller, counter: Counter, wrong: dict[str, object], field: str
) -> None:
    body = {"code": counter.shop.card_code, **wrong}
    answer = cashier.post("/redemptions", body, key="first-key")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert cashier.post("/redemptions", tea(counter), key="first-key").status_code == 201


@pytest.mark.parametrize("key", [None, "short", "with blanks in it", "x" * 81])
def test_a_key_is_needed_and_well_formed(
    cashier: Caller, counter: Counter, key: str | None
) -> None:
    answer = cashier.post("/redemptions", tea(counter), key=key)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert counter.spendable() == 100


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(
    cashier: Caller, counter: Counter, body: bytes
) -> None:
    answer = cashier.client.post(
        "/api/v1/redemptions",
        data=body,
        headers={
            "Authorization": f"Bearer {cashier.token}",
            "Idempotency-Key": "first-key",
            "Content-Type": "application/json",
        },
    )
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def test_without_a_token_the_key_is_not_used_up(
    client: FlaskClient, cashier: Caller, counter: Counter
) -> None:
    assert Caller(client).post("/redemptions", tea(counter), key="first-key").status_code == 401
    assert cashier.post("/redemptions", tea(counter), key="first-key").status_code == 201


def test_two_at_once_take_once(
    new_client: Callable[[], FlaskClient], cashier: Caller, counter: Counter
) -> None:
    def send(_number: int) -> int:
        caller = Caller(new_client())
        caller.token = cashier.token
        return caller.post("/redemptions", tea(counter), key="first-key").status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [201] * 4
    assert counter.spendable() == 70
    assert counter.drifts() == []


def test_a_void_gives_back_once_and_only_at_one_s_own_shop(
    client: FlaskClient, cashier: Caller, counter: Counter, clock: FakeClock
) -> None:
    number = cashier.post("/redemptions", tea(counter), key="first-key").json["receipt_number"]
    path, why = f"/redemptions/{number}/void", {"reason": "点错"}
    stranger = Caller(client).sign_in("cashier2")
    assert stranger.post(path, why, key="their-key").status_code == 404
    assert cashier.post(path, {"reason": ""}, key="void-key").status_code == 422
    voided = cashier.post(path, why, key="void-key")
    assert (voided.status_code, voided.json["balance_now"]) == (200, 100)
    again = cashier.post(path, why, key="void-key")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert counter.spendable() == 100
    other = cashier.post("/redemptions", tea(counter), key="second-key").json["receipt_number"]
    clock.forward(days=1)
    cashier.sign_in("cashier")
    late = cashier.post(f"/redemptions/{other}/void", why, key="late-key")
    assert (late.status_code, late.json["code"]) == (409, "too_late_to_void")


def test_whoever_works_at_two_shops_says_which(
    cashier: Caller, counter: Counter, acting: Acting
) -> None:
    shop = counter.shop
    with acting() as act:
        there = act.session.get_one(Merchant, shop.other_merchant_id)
        people.engage(act, there, staff.load(act, shop.cashier_id), Role.CASHIER)
    assert cashier.post("/scan", {"code": shop.card_code}).json["code"] == "which_shop"
    named = {**tea(counter), "merchant_id": shop.merchant_id}
    assert cashier.post("/redemptions", named, key="first-key").status_code == 201
    foreign = {"code": shop.card_code, "merchant_id": 999}
    assert cashier.post("/scan", foreign).status_code == 404


def test_problems_speak_the_language_that_is_asked_for(cashier: Caller, counter: Counter) -> None:
    much = {"code": counter.shop.card_code, "points": 130}
    chinese = cashier.post("/redemptions", much, key="key-one-1").json["title"]
    english = cashier.post("/redemptions", much, key="key-two-2", Accept_Language="en-GB,en")
    assert english.json["title"] == "Not enough points: 30 more needed."
    assert "30" in chinese and chinese != english.json["title"]
    assert english.json["type"] == "/api/problems#not_enough_points"


def test_a_fact_called_title_is_not_the_problems_title(cashier: Caller, counter: Counter) -> None:
    with counter.as_cashier() as act:
        offers.withdraw(act, offers.load(act, counter.shop.tea_id, counter.merchant(act)))
    answer = cashier.post("/redemptions", tea(counter), key="too-late-1", Accept_Language="en")
    assert (answer.status_code, answer.json["code"]) == (409, "offer_withdrawn")
    assert answer.json["title"] == "“示例清茶” is not offered any more. Choose another offer."
