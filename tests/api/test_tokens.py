"""A token stands for one person, ends when it should, and is not kept in the open."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from rewards import administration, cards, staff
from rewards.tokens import PREFIX, Token
from tests import world
from tests.api.caller import PIN, Caller, activate
from tests.conftest import Acting, FakeClock
from tests.world import World


@pytest.fixture
def here(acting: Acting) -> World:
    with acting() as act:
        return world.build(act)


@pytest.fixture
def card_code(acting: Acting, here: World) -> str:
    with acting() as act:
        code = cards.issue(act, world.resident(act, here.resident_ids[0])).code
        activate(act, code)
        return code


def test_staff_and_residents_get_tokens_of_their_own(
    caller: Caller, new_caller: Callable[[], Caller], card_code: str
) -> None:
    caller.take({"code": card_code, "pin": PIN})
    assert caller.get("/me/balance").json["spendable"] == 0
    organiser = new_caller().sign_in("organiser")
    assert organiser.get("/me/balance").status_code == 403
    assert caller.post("/scan", {"code": card_code}).status_code == 403


def test_only_a_hash_is_kept(caller: Caller, here: World, acting: Acting) -> None:
    caller.sign_in("organiser")
    assert caller.token is not None and caller.token.startswith(PREFIX)
    with acting() as act:
        [kept] = act.session.scalars(select(Token))
        assert caller.token not in (kept.digest, "")
        assert len(kept.digest) == 64


@pytest.mark.parametrize(
    "token", [None, "", "nonsense", "epoints_" + "A" * 43, "é"], ids=lambda t: repr(t)
)
def test_without_a_token_nothing_is_told(caller: Caller, here: World, token: str | None) -> None:
    caller.token = token
    answer = caller.get("/me/balance")
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "http_401"


def test_a_cookie_counts_for_nothing(caller: Caller, here: World) -> None:
    world.sign_in(caller.client, "organiser")
    assert caller.post("/scan", {"code": "x"}).status_code == 401


def test_a_token_ends_by_itself_and_at_once_when_revoked(
    caller: Caller, here: World, clock: FakeClock
) -> None:
    caller.sign_in("organiser")
    clock.forward(hours=11, minutes=59)
    assert caller.get("/events/999/sheet").status_code == 404
    clock.forward(minutes=1)
    assert caller.get("/events/999/sheet").status_code == 401
    caller.sign_in("organiser")
    answer = caller.delete("/tokens/current")
    assert (answer.status_code, answer.data) == (204, b"")
    assert caller.get("/events/999/sheet").status_code == 401
    assert caller.delete("/tokens/current").status_code == 401


@pytest.mark.parametrize("how", ["deactivated", "password"])
def test_what_signs_out_ends_tokens_too(
    caller: Caller, here: World, acting: Acting, how: str
) -> None:
    caller.sign_in("organiser")
    with acting() as act:
        by = administration.as_administrator(staff.load(act, here.administrator_id))
        member = staff.load(act, here.organiser_id)
        if how == "deactivated":
            administration.deactivate(act, by, member)
        else:
            administration.reset_password(act, by, member, "another long password")
    assert caller.get("/events/999/sheet").status_code == 401


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"username": "organiser"},
        {"username": "organiser", "password": "x", "pin": "123456"},
        {"code": "x", "password": "y"},
        {"username": 1, "password": "x"},
        {"username": "organiser", "password": "x", "scope": "all"},
        {"code": "x", "pin": "12"},
    ],
)
def test_malformed_credentials_are_named(
    caller: Caller, here: World, credentials: dict[str, str]
) -> None:
    answer = caller.post("/tokens", credentials)
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"
    assert answer.json["errors"]


def test_wrong_tries_are_counted_and_then_wait(caller: Caller, here: World) -> None:
    wrong = {"username": "organiser", "password": "not this one"}
    codes = [caller.post("/tokens", wrong).json["code"] for _ in range(6)]
    assert codes == ["wrong_secret"] * 4 + ["must_wait"] * 2
    right = {"username": "organiser", "password": world.PASSWORD}
    assert caller.post("/tokens", right).status_code == 429


def test_an_unknown_card_or_pin_gives_no_token(caller: Caller, card_code: str) -> None:
    assert caller.post("/tokens", {"code": "rubbish", "pin": PIN}).json["code"] == "not_a_card"
    other = cards.new_code()
    assert caller.post("/tokens", {"code": other, "pin": PIN}).json["code"] == "unknown_card"
    answer = caller.post("/tokens", {"code": card_code, "pin": "112358"})
    assert answer.json["code"] == "wrong_secret"
