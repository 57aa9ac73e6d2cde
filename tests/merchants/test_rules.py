"""The rules of spending at the counter: asked on the page, and again when points are taken."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from merchants import checkout, holds
from merchants.checkout import Ask, order, take_all
from merchants.checkout import Counter as Desk
from merchants.partners import Merchant
from rewards import ledger
from rewards.act import Actor
from rewards.bulk import writing
from rewards.errors import Refused
from rewards.schemes import document, remembered, versions
from rewards.volunteering import served
from tests import world
from tests.api.caller import Caller
from tests.conftest import Acting, FakeClock
from tests.merchants.shop import Counter


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


def rule(counter: Counter, begins: datetime | None = None, **spending: Any) -> int:
    """Put rules of spending into force, from now on or from *begins* on; the version's id."""
    made = {"format": document.FORMAT, "name": {"zh": "例", "en": "Sample"}, "rules": []}
    with counter.acting() as act:
        return versions.publish(
            act,
            counter.shop.world.programme_id,
            made | {"spending": spending},
            effective_from=begins or act.now,
        ).id


def refused(answer: ledger.Answer) -> str | None:
    return answer.refusal.code if answer.refusal else None


def quoted(counter: Counter, **ask: Any) -> checkout.Quote | str:
    """What the page would say: a quote, or the name of what stands in the way."""
    with counter.as_cashier() as act:
        try:
            merchant = counter.merchant(act)
            return checkout.quote(act, merchant, counter.shop.card_code, Ask(**ask))
        except Refused as refusal:
            return refusal.code


def shown(client: FlaskClient, address: str) -> str:
    return unescape(client.get(address).get_data(as_text=True))


@pytest.mark.parametrize(
    ("spending", "ask", "code"),
    [
        ({"after_hours": 1}, {"points": 5}, "spending_not_open"),
        ({"categories": ["medical"]}, {"points": 5}, "not_this_shop"),
        ({"month_days": [1]}, {"points": 5}, "no_spending_day"),
        ({"bill_percent": 50}, {"points": 5}, "bill_needed"),
        ({"points": [{"most": 4, "window": "act"}]}, {"points": 5}, "spending_much_at_once"),
        ({"points": [{"most": 9, "window": "act"}]}, {"bill_fen": 500}, "spending_much_at_once"),
    ],
)
def test_what_is_refused_on_the_page_is_refused_on_taking(
    counter: Counter, spending: dict[str, Any], ask: dict[str, Any], code: str
) -> None:
    rule(counter, **spending)
    assert quoted(counter, **ask) == code
    assert refused(counter.redeem(**ask)) == code
    assert counter.spendable() == 100


def test_rules_that_allow_it_stand_in_nobodys_way(counter: Counter) -> None:
    rule(counter, categories=["dining"], times=[{"most": 2, "window": "day"}])
    assert isinstance(quoted(counter, points=5), checkout.Quote)
    assert refused(counter.redeem(points=5)) is None


def test_one_redemption_a_quarter_and_a_void_gives_it_back(
    counter: Counter, clock: FakeClock
) -> None:
    rule(counter, times=[{"most": 1, "window": "quarter"}])
    receipt = counter.redeem(points=5).result()["receipt_number"]
    assert quoted(counter, points=6) == "spent_often"
    assert refused(counter.redeem(points=6)) == "spent_often"
    counter.void(receipt)
    counter.redeem(points=7).result()
    clock.now = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    assert refused(counter.redeem(points=8)) == "spent_often"
    clock.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Beijing
    assert refused(counter.redeem(points=8)) is None


def test_it_counts_what_was_spent_at_other_shops(counter: Counter) -> None:
    rule(counter, points=[{"most": 20, "window": "day"}])
    shop = counter.shop
    with counter.acting(Actor("staff", shop.other_cashier_id, "收银员乙")) as act:
        there = act.session.get_one(Merchant, shop.other_merchant_id)
        checkout.redeem(act, there, key="k", scanned=shop.card_code, points=15).result()
    answer = counter.redeem(points=6)
    assert refused(answer) == "spending_much_today"
    assert answer.refusal is not None
    assert answer.refusal.facts["left"] == 5
    assert refused(counter.redeem(points=5)) is None


def test_a_refusal_is_remembered_under_its_key(counter: Counter, clock: FakeClock) -> None:
    rule(counter, times=[{"most": 1, "window": "day"}])
    counter.redeem(points=5).result()
    assert refused(counter.redeem(key="again", points=6)) == "spent_often_today"
    clock.now += timedelta(days=1)
    answer = counter.redeem(key="again", points=6)
    assert (answer.replayed, refused(answer)) == (True, "spent_often_today")
    assert refused(counter.redeem(key="new", points=6)) is None


def test_orders_of_one_group_count_one_another(counter: Counter) -> None:
    rule(counter, times=[{"most": 2, "window": "day"}])
    with counter.as_cashier() as act:
        desk = Desk.at(act, counter.merchant(act))
        orders = [
            order(act, desk, key=f"group-{n}", scanned=counter.shop.card_code, points=n)
            for n in (101, 1, 2, 3)
        ]
        with writing(act.session) as writer:
            outcomes = take_all(writer, orders)
    assert [refused(o) if isinstance(o, ledger.Answer) else o for o in outcomes] == [
        "not_enough_points",
        None,
        None,
        "spent_often_today",
    ]


def test_two_tills_at_once_keep_the_limit(counter: Counter, acting: Acting) -> None:
    rule(counter, times=[{"most": 1, "window": "week"}])
    ready = threading.Barrier(2)
    answers: list[str | None] = []

    def take(points: int) -> None:
        ready.wait()
        answers.append(refused(counter.redeem(key=f"till-{points}", points=points)))

    tills = [threading.Thread(target=take, args=(points,)) for points in (5, 6)]
    for one in tills:
        one.start()
    for one in tills:
        one.join()
    assert sorted(answers, key=str) == [None, "spent_often"]


def test_hours_open_it(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    rule(counter, after_hours=100)
    minutes = {counter.shop.resident_id: 5999}
    monkeypatch.setattr(served, "minutes", lambda session, ids: minutes)
    answer = counter.redeem(points=5)
    assert answer.refusal is not None
    assert answer.refusal.facts == {"hours": 100, "served_hours": 99, "served_minutes": 59}
    minutes[counter.shop.resident_id] = 6000
    assert refused(counter.redeem(points=5)) is None


def test_points_pay_for_a_share_of_the_bill(counter: Counter) -> None:
    rule(counter, bill_percent=50)
    quote = quoted(counter, bill_fen=2001)
    assert isinstance(quote, checkout.Quote)
    assert (quote.price.points, quote.price.bill_fen, quote.price.rest_fen) == (20, 2001, 1001)
    receipt = counter.redeem(bill_fen=2001).result()
    assert (receipt["points"], receipt["bill_fen"]) == (20, 2001)


def test_the_rules_set_one_rate_for_all_shops(counter: Counter) -> None:
    rule(counter, points_per_yuan=1)
    assert counter.redeem(bill_fen=1000).result()["points"] == 10
    with counter.as_cashier() as act:
        assert checkout.tariff(act, counter.merchant(act)).points_per_yuan == 1


def test_rules_begin_on_their_day_and_a_withdrawn_one_never(
    counter: Counter, clock: FakeClock
) -> None:
    begins = clock.now + timedelta(days=1)
    rule(counter, begins, categories=["medical"])
    withdrawn = rule(counter, clock.now + timedelta(days=2), categories=["education"])
    assert refused(counter.redeem(points=5)) is None
    with counter.acting() as act:
        versions.withdraw(act, act.session.get_one(versions.Version, withdrawn), "误")
    clock.now = begins
    assert refused(counter.redeem(points=6)) == "not_this_shop"
    clock.now = begins + timedelta(days=5)
    assert refused(counter.redeem(points=6)) == "not_this_shop"
    rule(counter)
    assert refused(counter.redeem(points=6)) is None


def test_points_set_aside_keep_the_rules_as_well(counter: Counter, clock: FakeClock) -> None:
    rule(counter, points=[{"most": 20, "window": "week"}])

    def set_aside(points: int) -> ledger.Answer:
        counter.keys += 1
        with counter.as_cashier() as act:
            return holds.set_aside(
                act,
                counter.merchant(act),
                key=f"aside-{counter.keys}",
                scanned=counter.shop.card_code,
                points=points,
            )

    slip = set_aside(15).result()
    assert refused(set_aside(6)) == "spending_much"
    assert refused(counter.redeem(points=6)) == "spending_much"
    assert counter.spendable() == 85
    with counter.as_cashier() as act:
        merchant = counter.merchant(act)
        placed = holds.load(act, slip["hold_id"], merchant)
        holds.take(act, merchant, placed, key="take", points=10).result()
    assert refused(counter.redeem(points=11)) == "spending_much"
    assert refused(counter.redeem(points=10, again=True)) is None
    rule(counter, bill_percent=50)
    assert refused(set_aside(1)) == "no_bill_yet"
    assert counter.drifts() == []


@contextmanager
def noted(session: Session, seen: list[str]) -> Iterator[None]:
    """Note the statements that SQLAlchemy sends."""

    def note(*facts: Any) -> None:
        seen.append(facts[2])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield
    event.remove(session.get_bind(), "before_cursor_execute", note)


def test_without_rules_nothing_more_is_read(counter: Counter) -> None:
    """A programme whose rules ask for nothing costs a redemption no statement."""

    def statements() -> int:
        seen: list[str] = []
        with counter.as_cashier() as act:
            desk = Desk.at(act, counter.merchant(act))
            counter.keys += 1
            with noted(act.session, seen), writing(act.session) as writer:
                key, code = f"count-{counter.keys}", counter.shop.card_code
                asked = order(act, desk, key=key, scanned=code, points=1, again=True)
                take_all(writer, [asked])
        return len(seen)

    statements()
    bare = statements()
    rule(counter)
    statements()  # reads the new rules once
    assert statements() == bare
    rule(counter, times=[{"most": 99, "window": "day"}])
    statements()
    assert statements() > bare


def test_what_is_remembered_stays_small(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 2)
    for _ in range(4):
        rule(counter)
        counter.redeem(points=1, again=True).result()
    assert len(remembered._timelines) <= 2


def test_the_till_says_at_once_what_stands_in_the_way(
    client: FlaskClient, counter: Counter
) -> None:
    rule(counter, categories=["medical"])
    world.sign_in(client, "cashier")
    client.set_cookie("language", "en")
    client.post("/till/card", data={"code": counter.shop.card_code})
    page = shown(client, "/till/customer")
    assert "Points can't be spent now" in page
    assert "at this class of shop" in page
    assert "/till/confirm" not in page
    client.set_cookie("language", "zh_Hans")
    page = shown(client, "/till/customer")
    assert "按积分规则，这类商户不能兑换积分。" in page


def test_the_till_says_what_is_left_to_pay(client: FlaskClient, counter: Counter) -> None:
    rule(counter, bill_percent=50, points_per_yuan=4)
    world.sign_in(client, "cashier")
    client.set_cookie("language", "en")
    client.post("/till/card", data={"code": counter.shop.card_code})
    page = shown(client, "/till/customer")
    assert "1 yuan is 4 points here. Points pay for at most 50% of it." in page
    assert "set-aside" not in page
    page = shown(client, "/till/confirm?bill=20")
    assert "Take 40 points" in page
    assert "Still to be paid" in page
    assert "¥10.00" in page
    receipt = counter.redeem(bill_fen=2000).result()["receipt_number"]
    page = shown(client, f"/till/receipts/{receipt}")
    assert "Still to be paid" in page
    assert "¥10.00" in page


def test_where_to_spend_says_which_shops_take_points(client: FlaskClient, counter: Counter) -> None:
    client.set_cookie("language", "en")
    rule(counter, categories=["education"], points_per_yuan=5)
    page = shown(client, "/places")
    assert page.count("points can't be spent at this class of shop") == 1
    assert page.count("1 yuan is 5 points") == 1


def test_programs_are_refused_by_name_as_well(client: FlaskClient, counter: Counter) -> None:
    cashier = Caller(client).sign_in("cashier")
    bill = {"code": counter.shop.card_code, "bill": "20"}
    rule(counter, points_per_yuan=1, times=[{"most": 1, "window": "day"}])
    first = cashier.post("/redemptions", bill, key="first-key")
    assert (first.status_code, first.json["points"]) == (201, 20)
    other = {"code": counter.shop.card_code, "points": 5}
    second = cashier.post("/redemptions", other, key="second-key")
    assert (second.status_code, second.json["code"]) == (409, "spent_often_today")
    aside = cashier.post("/holds", other, key="third-key")
    assert (aside.status_code, aside.json["code"]) == (409, "spent_often_today")
    rule(counter, categories=["medical"])
    assert cashier.post("/redemptions", other, key="fourth-key").json["code"] == "not_this_shop"
