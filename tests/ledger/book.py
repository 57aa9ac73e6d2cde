"""An issuer, a shop and a wallet for the ledger's tests, with short names for the moves."""

from datetime import date

from sqlalchemy import select

from rewards import ledger
from rewards.ledger.model import Lot
from tests.conftest import Acting

TODAY = date(2026, 11, 20)
SOON, LATER = date(2026, 11, 30), date(2027, 6, 30)


class Book:
    """An issuer, a shop and a wallet, and short names for what is done with them."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        with acting() as act:
            self.issuer = ledger.open_account(act.session, ledger.ISSUER, "issuer", 1).id
            self.shop = ledger.open_account(act.session, ledger.MERCHANT, "shop", 1).id
            self.wallet = ledger.open_account(act.session, ledger.WALLET, "wallet", 1).id
        self.keys = 0
        self.scope = f"book:{self.wallet}"

    def do(self, work, key: str | None = None, body=None):
        self.keys += 1
        with self.acting() as act:
            return ledger.once(act, self.scope, key or f"key-{self.keys}", body or {}, work)

    def accrue(self, amount: int, expires_on: date = SOON, wallet: int | None = None) -> int:
        def work(op: ledger.Operation):
            accrual = ledger.Accrual(wallet or self.wallet, amount, expires_on, "work", op.now)
            return {"id": ledger.accrue(op, self.issuer, [accrual])[0]}

        return self.do(work).result()["id"]

    def redeem(self, amount: int, key: str | None = None, today: date = TODAY) -> ledger.Answer:
        def work(op: ledger.Operation):
            return {
                "id": ledger.redeem(op, self.wallet, self.shop, amount, today=today, reason="tea")
            }

        return self.do(work, key, {"amount": amount})

    def give_back(self, transfer_id: int, amount: int | None = None) -> ledger.Answer:
        return self.do(
            lambda op: {"id": ledger.give_back(op, transfer_id, reason="mistake", amount=amount)}
        )

    def take_back(
        self, transfer_id: int, when_spent=ledger.WhenSpent.REFUSE, today: date = TODAY
    ) -> dict:
        def work(op: ledger.Operation):
            taken = ledger.take_back(
                op, transfer_id, today=today, reason="wrong", when_spent=when_spent
            )
            return {"taken": taken.taken, "owed": taken.owed}

        return self.do(work).result()

    def spendable(self, today: date = TODAY) -> int:
        with self.acting() as act:
            return ledger.spendable(act.session, self.wallet, today)

    def lots(self) -> dict[date, int]:
        with self.acting() as act:
            rows = act.session.execute(
                select(Lot.expires_on, Lot.remaining).where(Lot.account_id == self.wallet)
            )
            return {row.expires_on: row.remaining for row in rows}

    def drifts(self) -> list[ledger.Drift]:
        with self.acting() as act:
            return list(ledger.verify(act.session))
