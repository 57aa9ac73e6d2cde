"""The till in a browser's hands: scan, choose, confirm, done; and what goes wrong on the way."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from merchants import checkout, offers, people
from merchants.checkout import Redemption, history
from merchants.partners import Merchant
from rewards import cards, sealcheck, sealer, staff
from rewards.act import Actor
from rewards.settings import Settings
from rewards.staff import Role
from tests import world
from tests.conftest import Acting, Database, FakeClock
from tests.merchants.shop import Counter

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


@pytest.fixture
def till(client: FlaskClient, counter: Counter) -> FlaskClient:
    """A browser in which the shop's cashier is signed in."""
    client.set_cookie("language", "en")
    world.sign_in(client, "cashier")
    return client


def scan(till: FlaskClient, code: str) -> TestResponse:
    return till.post("/till/card", data={"code": code})


def fields(response: TestResponse, action: str) -> dict[str, str]:
    """What the form that leads to *action* would send."""
    page = response.get_data(as_text=True)
    form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.S)
    assert form, page
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[1]))


def confirmed(till: FlaskClient, counter: Counter, choice: str) -> dict[str, str]:
    """Scan the card and choose; what the confirming button would send."""
    scan(till, counter.shop.card_code)
    return fields(till.get(f"/till/confirm?{choice}"), "/till/redeem")


def redeem(till: FlaskClient, counter: Counter, choice: str) -> str:
    """A whole purchase; the receipt's number."""
    response = till.post("/till/redeem", data=confirmed(till, counter, choice))
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location.rpartition("/")[2]


def test_from_scan_to_receipt(till: FlaskClient, counter: Counter) -> None:
    assert "Scan a card" in till.get("/till").get_data(as_text=True)
    scanned = scan(till, f"http://localhost/c/{counter.shop.card_code}")
    assert (scanned.status_code, scanned.location) == (303, "/till/customer")
    shown = till.get("/till/customer").get_data(as_text=True)
    assert "示***" in shown and "示例居民1" not in shown and counter.shop.card_code not in shown
    assert f"/till/confirm?offer_id={counter.shop.tea_id}" in shown
    asked = till.get(f"/till/confirm?offer_id={counter.shop.tea_id}")
    assert "Take 30 points" in asked.get_data(as_text=True)
    done = till.post("/till/redeem", data=fields(asked, "/till/redeem"))
    assert done.status_code == 303
    receipt = till.get(done.location).get_data(as_text=True)
    assert "Taken: 30 points" in receipt and 'data-sound="done"' in receipt
    assert counter.spendable() == 70
    # The customer has gone: the next has to show a card.
    assert till.get("/till/customer").location == "/till"
    assert counter.drifts() == []


@pytest.mark.parametrize(
    ("choice", "left"), [("points=7", 93), ("bill=12.51", 74), ("points=％37", None)]
)
def test_an_amount_may_be_typed(
    till: FlaskClient, counter: Counter, choice: str, left: int | None
) -> None:
    if left is None:
        scan(till, counter.shop.card_code)
        assert till.get(f"/till/confirm?{choice}").status_code == 422
        return
    redeem(till, counter, choice)
    assert counter.spendable() == left


@pytest.mark.parametrize(
    "choice",
    [
        "points=0",
        "points=-5",
        "points=1.5",
        "points=99999999999999999999",
        "points=",
        "bill=0",
        "bill=-1",
        "bill=1.234",
        "bill=abc",
        "points=5&bill=2",
        "",
    ],
)
def test_what_is_no_amount_is_said_at_the_field(
    till: FlaskClient, counter: Counter, choice: str
) -> None:
    scan(till, counter.shop.card_code)
    response = till.get(f"/till/confirm?{choice}")
    assert response.status_code == 422
    assert "There is a problem" in response.get_data(as_text=True)


def test_a_double_tap_takes_once_and_shows_one_receipt(till: FlaskClient, counter: Counter) -> None:
    form = confirmed(till, counter, f"offer_id={counter.shop.tea_id}")
    first, second = (till.post("/till/redeem", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert counter.spendable() == 70


def test_a_lost_answer_and_going_back_to_confirm_again_takes_once(
    till: FlaskClient, counter: Counter
) -> None:
    choice = f"offer_id={counter.shop.tea_id}"
    form = confirmed(till, counter, choice)
    cookie = till.get_cookie("epoints")
    assert cookie is not None
    first = till.post("/till/redeem", data=form)
    # The answer never came: neither the page nor its cookie.
    till.set_cookie("epoints", cookie.value)
    again = till.get(f"/till/confirm?{choice}")
    assert "Paid a moment ago" in again.get_data(as_text=True)
    second = till.post("/till/redeem", data=fields(again, "/till/redeem"))
    assert second.location == first.location
    assert counter.spendable() == 70


def test_the_same_card_shown_again_asks_first(
    till: FlaskClient, counter: Counter, clock: FakeClock
) -> None:
    choice = f"offer_id={counter.shop.tea_id}"
    number = redeem(till, counter, choice)
    clock.forward(seconds=20)
    scan(till, counter.shop.card_code)
    warned = till.get(f"/till/confirm?{choice}")
    page = warned.get_data(as_text=True)
    assert "20 seconds ago" in page and number in page and "Take 30 points again" in page
    form = fields(warned, "/till/redeem")
    # Without the word that it is meant, nothing is taken.
    refused = till.post("/till/redeem", data={k: v for k, v in form.items() if k != "again"})
    assert refused.status_code == 409 and counter.spendable() == 70
    anew = fields(refused, "/till/redeem")
    assert anew["key"] != form["key"]
    assert till.post("/till/redeem", data=anew).status_code == 303
    assert counter.spendable() == 40


def test_too_few_points_says_how_many_and_the_retry_is_a_new_act(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    scan(till, counter.shop.card_code)
    short = till.get("/till/confirm?points=130")
    assert "30 points too few" in short.get_data(as_text=True)
    assert "/till/redeem" not in short.get_data(as_text=True)
    form = confirmed(till, counter, "points=90")
    counter.redeem(points=20).result()  # at another till, meanwhile
    refused = till.post("/till/redeem", data=form)
    assert refused.status_code == 409
    assert "10 points too few" in refused.get_data(as_text=True)
    with acting() as act:
        world.give(act, counter.shop.resident_id, 50, key="more")
    assert till.get("/till/confirm?points=90").status_code == 200
    redeem(till, counter, "points=90")
    assert counter.spendable() == 40


def test_a_price_that_changed_meanwhile_is_shown_and_asked_again(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    form = confirmed(till, counter, f"offer_id={counter.shop.tea_id}")
    with acting() as act:
        offers.edit(
            act, act.session.get_one(offers.Offer, counter.shop.tea_id), title="示例清茶", points=40
        )
    refused = till.post("/till/redeem", data=form)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409 and "now 40 points, not 30" in page
    assert till.post("/till/redeem", data=fields(refused, "/till/redeem")).status_code == 303
    assert counter.spendable() == 60


def test_a_withdrawn_offer_leads_back_to_the_choice(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    form = confirmed(till, counter, f"offer_id={counter.shop.tea_id}")
    with acting() as act:
        offers.withdraw(act, act.session.get_one(offers.Offer, counter.shop.tea_id))
    assert till.post("/till/redeem", data=form).location == "/till/customer"
    assert "is not offered any more" in till.get("/till/customer").get_data(as_text=True)
    assert till.get(f"/till/confirm?offer_id={counter.shop.other_offer_id}").status_code == 404


def test_what_was_scanned_and_pays_nothing_says_why(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    for code, words in (
        ("6901234567892", "a service card"),
        (cards.new_code(), "known here"),
        ("", "can&#39;t be left empty"),
    ):
        response = scan(till, code)
        assert response.status_code == 422 and words in response.get_data(as_text=True)
    form = confirmed(till, counter, "points=5")
    with acting() as act:
        act.session.scalars(select(cards.Card)).one().status = "blocked"
    for response in (
        scan(till, counter.shop.card_code),
        till.get("/till/customer"),
        till.get("/till/confirm?points=5"),
        till.post("/till/redeem", data=form),
    ):
        assert response.status_code == 422
        page = response.get_data(as_text=True)
        assert "is blocked" in page and 'data-sound="problem"' in page


def test_nobody_spends_from_a_card_that_was_shown_long_ago(
    till: FlaskClient, counter: Counter, clock: FakeClock
) -> None:
    scan(till, counter.shop.card_code)
    clock.forward(minutes=6)
    assert till.get("/till/customer").location == "/till"
    assert till.get("/till/confirm?points=5").location == "/till"


def test_a_mistake_is_undone_with_a_reason(
    till: FlaskClient, counter: Counter, clock: FakeClock
) -> None:
    number = redeem(till, counter, "points=30")
    page = till.get(f"/till/receipts/{number}")
    form = fields(page, f"/till/receipts/{number}/void")
    address = f"/till/receipts/{number}/void"
    for wrong in ({}, {"why": "other"}, {"why": "nonsense"}):
        assert till.post(address, data={**form, **wrong}).status_code == 422
    done = till.post(address, data={**form, "why": "other", "words": "点错"})
    assert done.location == f"/till/receipts/{number}"
    assert till.post(address, data={**form, "why": "other", "words": "点错"}).status_code == 303
    shown = till.get(done.location).get_data(as_text=True)
    assert "Voided: 30 points given back" in shown and "点错" in shown
    assert "30 points are back on the card, which now has 100" in shown
    assert counter.spendable() == 100


def test_the_day_after_nothing_is_undone_at_the_till(
    till: FlaskClient, counter: Counter, clock: FakeClock
) -> None:
    number = redeem(till, counter, "points=30")
    form = fields(till.get(f"/till/receipts/{number}"), f"/till/receipts/{number}/void")
    clock.forward(hours=15)
    world.sign_in(till, "cashier")
    assert "/void" not in till.get(f"/till/receipts/{number}").get_data(as_text=True)
    late = till.post(f"/till/receipts/{number}/void", data={**form, "why": "sold_out"})
    assert late.status_code == 409
    assert counter.spendable() == 70


def test_the_history_shows_a_day_and_finds_a_receipt(
    till: FlaskClient, counter: Counter, clock: FakeClock
) -> None:
    first = redeem(till, counter, "points=30")
    second = redeem(till, counter, "points=5")
    counter.void(second).result()
    page = till.get("/till/history").get_data(as_text=True)
    assert first in page and second in page and "1 voided" in page
    assert "1 redemption" in page and "30 points" in page
    found = till.get(f"/till/history?receipt={first.replace('-', '')}")
    assert found.location == f"/till/receipts/{first}"
    assert till.get("/till/history?receipt=26112099993").status_code == 422
    clock.forward(days=1)
    world.sign_in(till, "cashier")
    assert first not in till.get("/till/history").get_data(as_text=True)
    assert first in till.get("/till/history?day=2026-11-20").get_data(as_text=True)
    for odd in ("2026-02-31", "9999-12-31", "0001-01-01", "x"):
        assert till.get(f"/till/history?day={odd}").status_code == 200


def test_the_history_is_read_by_pages_in_both_directions(
    till: FlaskClient, counter: Counter
) -> None:
    numbers = [counter.redeem(points=n).result()["receipt_number"] for n in range(1, 13)]
    with counter.acting() as act:
        merchant = counter.merchant(act)
        seen: list[str] = []
        page = history.page(act, merchant, size=5)
        assert page.newer is None
        while True:
            seen += [r.receipt_number for r in page.rows]
            if page.older is None:
                break
            page = history.page(act, merchant, before=page.older, size=5)
        assert seen == numbers[::-1]
        back = history.page(act, merchant, after=page.newer, size=5)
        assert [r.receipt_number for r in back.rows] == seen[5:10]
        top = history.page(act, merchant, after=back.newer, size=5)
        assert [r.receipt_number for r in top.rows] == seen[:5] and top.newer is None


def test_the_month_is_the_owners(till: FlaskClient, counter: Counter, new_client) -> None:
    redeem(till, counter, "points=30")
    assert till.get("/till/month").status_code == 403
    assert "/till/month" not in till.get("/till").get_data(as_text=True)
    owner = new_client()
    owner.set_cookie("language", "en")
    world.sign_in(owner, "owner")
    page = owner.get("/till/month").get_data(as_text=True)
    assert "November 20, 2026" in page and "/till/history?day=2026-11-20" in page
    assert "Nothing was taken in this month" in owner.get("/till/month?month=2025-01").get_data(
        as_text=True
    )
    for odd in ("2026-13", "9999-01", "x"):
        assert owner.get(f"/till/month?month={odd}").status_code == 200


def test_the_owner_sees_the_proof_of_each_line(
    till: FlaskClient,
    counter: Counter,
    database: Database,
    settings: Settings,
    clock: FakeClock,
    new_client,
) -> None:
    number = redeem(till, counter, "points=30")
    address = f"/till/receipts/{number}/proof"
    assert till.get(address).status_code == till.get(f"{address}.json").status_code == 403
    assert address not in till.get("/till/history").get_data(as_text=True)
    owner = new_client()
    owner.set_cookie("language", "en")
    world.sign_in(owner, "owner")
    assert f'href="{address}"' in owner.get("/till/history").get_data(as_text=True)
    assert "Not sealed yet" in owner.get(address).get_data(as_text=True)
    assert owner.get(f"{address}.json").status_code == 409
    made = sealer.seal(database.engine, settings, clock)
    assert made is not None
    assert "Sealed and unchanged" in owner.get(address).get_data(as_text=True)
    document = owner.get(f"{address}.json").get_json()
    statement = sealcheck.open_checkpoint(made.note, made.key)
    sealcheck.check_proof(document, statement, made.key)
    assert (document["entry"]["kind"], document["entry"]["amount"]) == ("redemption", 30)


def test_another_shops_line_has_no_proof_for_the_owner(
    counter: Counter, acting: Acting, new_client
) -> None:
    with acting(Actor("staff", counter.shop.other_cashier_id, "收银员乙")) as act:
        there = act.session.get_one(Merchant, counter.shop.other_merchant_id)
        code = counter.shop.card_code
        taken = checkout.redeem(act, there, key="elsewhere", scanned=code, points=5).result()
        theirs = taken["receipt_number"]
    owner = new_client()
    world.sign_in(owner, "owner")
    for address in ("proof", "proof.json"):
        assert owner.get(f"/till/receipts/{theirs}/{address}").status_code == 404


def test_another_shops_receipt_is_not_found(
    till: FlaskClient, counter: Counter, new_client
) -> None:
    number = redeem(till, counter, "points=30")
    stranger = new_client()
    world.sign_in(stranger, "cashier2")
    assert stranger.get(f"/till/receipts/{number}").status_code == 404
    assert stranger.get(f"/till/history?receipt={number}").status_code == 422
    answer = stranger.post(
        f"/till/receipts/{number}/void",
        data={"key": "k-12345678", "why": "sold_out", "shop": counter.shop.merchant_id},
    )
    assert answer.status_code == 404
    assert counter.spendable() == 70


@pytest.mark.parametrize("who", ["organiser", "admin"])
def test_the_office_does_not_stand_at_the_till(counter: Counter, new_client, who: str) -> None:
    browser = new_client()
    world.sign_in(browser, who)
    assert browser.get("/till").status_code == 403
    assert browser.post("/till/card", data={"code": counter.shop.card_code}).status_code == 403


def test_nobody_stands_at_the_till_without_signing_in(
    counter: Counter, client: FlaskClient
) -> None:
    assert client.get("/till").status_code == 303
    assert client.post("/till/redeem", data={"points": "5"}).status_code == 401


def test_signing_in_leads_cashiers_to_the_till(counter: Counter, new_client) -> None:
    data = {"username": "owner", "password": world.PASSWORD}
    assert new_client().post("/sign-in", data=data).location == "/till"


def test_who_works_at_several_shops_chooses_one_and_forms_keep_theirs(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    with acting() as act:
        there = act.session.get_one(Merchant, counter.shop.other_merchant_id)
        people.engage(act, there, staff.load(act, counter.shop.cashier_id), Role.OWNER)
    assert till.get("/till").location == "/till/shops"
    chooser = till.get("/till/shops").get_data(as_text=True)
    assert "Sample Teahouse" in chooser and "Sample Bookshop" in chooser
    assert till.post("/till/shops", data={"shop": counter.shop.merchant_id}).status_code == 303
    form = confirmed(till, counter, "points=30")
    # The other shop is chosen in another window; what was confirmed is still the first's.
    till.post("/till/shops", data={"shop": counter.shop.other_merchant_id})
    assert till.get("/till/month").status_code == 200
    assert till.post("/till/redeem", data=form).status_code == 303
    with acting() as act:
        taken = act.session.scalars(select(Redemption)).one()
        assert taken.merchant_id == counter.shop.merchant_id
    assert till.post("/till/shops", data={"shop": 999}).status_code == 404
    assert till.get("/till/history").status_code == 200


def test_someone_dismissed_is_out_at_the_next_request(
    till: FlaskClient, counter: Counter, acting: Acting
) -> None:
    with acting() as act:
        people.dismiss(
            act, act.session.get_one(Merchant, counter.shop.merchant_id), counter.shop.cashier_id
        )
    assert till.get("/till").status_code == 403


def test_a_closed_shop_says_so(till: FlaskClient, counter: Counter, acting: Acting) -> None:
    with acting() as act:
        counter.merchant(act).active = False
    assert "is closed in the programme" in till.get("/till").get_data(as_text=True)
    assert scan(till, counter.shop.card_code).status_code == 422


def test_an_expired_session_keeps_the_confirmed_purchase(
    till: FlaskClient, counter: Counter
) -> None:
    form = confirmed(till, counter, "points=30")
    till.delete_cookie("epoints")
    asked = till.post("/till/redeem", data=form)
    assert asked.status_code == 401
    kept = dict(
        re.findall(
            r'<input type="hidden" name="(kept:\w+)" value="([^"]*)"', asked.get_data(as_text=True)
        )
    )
    assert {k.removeprefix("kept:"): v for k, v in kept.items()} == form
    resumed = till.post(
        "/sign-in",
        data={"username": "cashier", "password": world.PASSWORD, "next": "/till/redeem", **kept},
    )
    assert resumed.status_code == 200
    assert till.post("/till/redeem", data=form).status_code == 303
    assert counter.spendable() == 70


def test_no_address_of_the_till_holds_a_cards_code(till: FlaskClient, counter: Counter) -> None:
    scanned = scan(till, counter.shop.card_code)
    asked = till.get("/till/confirm?points=5")
    assert counter.shop.card_code not in scanned.location
    links = re.findall(r'href="([^"]*)"', asked.get_data(as_text=True))
    assert not any("code" in parse_qs(urlsplit(link).query) for link in links)
