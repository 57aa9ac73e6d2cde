"""Many tills at one moment: what one card holds is never spent twice."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from merchants import checkout
from merchants.partners import Merchant
from rewards.act import Act
from rewards.errors import Refused
from tests.conftest import Acting, Database, FakeClock
from tests.merchants.shop import Counter

TILLS = 8


@pytest.fixture
def counter(acting: Acting) -> Counter:
    return Counter(acting)


@pytest.fixture
def at_once(
    counter: Counter, database: Database, clock: FakeClock
) -> Callable[[Callable[[Act, Merchant, int], str]], list[str]]:
    """Run something at eight tills together; answers what each said, a refusal by its code."""

    def run(does: Callable[[Act, Merchant, int], str]) -> list[str]:
        ready = threading.Barrier(TILLS)
        said: list[str] = []

        def till(number: int) -> None:
            ready.wait()
            with Session(database.engine) as session:
                act = Act(session, counter.shop.cashier, clock())
                try:
                    said.append(does(act, counter.merchant(act), number))
                except Refused as refusal:
                    said.append(refusal.code)

        threads = [threading.Thread(target=till, args=(n,)) for n in range(TILLS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said

    return run


def test_eight_taps_with_one_key_are_one_redemption(counter: Counter, at_once) -> None:
    def tap(act: Act, merchant: Merchant, number: int) -> str:
        answer = checkout.redeem(
            act, merchant, key="one-tap", scanned=counter.shop.card_code, points=30
        )
        act.session.commit()
        return answer.result()["receipt_number"]

    said = at_once(tap)
    assert len(said) == TILLS and len(set(said)) == 1
    assert counter.spendable() == 70
    assert counter.drifts() == []


def test_eight_purchases_with_points_for_three_are_three(counter: Counter, at_once) -> None:
    def buy(act: Act, merchant: Merchant, number: int) -> str:
        answer = checkout.redeem(
            act,
            merchant,
            key=f"purchase-{number}",
            scanned=counter.shop.card_code,
            points=30,
            again=True,
        )
        act.session.commit()
        return "taken" if answer.result() else ""

    said = at_once(buy)
    assert sorted(said) == ["not_enough_points"] * 5 + ["taken"] * 3
    assert counter.spendable() == 10
    assert counter.drifts() == []


def test_one_card_at_eight_tills_for_the_same_is_taken_once(counter: Counter, at_once) -> None:
    def buy(act: Act, merchant: Merchant, number: int) -> str:
        answer = checkout.redeem(
            act, merchant, key=f"purchase-{number}", scanned=counter.shop.card_code, points=10
        )
        act.session.commit()
        return "taken" if answer.result() else ""

    assert sorted(at_once(buy)) == ["paid_just_now"] * 7 + ["taken"]
    assert counter.spendable() == 90
    assert counter.drifts() == []


def test_eight_voids_give_back_once(counter: Counter, at_once) -> None:
    number = counter.redeem().result()["receipt_number"]

    def undo(act: Act, merchant: Merchant, till: int) -> str:
        redemption = checkout.load(act, number, merchant)
        answer = checkout.void(act, merchant, redemption, key=f"undo-key-{till}", reason="点错")
        act.session.commit()
        return str(answer.result()["balance_now"])

    assert at_once(undo) == ["100"] * TILLS
    assert counter.spendable() == 100
    assert counter.drifts() == []
