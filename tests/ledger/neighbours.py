"""What neighbours do with each other's points, by the ledger and on paper."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from rewards import ledger
from tests.ledger.both import WALLETS, Both

WALLET = st.integers(0, WALLETS - 1)
FULL = 60


class Neighbours(Both):
    """The rules of giving points on."""

    def give_to(self, what: str, wallet: int, to: int | None, amount: int, full: bool) -> None:
        limit = FULL if full else None

        def work(op: ledger.Operation) -> Any:
            accounts = self.accounts
            to_id = accounts.cause if to is None else accounts.wallets[to]
            given = ledger.give(
                op, accounts.wallets[wallet], to_id, amount, today=self.paper.today, limit=limit
            )
            return {"id": given}

        body = [wallet, to, amount, full]
        done = self.do(what, body, work, lambda: self.paper.give(wallet, to, amount, limit))
        if done:
            answer, gift = done
            gift.id = answer["id"]
            self.gifts.append(gift)

    @rule(wallet=WALLET, to=WALLET, amount=st.integers(1, 25), full=st.booleans())
    def give(self, wallet: int, to: int, amount: int, full: bool) -> None:
        self.give_to("give", wallet, to, amount, full)

    @rule(wallet=WALLET, amount=st.integers(1, 15))
    def give_to_a_cause(self, wallet: int, amount: int) -> None:
        self.give_to("give to a cause", wallet, None, amount, False)

    @precondition(lambda self: self.gifts)
    @rule(which=st.integers(0, 999))
    def return_a_gift(self, which: int) -> None:
        gift = self.gifts[-1 - which % min(3, len(self.gifts))]

        def work(op: ledger.Operation) -> Any:
            undone = ledger.return_gift(op, gift.id, today=self.paper.today, reason="slip")
            return {"id": undone}

        self.do("return a gift", [gift.id], work, lambda: self.paper.return_gift(gift))
