"""A book whose points expire: sweeping, idle points, and refunds that come late."""

from datetime import date

from rewards import ledger
from rewards.ledger import IDLE, Activity
from tests.conftest import Acting
from tests.ledger.book import TODAY, Book

AFTER = date(2026, 12, 1)  # the day after SOON
ZONE = "Asia/Shanghai"


class Sweeper(Book):
    """A book with an account for what expired."""

    def __init__(self, acting: Acting) -> None:
        super().__init__(acting)
        with acting() as act:
            self.expired = ledger.open_account(act.session, ledger.EXPIRED, "expired", 1).id

    def sweep(self, lots: list[int], today: date = AFTER) -> dict[str, int]:
        def work(op: ledger.Operation):
            swept = ledger.expire(op, lots, self.expired, today=today, timezone=ZONE)
            return {"lots": swept.lots, "points": swept.points}

        return self.do(work).result()

    def sweep_all(self, today: date = AFTER, size: int = 500) -> int:
        points, after = 0, 0
        while lots := self.next_due(today, after, size):
            points, after = points + self.sweep(lots, today)["points"], lots[-1]
        return points

    def next_due(self, today: date = AFTER, after: int = 0, size: int = 500) -> list[int]:
        with self.acting() as act:
            return ledger.next_due(act.session, 1, today, after=after, size=size)

    def due(self, today: date = AFTER) -> int:
        with self.acting() as act:
            return ledger.due(act.session, 1, today)

    def earn_idle(self, amount: int, today: date, months: int = 6) -> None:
        self.earn(amount, IDLE, Activity(today, ZONE, months))

    def earn(self, amount: int, expires_on: date, activity: Activity | None) -> None:
        def work(op: ledger.Operation):
            accrual = ledger.Accrual(self.wallet, amount, expires_on, "work", op.now)
            return {"id": ledger.accrue(op, self.issuer, [accrual], activity=activity)[0]}

        self.do(work).result()

    def dated(self, today: date = TODAY) -> dict[date, int]:
        with self.acting() as act:
            parts = ledger.dated(act.session, self.wallet, today)
            return {part.expires_on: part.amount for part in parts}

    def posted(self, account_id: int) -> int:
        with self.acting() as act:
            return ledger.posted(act.session, account_id)

    def refund(self, spent: int, amount: int | None, today: date, grace_days: int) -> None:
        self.do(
            lambda op: {
                "id": ledger.give_back(
                    op, spent, reason="mistake", amount=amount, today=today, grace_days=grace_days
                )
            }
        ).result()
