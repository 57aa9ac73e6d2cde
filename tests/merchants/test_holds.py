"""Points set aside at a shop: by program, at the till, and as the resident sees them."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from merchants import holds
from merchants.checkout import history
from merchants.partners import Merchant
from rewards import ledger
from rewards.audit import AuditEntry
from rewards.errors import NotAllowed, NotFound
from tests import world
from tests.api.caller import PIN, Caller, activate
from tests.conftest import Acting, FakeClock
from tests.merchants.shop import Counter
from tests.merchants.test_till import fields, scan

TODAY = date(2026, 11, 20)


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


@pytest.fixture
def cashier(client: FlaskClient, counter: Counter) -> Caller:
    return Caller(client).sign_in("cashier")


@pytest.fixture
def till(client: FlaskClient, counter: Counter) -> FlaskClient:
    client.set_cookie("language", "en")
    world.sign_in(client, "cashier")
    return client


def aside(counter: Counter, points: int = 40, **more: object) -> dict[str, object]:
    return {"code": counter.shop.card_code, "points": points, **more}


def set_aside(caller: Caller, counter: Counter, points: int = 40, key: str = "aside-key") -> int:
    answer = caller.post("/holds", aside(counter, points), key=key)
    assert answer.status_code == 201, answer.json
    hold_id: int = answer.json["hold_id"]
    return hold_id


def test_points_are_set_aside_once_for_a_week(cashier: Caller, counter: Counter) -> None:
    first = cashier.post("/holds", aside(counter, note="理发"), key="aside-key")
    again = cashier.post("/holds", aside(counter, note="理发"), key="aside-key")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.json["points"], first.json["note"], first.json["last_day"]) == (
        40,
        "理发",
        "2026-11-27",
    )
    assert first.json["name"] == "示***"
    assert counter.spendable() == 60
    assert [one["hold_id"] for one in cashier.get("/holds").json] == [first.json["hold_id"]]


def test_a_capture_is_a_redemption_with_a_receipt(
    cashier: Caller, counter: Counter, acting: Acting
) -> None:
    hold_id = set_aside(cashier, counter)
    first = cashier.post(f"/holds/{hold_id}/capture", {"points": 25}, key="take-key")
    again = cashier.post(f"/holds/{hold_id}/capture", {"points": 25}, key="take-key")
    assert (first.status_code, first.json) == (201, again.json)
    assert (first.json["points"], first.json["balance_after"]) == (25, 75)
    assert counter.spendable() == 75
    assert cashier.get("/holds").json == []
    with acting() as act:
        merchant = act.session.get_one(Merchant, counter.shop.merchant_id)
        assert history.totals(act, merchant).points == 25
        assert ledger.posted(act.session, merchant.account_id) == 25
    counter.void(first.json["receipt_number"]).result()
    assert counter.spendable() == 100
    assert counter.drifts() == []


def test_what_is_let_go_is_back_on_the_card(cashier: Caller, counter: Counter) -> None:
    hold_id = set_aside(cashier, counter)
    for _ in range(2):
        answer = cashier.post(f"/holds/{hold_id}/release", {}, key="let-go-key")
        assert answer.status_code == 200
    assert counter.spendable() == 100
    late = cashier.post(f"/holds/{hold_id}/capture", {}, key="take-key")
    assert (late.status_code, late.json["code"]) == (409, "hold_ended")
    assert counter.drifts() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"points": 101}, "not_enough_points"),
        ({"last_day": "2026-11-19"}, "hold_day"),
        ({"last_day": "2026-12-21"}, "hold_day"),
        ({"points": 0}, "invalid_input"),
        ({"points": 1.5}, "invalid_input"),
        ({"last_day": "tomorrow"}, "invalid_input"),
        ({"note": "长" * 61}, "invalid_input"),
    ],
)
def test_what_cannot_be_set_aside_says_why(
    cashier: Caller, counter: Counter, body: dict[str, object], code: str
) -> None:
    answer = cashier.post("/holds", {**aside(counter), **body}, key="aside-key")
    assert answer.json["code"] == code
    assert counter.spendable() == 100


@pytest.mark.parametrize("last_day", ["2026-11-20", "2026-12-20"])
def test_from_today_to_a_month_ahead_can_be_chosen(
    cashier: Caller, counter: Counter, last_day: str
) -> None:
    answer = cashier.post("/holds", aside(counter, last_day=last_day), key="aside-key")
    assert (answer.status_code, answer.json["last_day"]) == (201, last_day)


def test_a_capture_over_what_was_set_aside_takes_nothing(cashier: Caller, counter: Counter) -> None:
    hold_id = set_aside(cashier, counter)
    answer = cashier.post(f"/holds/{hold_id}/capture", {"points": 41}, key="take-key")
    assert (answer.status_code, answer.json["code"]) == (409, "capture_over_hold")
    assert answer.json["held"] == 40
    assert cashier.post(f"/holds/{hold_id}/capture", {}, key="next-key").status_code == 201


def test_after_the_last_day_the_points_are_back(
    cashier: Caller, counter: Counter, clock: FakeClock, client: FlaskClient
) -> None:
    hold_id = set_aside(cashier, counter)
    clock.forward(days=7, hours=14, minutes=59)  # 23:59 of the last day, in Beijing
    assert counter.spendable() == 60
    clock.forward(minutes=1)
    assert counter.spendable() == 100
    cashier.sign_in("cashier")
    late = cashier.post(f"/holds/{hold_id}/capture", {}, key="take-key")
    assert (late.status_code, late.json["code"]) == (409, "hold_timed_out")
    # Nobody ran a job: a purchase takes them all the same.
    assert counter.redeem(points=100).result()["balance_after"] == 0
    assert counter.drifts() == []


def test_another_shops_holds_are_nobodys(
    cashier: Caller, counter: Counter, new_client, acting: Acting
) -> None:
    hold_id = set_aside(cashier, counter)
    other = Caller(new_client()).sign_in("cashier2")
    for act_on in ("capture", "release"):
        assert other.post(f"/holds/{hold_id}/{act_on}", {}, key="other-key").status_code == 404
    assert other.get("/holds").json == []
    office = Caller(new_client()).sign_in("organiser")
    assert office.post("/holds", aside(counter), key="office-key").status_code == 403
    assert office.post(f"/holds/{hold_id}/release", {}, key="office-key").status_code == 403
    with acting() as act:
        elsewhere = act.session.get_one(Merchant, counter.shop.other_merchant_id)
        placed = act.session.get_one(holds.ShopHold, hold_id)
        with pytest.raises(NotAllowed):
            holds.let_go(act, elsewhere, placed, key="system-key")
    with counter.as_cashier() as act, pytest.raises(NotFound):
        holds.load(act, hold_id, act.session.get_one(Merchant, counter.shop.other_merchant_id))


def test_who_did_what_is_in_the_audit_log(
    cashier: Caller, counter: Counter, acting: Acting
) -> None:
    taken, let_go = (set_aside(cashier, counter, key=f"aside-{n}", points=n) for n in (10, 20))
    cashier.post(f"/holds/{taken}/capture", {}, key="take-key")
    cashier.post(f"/holds/{let_go}/release", {}, key="let-go-key")
    with acting() as act:
        rows = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("hold.")).order_by(AuditEntry.id)
        )
        noted = [(row.action, row.subject, row.detail["points"]) for row in rows]
    assert noted == [
        ("hold.place", f"hold:{taken}", 10),
        ("hold.place", f"hold:{let_go}", 20),
        ("hold.take", f"hold:{taken}", 10),
        ("hold.release", f"hold:{let_go}", 20),
    ]


def asked(till: FlaskClient, counter: Counter) -> dict[str, str]:
    """Scan the card and ask for the form; what it would send."""
    scan(till, counter.shop.card_code)
    page = till.get("/till/set-aside")
    assert 'value="2026-11-27"' in page.get_data(as_text=True)
    return {**fields(page, "/till/set-aside"), "last_day": "2026-11-27", "points": "40"}


def test_at_the_till_from_setting_aside_to_the_receipt(till: FlaskClient, counter: Counter) -> None:
    form = asked(till, counter)
    done, repeated = (till.post("/till/set-aside", data=form) for _ in range(2))
    assert (done.status_code, done.location) == (303, repeated.location)
    assert counter.spendable() == 60
    assert done.location in till.get("/till/holds").get_data(as_text=True)
    scan(till, counter.shop.card_code)
    assert done.location in till.get("/till/customer").get_data(as_text=True)
    page = till.get(done.location)
    assert "Take 40 points now" in page.get_data(as_text=True)
    take = f"{done.location}/take"
    taken = till.post(take, data={**fields(page, take), "points": "15"})
    assert taken.status_code == 303
    assert "Taken: 15 points" in till.get(taken.location).get_data(as_text=True)
    assert taken.location in till.get(done.location).get_data(as_text=True)
    assert "Nothing is set aside" in till.get("/till/holds").get_data(as_text=True)
    assert counter.spendable() == 85
    assert counter.drifts() == []


def test_at_the_till_points_are_let_go(till: FlaskClient, counter: Counter) -> None:
    held = till.post("/till/set-aside", data=asked(till, counter)).location
    let_go = f"{held}/let-go"
    form = fields(till.get(held), let_go)
    assert till.post(let_go, data=form).location == "/till/holds"
    assert "40 points are back on the card" in till.get("/till/holds").get_data(as_text=True)
    # Meanwhile another tablet showed it as open still.
    late = till.post(f"{held}/take", data={**form, "key": "another-tablets"})
    assert late.location == held
    assert "taken or let go before" in till.get(held).get_data(as_text=True)
    assert counter.spendable() == 100


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"points": "101"}, "Not enough points: 1 more needed."),
        ({"points": "0"}, "Enter a whole number"),
        ({"points": ""}, "Enter this"),
        ({"last_day": "2027-01-01"}, "Points can be set aside until a day"),
        ({"last_day": "soon"}, "Enter a date"),
    ],
)
def test_at_the_till_a_slip_is_said_at_its_field_and_put_right(
    till: FlaskClient, counter: Counter, typed: dict[str, str], said: str
) -> None:
    form = asked(till, counter)
    refused = till.post("/till/set-aside", data={**form, **typed})
    assert refused.status_code == 422
    assert said in refused.get_data(as_text=True)
    right = {**form, **fields(refused, "/till/set-aside")}
    assert till.post("/till/set-aside", data=right).status_code == 303
    assert counter.spendable() == 60


def test_at_the_till_more_than_was_set_aside_is_refused(
    till: FlaskClient, counter: Counter
) -> None:
    held = till.post("/till/set-aside", data=asked(till, counter)).location
    form = fields(till.get(held), f"{held}/take")
    refused = till.post(f"{held}/take", data={**form, "points": "41"})
    assert refused.status_code == 422
    assert "Only 40 points were set aside" in refused.get_data(as_text=True)
    again = fields(refused, f"{held}/take")
    assert till.post(f"{held}/take", data={**again, "points": "40"}).status_code == 303


def test_nobody_at_the_counter_sets_nothing_aside(till: FlaskClient, clock: FakeClock) -> None:
    assert till.get("/till/set-aside").location == "/till"
    assert till.get("/till/holds/999999").status_code == 404


def test_a_closed_shop_takes_nothing_but_lets_go(
    cashier: Caller, counter: Counter, acting: Acting
) -> None:
    hold_id = set_aside(cashier, counter)
    with acting() as act:
        act.session.get_one(Merchant, counter.shop.merchant_id).active = False
    closed = cashier.post(f"/holds/{hold_id}/capture", {}, key="take-key")
    assert closed.json["code"] == "merchant_closed"
    assert cashier.post("/holds", aside(counter), key="aside-too").json["code"] == "merchant_closed"
    assert cashier.post(f"/holds/{hold_id}/release", {}, key="let-go-key").status_code == 200


def test_the_resident_sees_what_is_set_aside(
    cashier: Caller, counter: Counter, acting: Acting, new_client, app: Flask
) -> None:
    cashier.post("/holds", aside(counter, note="理发"), key="aside-key")
    with acting() as act:
        activate(act, counter.shop.card_code)
    browser = new_client()
    browser.set_cookie("language", "en")
    browser.get(f"/c/{counter.shop.card_code}")
    browser.post(f"/c/{counter.shop.card_code}", data={"pin": PIN})
    home = re.sub(r"(<[^>]+>|\s)+", " ", browser.get("/me").get_data(as_text=True))
    assert "示例茶馆 · 理发 40 points · until November 27, 2026" in home


def test_the_command_ends_what_is_overdue(
    cashier: Caller, counter: Counter, app: Flask, clock: FakeClock, acting: Acting
) -> None:
    hold_id = set_aside(cashier, counter)
    clock.forward(days=8)
    for said in ("1 holds", "0 holds"):
        result = app.test_cli_runner().invoke(args=["release-holds"])
        assert result.exit_code == 0 and said in result.output, result.output
    with acting() as act:
        assert act.session.get_one(ledger.HoldEnd, hold_id).outcome == "timed_out"
