"""What Stripe tells us moves points once, whatever is repeated, late, forged or out of order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import permutations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rewards import audit, awards
from rewards.donations import gifts
from rewards.donations.gifts import Donation
from rewards.donations.stripe_events import StripeEvent
from tests import stripe_double
from tests.conftest import Acting
from tests.donations.giving import SECRET, Giving, Stand
from tests.stripe_double import Json, async_failed, async_succeeded, completed, dispute, expired

PAID = Stand("paid", points=50, spendable=50, owed=0)
NOTHING = Stand("started", points=0, spendable=0, owed=0)


def actions(acting: Acting) -> list[str]:
    with acting() as act:
        rows = act.session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id))
        return [e.action for e in rows if e.subject.startswith("donation:")]


def test_points_come_when_it_is_paid_and_not_before(giving: Giving, acting: Acting) -> None:
    gift = giving.start(5000)
    assert giving.stand(gift) == NOTHING
    assert giving.tell(completed(giving.session(gift))) == "handled"
    assert giving.stand(gift) == PAID
    assert actions(acting) == ["donation.start", "donation.paid"]


def test_a_repeated_event_does_nothing(giving: Giving) -> None:
    gift = giving.start()
    event = completed(giving.session(gift))
    assert [giving.tell(event) for _ in range(3)] == ["handled", "repeated", "repeated"]
    assert giving.stand(gift) == PAID


def test_the_same_news_in_another_event_does_nothing(giving: Giving) -> None:
    gift = giving.start()
    session = giving.session(gift)
    for event in (completed(session), async_succeeded(session), completed(session)):
        assert giving.tell(event) == "handled"
    assert giving.stand(gift) == PAID


def test_a_slow_payment_brings_points_when_it_has_settled(giving: Giving) -> None:
    gift = giving.start()
    session = giving.session(gift)
    giving.tell(completed(session, payment_status="unpaid"))
    assert giving.stand(gift) == NOTHING
    giving.tell(async_succeeded(session))
    assert giving.stand(gift) == PAID


def test_a_slow_payment_that_fails_brings_none(giving: Giving) -> None:
    gift = giving.start()
    session = giving.session(gift)
    giving.tell(completed(session, payment_status="unpaid"))
    giving.tell(async_failed(session))
    assert giving.stand(gift) == replace(NOTHING, status="failed")


def test_an_abandoned_page_expires(giving: Giving) -> None:
    gift = giving.start()
    giving.tell(expired(giving.session(gift)))
    assert giving.stand(gift) == replace(NOTHING, status="expired")


def test_whatever_comes_beside_it_in_any_order_paid_is_paid(giving: Giving) -> None:
    for kinds in permutations((completed, async_failed, expired)):
        gift = giving.start(1000)
        before = giving.stand(gift).spendable
        for kind in kinds:
            giving.tell(kind(giving.session(gift)))
        assert giving.stand(gift) == Stand("paid", 10, before + 10, 0), kinds


def test_a_refund_takes_the_points_back(giving: Giving) -> None:
    gift = giving.start(5000)
    session = giving.session(gift)
    giving.tell(completed(session))
    giving.tell(stripe_double.refunded(session, 5000))
    assert giving.stand(gift) == Stand("refunded", 0, 0, 0)


def test_a_refund_that_comes_first_leaves_nothing_to_give(giving: Giving) -> None:
    gift = giving.start(5000)
    session = giving.session(gift)
    giving.tell(stripe_double.refunded(session, 5000))
    giving.tell(completed(session))
    assert giving.stand(gift) == Stand("refunded", 0, 0, 0)


def test_a_part_refunded_leaves_the_points_of_what_remains(giving: Giving) -> None:
    gift = giving.start(5050)
    session = giving.session(gift)
    giving.tell(completed(session))
    giving.tell(stripe_double.refunded(session, 1000))
    assert giving.stand(gift) == Stand("paid", 40, 40, 0)
    giving.tell(stripe_double.refunded(session, 2050))
    assert giving.stand(gift) == Stand("paid", 30, 30, 0)
    giving.tell(stripe_double.refunded(session, 1000))  # an earlier one that comes late
    assert giving.stand(gift) == Stand("paid", 30, 30, 0)
    giving.tell(stripe_double.refunded(session, 5050))
    assert giving.stand(gift) == Stand("refunded", 0, 0, 0)


def test_payment_and_refunds_in_any_order_come_to_the_same(giving: Giving) -> None:
    for order in permutations(range(3)):
        gift = giving.start(5000)
        before = giving.stand(gift).spendable
        session = giving.session(gift)
        told = [
            completed(session),
            stripe_double.refunded(session, 1000),
            stripe_double.refunded(session, 3000),
        ]
        for number in order:
            giving.tell(told[number])
        assert giving.stand(gift) == Stand("paid", 20, before + 20, 0), order


def test_a_refund_above_the_cap_takes_nothing_until_it_is_below(giving: Giving) -> None:
    gift = giving.start(80_000)  # 800 yuan; a gift brings at most 500 points
    session = giving.session(gift)
    giving.tell(completed(session))
    giving.tell(stripe_double.refunded(session, 20_000))
    assert giving.stand(gift).points == 500
    giving.tell(stripe_double.refunded(session, 40_000))
    assert giving.stand(gift).points == 400


def test_points_that_were_spent_are_owed_when_the_gift_goes_back(giving: Giving) -> None:
    gift = giving.start(5000)
    session = giving.session(gift)
    giving.tell(completed(session))
    giving.spend(45)
    giving.tell(stripe_double.refunded(session, 3000))
    assert giving.stand(gift) == Stand("paid", 20, 0, 25)
    giving.tell(stripe_double.refunded(session, 5000))
    assert giving.stand(gift) == Stand("refunded", 0, 0, 45)


def test_what_the_office_took_back_stays_so_after_a_refund(giving: Giving, acting: Acting) -> None:
    gift = giving.start(5000)
    session = giving.session(gift)
    giving.tell(completed(session))
    with acting() as act:
        award = awards.standing(act, gifts.SOURCE, [gift])[gift]
        awards.take_back(act, award, key="office-1", reason="不符合规定").result()
    giving.tell(stripe_double.refunded(session, 1000))
    assert giving.stand(gift) == Stand("paid", 0, 0, 0)


@pytest.mark.parametrize("wrong", [{"amount_total": 4999}, {"currency": "usd"}])
def test_a_sum_that_was_not_agreed_is_held_for_the_desk(
    giving: Giving, acting: Acting, wrong: Json
) -> None:
    gift = giving.start(5000)
    session = giving.session(gift)
    giving.tell(completed(session, **wrong))
    assert giving.stand(gift) == replace(NOTHING, status="held")
    assert actions(acting)[-1] == "donation.hold"
    giving.tell(async_succeeded(session))
    giving.tell(stripe_double.refunded(session, 100))
    assert giving.stand(gift) == replace(NOTHING, status="held")
    giving.tell(stripe_double.refunded(session, 5000))
    assert giving.stand(gift) == replace(NOTHING, status="refunded")


def test_a_dispute_is_a_note_until_the_bank_takes_the_money(giving: Giving, acting: Acting) -> None:
    gift = giving.start()
    session = giving.session(gift)
    giving.tell(completed(session))
    giving.tell(dispute(session, "created"))
    assert giving.stand(gift) == PAID
    giving.tell(dispute(session, "funds_withdrawn"))
    assert giving.stand(gift) == Stand("refunded", 0, 0, 0)
    giving.tell(dispute(session, "closed", "lost"))
    with acting() as act:
        assert not act.session.get_one(Donation, gift).disputed


def test_a_dispute_won_gives_the_points_again_in_any_order(giving: Giving) -> None:
    for steps in permutations(("funds_withdrawn", "funds_reinstated", "closed")):
        gift = giving.start(1000)
        before = giving.stand(gift).spendable
        session = giving.session(gift)
        giving.tell(completed(session))
        for step in steps:
            giving.tell(dispute(session, step, "won"))
        assert giving.stand(gift) == Stand("paid", 10, before + 10, 0), steps


def test_one_event_at_once_from_two_sides_gives_points_once(
    giving: Giving, new_client: Callable[[], FlaskClient]
) -> None:
    gift = giving.start()
    session = giving.session(gift)
    same = completed(session)
    outcomes = _at_once(new_client, [same, same, async_succeeded(session), same])
    assert sorted(outcomes) == ["handled", "handled", "repeated", "repeated"]
    assert giving.stand(gift) == PAID


def test_payment_and_refund_at_once_come_to_nothing(
    giving: Giving, new_client: Callable[[], FlaskClient]
) -> None:
    gift = giving.start()
    session = giving.session(gift)
    refund = stripe_double.refunded(session, 5000)
    outcomes = _at_once(new_client, [completed(session), refund, refund, async_succeeded(session)])
    assert sorted(outcomes) == ["handled", "handled", "handled", "repeated"]
    assert giving.stand(gift) == Stand("refunded", 0, 0, 0)


def _at_once(new_client: Callable[[], FlaskClient], events: list[Json]) -> list[str]:
    def tell(event: Json) -> str:
        body, headers = stripe_double.signed(event, SECRET)
        response = new_client().post("/hooks/stripe", data=body, headers=headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        outcome: str = response.get_json()["outcome"]
        return outcome

    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(tell, events))


def recorded(acting: Acting) -> int:
    with acting() as act:
        return act.session.scalar(select(func.count()).select_from(StripeEvent)) or 0


@pytest.mark.parametrize("how", ["forged", "changed", "stale", "unsigned", "garbled"])
def test_what_stripe_did_not_sign_just_now_changes_nothing(
    giving: Giving, acting: Acting, how: str
) -> None:
    gift = giving.start()
    body, headers = stripe_double.signed(
        completed(giving.session(gift)),
        "whsec_of_somebody_else" if how == "forged" else SECRET,
        ago=301 if how == "stale" else 0,
    )
    if how == "changed":
        body = body.replace('"amount_total": 5000', '"amount_total": 9900')
    if how == "unsigned":
        del headers["Stripe-Signature"]
    if how == "garbled":
        headers["Stripe-Signature"] = "t=now,v1=perhaps"
    response = giving.client.post("/hooks/stripe", data=body, headers=headers)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.get_json()["code"] == "bad_signature"
    assert giving.stand(gift) == NOTHING
    assert recorded(acting) == 0


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"not json"])
def test_a_body_that_is_no_event_is_refused(giving: Giving, body: bytes) -> None:
    headers = {"Stripe-Signature": "t=1,v1=00"}
    assert giving.client.post("/hooks/stripe", data=body, headers=headers).status_code == 400


def test_a_body_too_large_is_refused_before_it_is_read(giving: Giving) -> None:
    response = giving.client.post("/hooks/stripe", data=b" " * (256 * 1024 + 1))
    assert response.status_code == 413


def test_without_a_secret_nothing_is_believed(giving: Giving, app: Flask) -> None:
    gift = giving.start()
    app.extensions["settings"] = replace(app.extensions["settings"], stripe_webhook_secret=None)
    body, headers = stripe_double.signed(completed(giving.session(gift)), "")
    assert giving.client.post("/hooks/stripe", data=body, headers=headers).status_code == 400
    assert giving.stand(gift) == NOTHING


def test_what_is_not_ours_is_none_of_our_business(giving: Giving, acting: Acting) -> None:
    gift = giving.start()
    other = {**giving.session(gift), "id": "cs_other", "metadata": {}, "client_reference_id": None}
    unknown = {**other, "metadata": {"donation": "NOBODYKNOWS1"}}
    for event in (
        completed(other),
        completed(unknown),
        stripe_double.refunded(other, 100),
        dispute(other, "created"),
        stripe_double.event("customer.created", {"id": "cus_1", "object": "customer"}),
    ):
        assert giving.tell(event) == "ignored"
    assert giving.stand(gift) == NOTHING
    assert recorded(acting) == 0


def test_an_older_page_that_expires_leaves_the_newer_one_open(giving: Giving) -> None:
    gift = giving.start()
    session = giving.session(gift)
    giving.tell(expired({**session, "id": "cs_older"}))
    assert giving.stand(gift) == NOTHING
