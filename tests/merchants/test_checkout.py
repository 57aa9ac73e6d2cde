"""A redemption happens once or not at all, says why not, and goes back where it came from."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from merchants import checkout, offers, partners, people
from merchants.checkout import Redemption
from merchants.offers import WithdrawnOffer
from merchants.partners import ClosedMerchant
from rewards import cards, ledger
from rewards.act import Actor
from rewards.audit import AuditEntry
from rewards.awards import ReasonMissing
from rewards.cards import Card, CardStatus
from rewards.errors import NotAllowed, NotFound, Refused
from rewards.ledger import Accrual
from rewards.ledger.model import Lot
from tests import world
from tests.conftest import START, Acting, FakeClock
from tests.merchants.shop import Counter


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


def redemptions(counter: Counter) -> int:
    with counter.acting() as act:
        return act.session.scalar(select(func.count()).select_from(Redemption)) or 0


def lots(counter: Counter) -> dict:
    with counter.acting() as act:
        rows = act.session.execute(
            select(Lot.expires_on, Lot.remaining).where(Lot.account_id == counter.shop.wallet_id)
        )
        return {row.expires_on: row.remaining for row in rows}


def test_the_till_sees_a_masked_name_and_what_can_be_spent(counter: Counter) -> None:
    view = counter.look(f"https://example.org/c/{counter.shop.card_code}")
    assert (view.name, view.spendable) == ("示***", 100)


def test_an_offer_is_taken_and_the_receipt_says_so(counter: Counter) -> None:
    receipt = counter.redeem().result()
    assert receipt["offer"] == "示例清茶"
    assert (receipt["balance_before"], receipt["points"], receipt["balance_after"]) == (100, 30, 70)
    assert receipt["name"] == "示***"
    assert receipt["receipt_number"].startswith("261120-")
    assert counter.spendable() == 70
    with counter.acting() as act:
        line = ledger.statement(act.session, counter.shop.wallet_id).lines[0]
        assert (line.change, line.reason, line.other) == (-30, "示例清茶", "示例茶馆")
        entry = act.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "redemption.take")
        ).one()
        assert entry.community_id == counter.shop.world.community_id
        assert entry.actor == f"staff:{counter.shop.cashier_id}"
    assert counter.drifts() == []


@pytest.mark.parametrize(
    ("ask", "points"),
    [
        ({"points": 7}, 7),
        ({"bill_fen": 1250}, 25),
        ({"bill_fen": 1}, 1),  # a fiftieth of a point is rounded up
        ({"bill_fen": 1251}, 26),
    ],
)
def test_points_and_bills_are_taken_by_the_shops_rate(
    counter: Counter, ask: dict[str, int], points: int
) -> None:
    receipt = counter.redeem(**ask).result()
    assert receipt["points"] == points
    assert receipt["bill_fen"] == ask.get("bill_fen")
    assert counter.spendable() == 100 - points


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, 2**53, "30"])
@pytest.mark.parametrize("way", ["points", "bill_fen"])
def test_an_amount_that_is_no_amount_takes_nothing_and_uses_up_no_key(
    counter: Counter, way: str, amount
) -> None:
    with pytest.raises(ledger.BadAmount):
        counter.redeem(key="same-key", **{way: amount})
    assert counter.spendable() == 100
    assert counter.redeem(key="same-key", points=5).result()["points"] == 5


def test_a_bill_beyond_all_points_is_no_amount_either(counter: Counter) -> None:
    with counter.acting() as act:
        counter.merchant(act).points_per_yuan = 10_000
    with pytest.raises(ledger.BadAmount):
        counter.redeem(bill_fen=2**53 - 1).result()
    assert redemptions(counter) == 0


@pytest.mark.parametrize("ask", [{"points": 5, "bill_fen": 100}, {"points": None}])
def test_exactly_one_way_says_how_much(counter: Counter, ask: dict) -> None:
    with pytest.raises(checkout.OneAmount):
        counter.redeem(**ask)


def test_too_few_points_says_how_many_are_missing(counter: Counter) -> None:
    with pytest.raises(ledger.NotEnoughPoints) as refusal:
        counter.redeem(points=130).result()
    assert refusal.value.facts == {"missing": 30}
    assert (counter.spendable(), redemptions(counter)) == (100, 0)


def test_points_past_their_date_are_not_taken(counter: Counter, clock: FakeClock) -> None:
    with counter.acting() as act:
        issuer = world.community(act, counter.shop.world.community_id).programme.issuer_account_id
        soon = Accrual(counter.shop.wallet_id, 50, START.date(), "短期", act.now)
        ledger.once(
            act, "t", "soon", {}, lambda op: {"id": ledger.accrue(op, issuer, [soon])}
        ).result()
    assert counter.spendable() == 150
    clock.forward(hours=15)  # midnight in Beijing, 16:00 the same day in UTC
    assert counter.spendable() == 100
    with pytest.raises(ledger.NotEnoughPoints):
        counter.redeem(points=120).result()


def test_what_is_no_card_uses_up_no_key(counter: Counter) -> None:
    for scanned in (
        "https://example.com/menu",
        "6901234567892",
        "x" * 300,
        counter.shop.card_code[1:],
    ):
        with pytest.raises(cards.NotACard):
            counter.redeem(key="same-key", code=scanned)
    assert not counter.redeem(key="same-key").replayed


@pytest.mark.parametrize("status", [CardStatus.BLOCKED, CardStatus.REPLACED])
def test_a_card_that_was_ended_pays_nothing(counter: Counter, status: CardStatus) -> None:
    with counter.acting() as act:
        act.session.scalars(select(Card)).one().status = status.value
    expected = cards.BlockedCard if status is CardStatus.BLOCKED else cards.ReplacedCard
    with pytest.raises(expected):
        counter.redeem().result()
    with pytest.raises(expected):
        counter.look()


def test_an_expired_card_pays_through_its_last_day_only(counter: Counter, clock: FakeClock) -> None:
    with counter.acting() as act:
        act.session.scalars(select(Card)).one().expires_on = START.date()
    counter.redeem().result()
    clock.forward(days=1)
    with pytest.raises(cards.ExpiredCard):
        counter.redeem().result()


def test_an_unknown_card_and_one_of_another_programme_look_the_same(counter: Counter) -> None:
    with counter.acting() as act:
        from rewards import communities, residents

        programme = communities.found_programme(act, name_zh="别处", name_en="Elsewhere")
        community = communities.add_community(
            act, programme, slug="elsewhere", name_zh="别处社区", name_en="Elsewhere"
        )
        stranger = residents.register(act, community, name="示例远客")
        foreign = cards.issue(act, stranger).code
    for code in (cards.new_code(), foreign):
        with pytest.raises(cards.UnknownCard):
            counter.redeem(code=code).result()


def test_a_closed_shop_takes_nothing_but_may_undo(counter: Counter) -> None:
    number = counter.redeem().result()["receipt_number"]
    with counter.acting() as act:
        partners.close(act, counter.merchant(act))
    with pytest.raises(ClosedMerchant):
        counter.redeem(points=5).result()
    with pytest.raises(ClosedMerchant):
        counter.look()
    counter.void(number).result()
    with counter.acting() as act:
        partners.reopen(act, counter.merchant(act))
    assert counter.spendable() == 100


def test_only_what_the_shop_offers_now_can_be_taken(counter: Counter) -> None:
    with pytest.raises(NotFound):
        counter.redeem(offer_id=counter.shop.other_offer_id).result()
    with counter.acting() as act:
        offers.withdraw(act, act.session.get_one(offers.Offer, counter.shop.tea_id))
    with pytest.raises(WithdrawnOffer):
        counter.redeem().result()


def test_a_price_that_changed_after_it_was_shown_is_not_taken(counter: Counter) -> None:
    with counter.acting() as act:
        tea = act.session.get_one(offers.Offer, counter.shop.tea_id)
        offers.edit(act, tea, title="示例清茶", points=40)
    with pytest.raises(checkout.PriceChanged) as refusal:
        counter.redeem(offer_id=counter.shop.tea_id, expected=30).result()
    assert refusal.value.facts == {"points": 40, "expected": 30}
    counter.redeem(offer_id=counter.shop.tea_id, expected=40).result()


@pytest.mark.parametrize("who", ["other_cashier_id", "organiser", "nobody"])
def test_only_the_shops_own_people_stand_at_its_till(counter: Counter, who: str) -> None:
    actors = {
        "other_cashier_id": Actor("staff", counter.shop.other_cashier_id),
        "organiser": Actor("staff", counter.shop.world.organiser_id),
        "nobody": Actor("resident", counter.shop.cashier_id),
    }
    number = counter.redeem().result()["receipt_number"]
    with counter.acting(actors[who]) as act:
        merchant = counter.merchant(act)
        redemption = checkout.load(act, number, merchant)
        with pytest.raises(NotAllowed):
            checkout.redeem(
                act, merchant, key="k-12345678", scanned=counter.shop.card_code, points=1
            )
        with pytest.raises(NotAllowed):
            checkout.void(act, merchant, redemption, key="k-12345678", reason="x")


def test_a_double_tap_and_a_lost_answer_take_once(counter: Counter) -> None:
    first = counter.redeem(key="one-tap")
    for _ in range(3):
        again = counter.redeem(key="one-tap")
        assert again.replayed and again.result() == first.result()
    assert (counter.spendable(), redemptions(counter)) == (70, 1)


def test_a_key_is_for_one_act(counter: Counter) -> None:
    counter.redeem(key="one-tap")
    with pytest.raises(ledger.KeyReused):
        counter.redeem(key="one-tap", points=30)


def test_a_refusal_is_remembered_under_its_key(counter: Counter) -> None:
    with pytest.raises(ledger.NotEnoughPoints):
        counter.redeem(key="too-much", points=101).result()
    with counter.acting() as act:
        world.give(act, counter.shop.resident_id, 50, key="more")
    with pytest.raises(ledger.NotEnoughPoints):
        counter.redeem(key="too-much", points=101).result()
    counter.redeem(key="new-try", points=101).result()


def test_the_same_card_twice_is_taken_once_unless_meant(counter: Counter, clock: FakeClock) -> None:
    first = counter.redeem().result()
    clock.forward(seconds=20)
    with pytest.raises(checkout.PaidJustNow) as refusal:
        counter.redeem().result()
    assert refusal.value.facts == {
        "points": 30,
        "seconds": 20,
        "receipt": first["receipt_number"],
    }
    assert counter.spendable() == 70
    counter.redeem(points=29).result()  # another amount is another purchase
    counter.redeem(offer_id=counter.shop.tea_id, again=True).result()
    assert counter.spendable() == 11
    assert counter.drifts() == []


def test_a_minute_later_and_after_a_void_the_same_is_a_purchase_like_any_other(
    counter: Counter, clock: FakeClock
) -> None:
    number = counter.redeem().result()["receipt_number"]
    counter.void(number).result()
    counter.redeem().result()
    clock.forward(seconds=61)
    counter.redeem().result()
    assert counter.spendable() == 40


def test_a_quote_shows_what_stands_in_the_way(counter: Counter, clock: FakeClock) -> None:
    number = counter.redeem().result()["receipt_number"]
    with counter.as_cashier() as act:
        ask = checkout.Ask(offer_id=counter.shop.tea_id)
        quote = checkout.quote(act, counter.merchant(act), counter.shop.card_code, ask)
        assert (quote.price.points, quote.after, quote.missing) == (30, 40, 0)
        assert quote.just_now is not None and quote.just_now.receipt_number == number
        dear = checkout.Ask(offer_id=counter.shop.meal_id)
        quote = checkout.quote(act, counter.merchant(act), counter.shop.card_code, dear)
        assert (quote.missing, quote.just_now) == (30, None)


def test_a_void_restores_the_very_lots(counter: Counter) -> None:
    with counter.acting() as act:
        issuer = world.community(act, counter.shop.world.community_id).programme.issuer_account_id
        soon = Accrual(counter.shop.wallet_id, 20, START.date() + timedelta(9), "短期", act.now)
        ledger.once(
            act, "t", "soon", {}, lambda op: {"id": ledger.accrue(op, issuer, [soon])}
        ).result()
    before = lots(counter)
    number = counter.redeem().result()["receipt_number"]
    assert lots(counter) != before
    receipt = counter.void(number, reason="点错套餐").result()
    assert lots(counter) == before
    assert (receipt["balance_now"], receipt["void_reason"]) == (120, "点错套餐")
    with counter.acting() as act:
        assert ledger.statement(act.session, counter.shop.wallet_id).lines[0].reason == "点错套餐"
    assert counter.drifts() == []


def test_a_second_void_answers_as_the_first(counter: Counter, clock: FakeClock) -> None:
    number = counter.redeem().result()["receipt_number"]
    first = counter.void(number, key="undo-once").result()
    clock.forward(minutes=5)
    assert counter.void(number, key="undo-once").result() == first
    assert counter.void(number, key="undo-twice", reason="又点了").result() == first
    assert counter.spendable() == 100
    assert counter.drifts() == []


def test_a_void_ends_with_the_business_day_of_the_programme(
    counter: Counter, clock: FakeClock
) -> None:
    clock.forward(hours=14, minutes=59)  # 23:59 in Beijing
    number = counter.redeem().result()["receipt_number"]
    other = counter.redeem(points=1).result()["receipt_number"]
    counter.void(number).result()
    clock.forward(minutes=1)
    with pytest.raises(checkout.TooLateToVoid) as refusal:
        counter.void(other).result()
    assert refusal.value.facts == {"day": "2026-11-20"}
    assert counter.spendable() == 99
    # What was undone in time stays undone, whenever it is asked again.
    counter.void(number).result()


def test_a_void_needs_a_reason_and_the_right_shop(counter: Counter) -> None:
    number = counter.redeem().result()["receipt_number"]
    with pytest.raises(ReasonMissing):
        counter.void(number, reason="  ")
    with counter.acting(Actor("staff", counter.shop.other_cashier_id)) as act:
        there = act.session.get_one(partners.Merchant, counter.shop.other_merchant_id)
        with pytest.raises(NotFound):
            checkout.load(act, number, there)
        own = checkout.load(act, number, counter.merchant(act))
        with pytest.raises(NotFound):
            checkout.void(act, there, own, key="k-12345678", reason="x")


def test_a_dismissed_cashier_takes_nothing_more(counter: Counter) -> None:
    with counter.acting() as act:
        people.dismiss(act, counter.merchant(act), counter.shop.cashier_id)
    with pytest.raises(NotAllowed):
        counter.redeem()


@pytest.mark.parametrize(
    "typed", ["261120-0042-2", "26112000422", "２６１１２０ 0042 2", " 261120–0042-2 "]
)
def test_a_receipt_number_is_read_however_it_is_typed(typed: str) -> None:
    assert checkout.read_number(typed) == "261120-0042-2"


def test_a_wrong_digit_in_a_receipt_number_is_noticed() -> None:
    number = "26112000422"
    for place in range(len(number)):
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert (checkout.read_number(wrong) is None) == (wrong != number)
    assert checkout.read_number("not a number") is None


def test_every_refusal_of_the_counter_says_what_to_do() -> None:
    for refused in (
        checkout.OneAmount,
        checkout.PriceChanged,
        checkout.PaidJustNow,
        checkout.TooLateToVoid,
    ):
        assert issubclass(refused, Refused) and refused.message.endswith(".")
