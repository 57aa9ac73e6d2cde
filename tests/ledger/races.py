"""Races: what many callers ask for at one moment, and all that may come of it.

A race is a generator: it prepares, yields what is asked, is sent what each caller was told,
and judges that.
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from tests import world
from tests.conftest import START
from tests.ledger.asking import Ask, Said, say
from tests.merchants import shop

Race = Generator[list[Ask], list[Said], None]
Callers = Callable[[Sequence[Ask]], list[Said]]

PRICE, SECONDS = 5, timedelta(seconds=1)


class Ground:
    """Where races are run: an issuer and a shop with a till; each race has a wallet of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with Session(engine) as session:
            self.issuer = ledger.open_account(session, ledger.ISSUER, "issuer", 1).id
            self.shop = ledger.open_account(session, ledger.MERCHANT, "shop", 1).id
            self.till = shop.build(Act(session, SYSTEM, START), points=0)
            session.commit()

    def wallet(self, points: int) -> int:
        """A new wallet with so many points, in two lots."""
        with Session(self.engine) as session:
            wallet: int = ledger.open_account(session, ledger.WALLET, "wallet", 1).id
            session.commit()
        days = START.date() + timedelta(days=1), ledger.NEVER
        for day, amount in zip(days, (points // 3, points - points // 3), strict=True):
            if not amount:
                continue
            award = {"wallet": wallet, "issuer": self.issuer, "amount": amount, "day": str(day)}
            assert self.say("award", f"{wallet}-{day}", award).outcome == "done"
        return wallet

    def pay_in(self, points: int) -> int:
        """Give points to the resident whose card is at the till, who had none left."""
        assert self.spendable(self.till.wallet_id) == 0
        with Session(self.engine) as session:
            number = ledger.count(session)
            transfer = world.give(
                Act(session, SYSTEM, START), self.till.resident_id, points, key=f"paid-in-{number}"
            )
            session.commit()
        return transfer

    def purchase(self) -> dict[str, Any]:
        """What a cashier asks for that card."""
        till = self.till
        who = {"cashier": till.cashier_id, "merchant": till.merchant_id, "card": till.card_code}
        return {**who, "amount": PRICE}

    def say(self, what: str, key: str, body: dict[str, Any]) -> Said:
        return say(self.engine, Ask(what, key, START, body))

    def redemption(self, wallet: int, amount: int = PRICE) -> dict[str, Any]:
        return {"wallet": wallet, "shop": self.shop, "amount": amount}

    def spendable(self, wallet: int) -> int:
        with Session(self.engine) as session:
            return ledger.spendable(session, wallet, START.date())

    def verify(self) -> None:
        with Session(self.engine) as session:
            assert list(ledger.verify(session)) == []


def one_key_one_body(ground: Ground, callers: int) -> Race:
    """One effect, and the same answer for all."""
    wallet = ground.wallet(100)
    said = yield [Ask("redeem", f"{wallet}", START, ground.redemption(wallet))] * callers
    assert counted(said) == {"done": 1, "replayed": callers - 1}
    assert all(one.body == said[0].body for one in said)
    assert ground.spendable(wallet) == 100 - PRICE


def one_key_many_bodies(ground: Ground, callers: int) -> Race:
    """One effect; the others are told that the key is somebody else's."""
    wallet = ground.wallet(100)
    said = yield [
        Ask("redeem", f"{wallet}", START, ground.redemption(wallet, amount))
        for amount in range(1, callers + 1)
    ]
    assert counted(said) == {"done": 1, "idempotency_key_reused": callers - 1}
    [done] = [amount for amount, one in enumerate(said, 1) if one.outcome == "done"]
    assert ground.spendable(wallet) == 100 - done


def funds_for_ten(ground: Ground, callers: int) -> Race:
    """Exactly ten are paid."""
    wallet = ground.wallet(10 * PRICE)
    said = yield [
        Ask("redeem", f"{wallet}-{n}", START, ground.redemption(wallet)) for n in range(callers)
    ]
    assert counted(said) == {"done": 10, "not_enough_points": callers - 10}
    assert ground.spendable(wallet) == 0


def one_key_at_tills(ground: Ground, callers: int) -> Race:
    """One effect and one receipt, where several purchases are taken in one transaction."""
    key = f"tap-{ground.pay_in(PRICE)}"
    said = yield [Ask("take", key, START, ground.purchase())] * callers
    assert counted(said) == {"done": 1, "replayed": callers - 1}
    assert all(one.body == said[0].body for one in said)
    assert ground.spendable(ground.till.wallet_id) == 0


def funds_for_ten_at_tills(ground: Ground, callers: int) -> Race:
    """Exactly ten are paid, where several purchases are taken in one transaction."""
    key = f"purchase-{ground.pay_in(10 * PRICE)}"
    said = yield [Ask("take", f"{key}-{n}", START, ground.purchase()) for n in range(callers)]
    assert counted(said) == {"done": 10, "not_enough_points": callers - 10}
    after = sorted(one.body["balance_after"] for one in said if one.outcome == "done")
    assert after == list(range(0, 10 * PRICE, PRICE))
    assert ground.spendable(ground.till.wallet_id) == 0


def capture_release_or_time_out(ground: Ground, callers: int) -> Race:
    """One wins, whichever; the points are paid or back, once."""
    wallet = ground.wallet(10)
    until = START + SECONDS
    body = {**ground.redemption(wallet), "until": until.isoformat()}
    hold = ground.say("hold", f"{wallet}-hold", body).body["id"]
    whats = ("capture", "release", "time out")
    said = yield [
        Ask(
            whats[n % 3],
            f"{wallet}-{n}",
            until if whats[n % 3] == "time out" else START,
            {"hold": hold, "amount": PRICE - 1},
        )
        for n in range(callers)
    ]
    outcomes = counted(said)
    assert outcomes["done"] + outcomes["timed out"] == 1, outcomes
    late = "hold_timed_out" if outcomes["timed out"] else "hold_ended"
    assert set(outcomes) <= {"done", "timed out", "nothing to do", late}, outcomes
    captured = any(one.outcome == "done" and one.body["id"] is not None for one in said)
    assert ground.spendable(wallet) == 10 - captured * (PRICE - 1)


def storm_of_partial_reversals(ground: Ground, callers: int) -> Race:
    """Of a redemption and of an award, never more comes back than there was."""
    wallet = ground.wallet(60)
    spent = ground.say("redeem", f"{wallet}", ground.redemption(wallet, 30)).body["id"]
    award = {"wallet": wallet, "issuer": ground.issuer, "amount": 30, "day": str(ledger.NEVER)}
    given = ground.say("award", f"{wallet}-award", award).body["id"]
    said = yield [
        Ask(
            ("give_back", "take_back")[n % 2],
            f"{wallet}-{n}",
            START,
            {"transfer": (spent, given)[n % 2], "amount": 4},
        )
        for n in range(callers)
    ]
    for half in (said[::2], said[1::2]):
        assert counted(half) == {"done": 7, "already_reversed": len(half) - 7}
    assert ground.spendable(wallet) == 60 - 30 + 30 + 7 * 4 - 7 * 4


def gifts_out_of_one_wallet(ground: Ground, callers: int) -> Race:
    """Everybody is given all of it at once: one gets it, and no point is there twice."""
    wallet = ground.wallet(100)
    neighbours = [ground.wallet(0) for _ in range(callers)]
    said = yield [
        Ask("give", f"{wallet}-{to}", START, {"wallet": wallet, "to": to, "amount": 100})
        for to in neighbours
    ]
    assert counted(said) == {"done": 1, "not_enough_points": callers - 1}
    assert sum(ground.spendable(to) for to in [wallet, *neighbours]) == 100


def gifts_to_each_other(ground: Ground, callers: int) -> Race:
    """Two neighbours give to each other: nobody waits for ever, and no point is lost."""
    pair = ground.wallet(100), ground.wallet(100)
    said = yield [
        Ask(
            "give",
            f"{pair[0]}-{n}",
            START,
            {"wallet": pair[n % 2], "to": pair[1 - n % 2], "amount": 1 + n % 2},
        )
        for n in range(callers)
    ]
    assert counted(said) == {"done": callers}
    assert [ground.spendable(wallet) for wallet in pair] == [100 + callers // 2, 100 - callers // 2]


def gift_undone_or_spent(ground: Ground, callers: int) -> Race:
    """A gift is taken back, or it is spent: one or the other, once."""
    wallet, to = ground.wallet(30), ground.wallet(0)
    body = {"wallet": wallet, "to": to, "amount": 30}
    gift = ground.say("give", f"{wallet}-gift", body).body["id"]
    said = yield [
        Ask("return_gift", f"{wallet}-{n}", START, {"transfer": gift})
        if n % 2
        else Ask("redeem", f"{wallet}-{n}", START, ground.redemption(to, 30))
        for n in range(callers)
    ]
    outcomes = counted(said)
    assert outcomes["done"] == 1, outcomes
    undone = any(one.outcome == "done" for one in said[1::2])
    assert (ground.spendable(wallet), ground.spendable(to)) == (30 * undone, 0)


RACES = {
    race.__name__: race
    for race in (
        one_key_one_body,
        one_key_many_bodies,
        funds_for_ten,
        one_key_at_tills,
        funds_for_ten_at_tills,
        capture_release_or_time_out,
        storm_of_partial_reversals,
        gifts_out_of_one_wallet,
        gifts_to_each_other,
        gift_undone_or_spent,
    )
}


def counted(said: Sequence[Said]) -> Counter[str]:
    return Counter(one.outcome for one in said)


def run(race: Race, callers: Callers) -> None:
    """One round of a race; raises AssertionError if it came to something that it may not."""
    said = callers(next(race))
    with suppress(StopIteration):
        race.send(said)
        raise AssertionError("a race asks once")
