"""The ledger against a few lines of plain Python that say what it should do."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from rewards import ledger
from rewards.errors import Refused
from tests.conftest import Acting
from tests.ledger.book import TODAY, Book

AMOUNTS = st.integers(1, 30)
DAYS = st.sampled_from([*(TODAY + timedelta(days=n) for n in (0, 1, 5)), ledger.NEVER])


class Model(RuleBasedStateMachine):
    """One wallet: what the ledger does beside what the model says it should have done."""

    acting: Acting

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(self.acting)
        self.today = TODAY
        self.lots: defaultdict[date, int] = defaultdict(int)
        self.awards: list[tuple[int, date, int]] = []
        self.spent: list[tuple[int, dict[date, int]]] = []
        self.keys: list[tuple[str, int, object]] = []
        self.owed = 0

    def spendable(self) -> int:
        return sum(n for day, n in self.lots.items() if day >= self.today)

    @rule(amount=AMOUNTS, expires_on=DAYS)
    def award(self, amount: int, expires_on: date) -> None:
        self.awards.append((self.book.accrue(amount, expires_on), expires_on, amount))
        self.lots[expires_on] += amount

    @rule(amount=AMOUNTS)
    def redeem(self, amount: int) -> None:
        key = f"model-{len(self.keys)}"
        try:
            result: object = self.book.redeem(amount, key, self.today).result()["id"]
        except ledger.NotEnoughPoints as refusal:
            result = refusal.facts["missing"]
            assert result == amount - self.spendable()
        else:
            assert amount <= self.spendable()
            taken, left = {}, amount
            for day in sorted(d for d in self.lots if d >= self.today):
                taken[day] = min(left, self.lots[day])
                self.lots[day] -= taken[day]
                left -= taken[day]
            assert isinstance(result, int)
            self.spent.append((result, taken))
        self.keys.append((key, amount, result))

    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        if not self.keys:
            return
        key, amount, first = data.draw(st.sampled_from(self.keys))
        answer = self.book.redeem(amount, key, self.today)
        assert answer.replayed
        try:
            assert answer.result()["id"] == first
        except ledger.NotEnoughPoints as refusal:
            assert refusal.facts["missing"] == first

    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        if not self.spent:
            return
        transfer_id, taken = data.draw(st.sampled_from(self.spent))
        try:
            self.book.give_back(transfer_id).result()
        except ledger.AlreadyReversed:
            assert not any(taken.values())
            return
        for day, n in taken.items():
            self.lots[day] += n
        taken.clear()

    @rule(data=st.data(), amount=AMOUNTS)
    def refund_part(self, data: st.DataObject, amount: int) -> None:
        if not self.spent:
            return
        transfer_id, taken = data.draw(st.sampled_from(self.spent))
        try:
            self.book.give_back(transfer_id, amount).result()
        except ledger.AlreadyReversed:
            assert amount > sum(taken.values())
            return
        for day in sorted(taken, reverse=True):
            back = min(amount, taken[day])
            taken[day] -= back
            self.lots[day] += back
            amount -= back

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.awards:
            return
        award = data.draw(st.sampled_from(self.awards))
        transfer_id, own, amount = award
        try:
            result = self.book.take_back(transfer_id, ledger.WhenSpent.OWE, today=self.today)
        except Refused:
            assert amount == 0
            return
        self.awards[self.awards.index(award)] = (transfer_id, own, 0)
        left = amount
        for day in [own, *sorted(d for d in self.lots if d >= self.today)]:
            taken = min(left, self.lots[day])
            self.lots[day] -= taken
            left -= taken
        assert result == {"taken": amount - left, "owed": left}
        self.owed += left

    @rule()
    def a_day_passes(self) -> None:
        self.today += timedelta(days=1)

    @invariant()
    def the_ledger_agrees(self) -> None:
        assert self.book.spendable(self.today) == self.spendable()
        assert {d: n for d, n in self.book.lots().items() if n} == {
            d: n for d, n in self.lots.items() if n
        }
        with self.book.acting() as act:
            assert ledger.owed(act.session, self.book.wallet) == self.owed
            total = sum(
                ledger.posted(act.session, account)
                for account in (self.book.issuer, self.book.shop, self.book.wallet)
            )
        assert total == 0
        assert self.book.drifts() == []


def test_any_course_of_events_ends_as_the_model_says(acting: Acting) -> None:
    class Here(Model):
        pass

    Here.acting = staticmethod(acting)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
