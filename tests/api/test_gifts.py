"""A resident's program gives points on: once for each key, within the rules, refused by name."""

import pytest

from tests.api.caller import PIN, Caller, activate
from tests.conftest import Acting, FakeClock
from tests.giving_on.conftest import Street


@pytest.fixture
def street(acting: Acting) -> Street:
    return Street(acting)


@pytest.fixture
def giver(caller: Caller, acting: Acting, street: Street) -> Caller:
    street.pay_in(50)
    with acting() as act:
        activate(act, street.codes[street.giver])
    return caller.take({"code": street.codes[street.giver], "pin": PIN})


def test_a_gift_is_given_once_and_listed(giver: Caller, street: Street) -> None:
    body = {"code": street.codes[street.neighbour], "points": 20}
    first = giver.post("/me/gifts", body, key="a-first-gift")
    assert (first.status_code, first.json["to"], first.json["left"]) == (201, "示***", 30)
    again = giver.post("/me/gifts", body, key="a-first-gift")
    assert again.headers["Idempotent-Replayed"] == "true" and again.json == first.json
    other = giver.post("/me/gifts", {**body, "points": 21}, key="a-first-gift")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    [gift] = giver.get("/me/gifts").json["gifts"]
    assert gift == {
        "reference": first.json["reference"],
        "points": -20,
        "other": "示***",
        "given_at": first.json["given_at"],
        "undone_at": None,
    }
    line = giver.get("/me/statement?size=1").json["lines"][0]
    assert (line["kind"], line["points"], line["other"]) == ("gift", -20, "示***")


def test_a_cause_shows_what_it_got(giver: Caller, street: Street) -> None:
    answer = giver.post("/me/gifts", {"cause_id": street.cause, "points": 5}, key="for-the-cause")
    assert answer.json["to"] == "示例助学"
    [cause] = giver.get("/me/causes").json["causes"]
    assert (cause["cause_id"], cause["points"]) == (street.cause, 5)


def test_second_thoughts(giver: Caller, street: Street, clock: FakeClock) -> None:
    body = {"code": street.codes[street.neighbour], "points": 20}
    path = f"/me/gifts/{giver.post('/me/gifts', body, key='a-first-gift').json['reference']}/undo"
    undone = giver.post(path, key="second-thoughts")
    assert (undone.status_code, undone.json["points"]) == (200, 20)
    assert giver.post(path, key="second-thoughts").headers["Idempotent-Replayed"] == "true"
    refused = giver.post(path, key="third-thoughts")
    assert (refused.status_code, refused.json["code"]) == (409, "already_reversed")
    assert giver.get("/me/gifts").json["gifts"][0]["undone_at"] is not None
    assert giver.post("/me/gifts/none/undo", key="no-such-gift").status_code == 404
    path = f"/me/gifts/{giver.post('/me/gifts', body, key='another-gift').json['reference']}/undo"
    clock.forward(minutes=11)
    assert giver.post(path, key="much-too-late").json["code"] == "too_late_to_undo"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"points": 5}, 422, "invalid_input"),
        ({"code": "x", "cause_id": 1, "points": 5}, 422, "invalid_input"),
        ({"code": "x", "points": 0}, 422, "invalid_input"),
        ({"code": "x", "points": -5}, 422, "invalid_input"),
        ({"code": "x", "points": 2**53}, 422, "invalid_input"),
        ({"code": "x", "points": 5}, 422, "not_a_card"),
        ({"cause_id": 999, "points": 5}, 404, "not_found"),
        ({"code": "own", "points": 5}, 422, "given_to_oneself"),
        ({"code": "elsewhere", "points": 5}, 404, "unknown_card"),
        ({"code": "neighbour", "points": 51}, 409, "not_enough_points"),
    ],
)
def test_refusals_have_names(
    giver: Caller, street: Street, body: dict[str, object], status: int, code: str
) -> None:
    known = {"own": street.codes[street.giver], "neighbour": street.codes[street.neighbour]}
    if body.get("code") == "elsewhere":
        known["elsewhere"] = street.elsewhere()
    sent = {**body, "code": known.get(str(body["code"]), "1234")} if "code" in body else body
    answer = giver.post("/me/gifts", sent, key="to-be-refused")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert street.spendable() == 50
