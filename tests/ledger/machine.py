"""Any course of events, done by the ledger and on paper; both must come to the same."""

import gc
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from rewards import ledger
from tests.conftest import START
from tests.ledger.accounts import PROGRAMME
from tests.ledger.both import SHOPS, WALLETS, accounts_of, never, told
from tests.ledger.neighbours import Neighbours
from tests.ledger.paper import Hold, No

TODAY = START.date()
ZONE = "UTC"
IDLE_MONTHS, LIMIT = 1, 60

WALLET, SHOP = st.integers(0, WALLETS - 1), st.integers(0, SHOPS - 1)
GIVEN, SPENT, PART = st.integers(1, 40), st.integers(1, 15), st.integers(1, 8)
DAY = st.sampled_from(
    [*(TODAY + timedelta(days=n) for n in (0, 1, 5, 40)), ledger.IDLE, ledger.NEVER]
)
ANY = st.integers(0, 999)  # which of those that there are
NONSENSE = st.sampled_from([0, -1, 2**53])

Awards = list[tuple[int, int, date]]

# What has to come about, and not be refused, before a proof is worth its name.
RULES = (
    "award", "bulk award", "hold", "partial capture", "release", "time-out", "redeem", "void",
    "reverse", "partial reverse", "expire", "clock forward", "settle", "replay", "key reuse",
    "crash and retry", "deduct", "restore", "give", "give to a cause", "return a gift",
)  # fmt: skip


class Machine(Neighbours):
    """The rules: what can happen."""

    # Points in

    def award_all(self, what: str, awards: Awards, trim: bool | None = None) -> None:
        idle_months = IDLE_MONTHS if any(day == ledger.IDLE for _, _, day in awards) else 0
        limit = None if trim is None else LIMIT

        def work(op: ledger.Operation) -> Any:
            accruals = [
                ledger.Accrual(self.accounts.wallets[wallet], amount, day, "work", op.now)
                for wallet, amount, day in awards
            ]
            activity = ledger.Activity(self.paper.today, ZONE, idle_months or None)
            issuer = self.accounts.issuer
            if trim is None:
                ids: list[int | None] = [*ledger.accrue(op, issuer, accruals, activity=activity)]
                return {"ids": ids, "given": [accrual.amount for accrual in accruals]}
            when_full = ledger.WhenFull.TRIM if trim else ledger.WhenFull.REFUSE
            within = ledger.Limit(LIMIT, when_full, self.paper.today)
            given = ledger.accrue_within(op, issuer, accruals, within, activity=activity)
            return {"ids": [g.transfer_id for g in given], "given": [g.amount for g in given]}

        body = [[wallet, amount, str(day)] for wallet, amount, day in awards]
        paper = self.paper
        done = self.do(
            what, body, work, lambda: paper.award(awards, idle_months, limit, bool(trim))
        )
        if done:
            answer, made = done
            assert answer["given"] == [award.amount for award in made]
            for award, transfer_id in zip(made, answer["ids"], strict=True):
                assert (transfer_id is None) == (award.amount == 0)
                award.id = transfer_id
            self.awards += [award for award in made if award.amount]

    @initialize(days=st.tuples(DAY, DAY, DAY))
    def begin(self, days: tuple[date, ...]) -> None:
        self.award_all("bulk award", [(wallet, 20, day) for wallet, day in enumerate(days)])

    @rule(wallet=WALLET, amount=GIVEN, day=DAY)
    def award(self, wallet: int, amount: int, day: date) -> None:
        self.award_all("award", [(wallet, amount, day)])

    @rule(awards=st.lists(st.tuples(WALLET, GIVEN, DAY), min_size=2, max_size=4))
    def award_many(self, awards: Awards) -> None:
        self.award_all("bulk award", awards)

    @rule(
        awards=st.lists(st.tuples(WALLET, GIVEN, DAY), min_size=1, max_size=3), trim=st.booleans()
    )
    def award_up_to_the_limit(self, awards: Awards, trim: bool) -> None:
        self.award_all("award within the limit", awards, trim)

    def take_back(self, what: str, which: int, amount: int | None, owe: bool) -> None:
        award = self.awards[which % len(self.awards)]
        when_spent = ledger.WhenSpent.OWE if owe else ledger.WhenSpent.REFUSE

        def work(op: ledger.Operation) -> Any:
            taken = ledger.take_back(
                op,
                award.id,
                today=self.paper.today,
                reason="wrong",
                when_spent=when_spent,
                amount=amount,
            )
            return {"taken": taken.taken, "owed": taken.owed}

        body = [award.id, amount, owe]
        done = self.do(what, body, work, lambda: self.paper.take_back(award, amount, owe))
        if done:
            answer, (taken, owed) = done
            assert answer == {"taken": taken, "owed": owed}

    @precondition(lambda self: self.awards)
    @rule(which=ANY, owe=st.booleans())
    def reverse(self, which: int, owe: bool) -> None:
        self.take_back("reverse", which, None, owe)

    @precondition(lambda self: self.awards)
    @rule(which=ANY, amount=PART, owe=st.booleans())
    def reverse_part(self, which: int, amount: int, owe: bool) -> None:
        self.take_back("partial reverse", which, amount, owe)

    @rule(wallet=WALLET, amount=GIVEN, owe=st.booleans())
    def deduct(self, wallet: int, amount: int, owe: bool) -> None:
        def work(op: ledger.Operation) -> Any:
            return vars(
                ledger.deduct(
                    op,
                    self.accounts.wallets[wallet],
                    self.accounts.issuer,
                    amount,
                    today=self.paper.today,
                    happened_at=op.now,
                    reason="litter",
                    owe=owe,
                )
            )

        body = [wallet, amount, owe]
        done = self.do("deduct", body, work, lambda: self.paper.deduct(wallet, amount, owe))
        if done:
            answer, deduction = done
            assert answer["taken"] == sum(deduction.taken.values())
            assert answer["owed"] == deduction.owed
            deduction.done = ledger.Deducted(**answer)
            if deduction.taken:
                self.deductions.append(deduction)

    @precondition(lambda self: self.deductions)
    @rule(which=ANY, grace=st.sampled_from([0, 3]))
    def restore(self, which: int, grace: int) -> None:
        deduction = self.deductions[which % len(self.deductions)]

        def work(op: ledger.Operation) -> Any:
            undone = ledger.restore(
                op, deduction.done, today=self.paper.today, reason="mistake", grace_days=grace
            )
            return {"id": undone}

        body = [deduction.done.transfer_id, grace]
        self.do("restore", body, work, lambda: self.paper.restore(deduction, grace))

    # Points out

    def spent(self, done: Any) -> None:
        if done:
            answer, redemption = done
            redemption.id = answer["id"]
            self.redemptions.append(redemption)

    @rule(wallet=WALLET, shop=SHOP, amount=SPENT)
    def redeem(self, wallet: int, shop: int, amount: int) -> None:
        def work(op: ledger.Operation) -> Any:
            wallet_id, shop_id = self.accounts.wallets[wallet], self.accounts.shops[shop]
            today = self.paper.today
            return {"id": ledger.redeem(op, wallet_id, shop_id, amount, today=today, reason="tea")}

        body = [wallet, shop, amount]
        self.spent(self.do("redeem", body, work, lambda: self.paper.redeem(wallet, shop, amount)))

    def give_back(self, what: str, which: int, amount: int | None, grace: int) -> None:
        redemption = self.redemptions[which % len(self.redemptions)]

        def work(op: ledger.Operation) -> Any:
            undone = ledger.give_back(
                op,
                redemption.id,
                reason="mistake",
                amount=amount,
                today=self.paper.today,
                grace_days=grace,
            )
            return {"id": undone}

        body = [redemption.id, amount, grace]
        self.do(what, body, work, lambda: self.paper.give_back(redemption, amount, grace))

    @precondition(lambda self: self.redemptions)
    @rule(which=ANY, grace=st.sampled_from([0, 3]))
    def void(self, which: int, grace: int) -> None:
        self.give_back("void", which, None, grace)

    @precondition(lambda self: self.redemptions)
    @rule(which=ANY, amount=PART, grace=st.sampled_from([0, 3]))
    def refund_part(self, which: int, amount: int, grace: int) -> None:
        self.give_back("partial refund", which, amount, grace)

    @rule(wallet=WALLET, shop=SHOP, amount=SPENT, hours=st.sampled_from([2, 24, 50, 500]))
    def hold(self, wallet: int, shop: int, amount: int, hours: int) -> None:
        until = self.paper.now + timedelta(hours=hours)

        def work(op: ledger.Operation) -> Any:
            wallet_id, shop_id = self.accounts.wallets[wallet], self.accounts.shops[shop]
            hold_id = ledger.place(
                op, wallet_id, shop_id, amount, today=self.paper.today, until=until, reason="tea"
            )
            return {"id": hold_id}

        body = [wallet, shop, amount, hours]
        done = self.do("hold", body, work, lambda: self.paper.hold(wallet, shop, amount, until))
        if done:
            answer, hold = done
            hold.id = answer["id"]
            self.holds.append(hold)

    def some_hold(self, which: int) -> Hold:
        """Any hold, but mostly one that can still be ended."""
        standing = [hold for hold in self.holds if not hold.ended and hold.until > self.paper.now]
        among = standing if standing and which % 4 else self.holds
        return among[which % len(among)]

    def capture_some(self, what: str, which: int, amount: int | None) -> None:
        hold = self.some_hold(which)

        def work(op: ledger.Operation) -> Any:
            return {"id": ledger.capture(op, hold.id, amount)}

        body = [hold.id, amount]
        self.spent(self.do(what, body, work, lambda: self.paper.capture(hold, amount)))

    @precondition(lambda self: self.holds)
    @rule(which=ANY)
    def capture(self, which: int) -> None:
        self.capture_some("capture", which, None)

    @precondition(lambda self: self.holds)
    @rule(which=ANY, amount=PART)
    def capture_part(self, which: int, amount: int) -> None:
        self.capture_some("partial capture", which, amount)

    @precondition(lambda self: self.holds)
    @rule(which=ANY)
    def release(self, which: int) -> None:
        hold = self.some_hold(which)

        def work(op: ledger.Operation) -> Any:
            ledger.release(op, hold.id)
            return {}

        self.do("release", [hold.id], work, lambda: self.paper.release(hold))

    # Time

    @rule(hours=st.sampled_from([2, 24, 48, 24 * 7, 24 * 33]))
    def time_passes_without_the_jobs(self, hours: int) -> None:
        self.paper.now += timedelta(hours=hours)
        self.happened["clock forward"] += 1

    @precondition(lambda self: self.paper.ends())
    @rule(just_before=st.booleans(), job=st.booleans())
    def time_passes_to_the_end_of_a_hold(self, just_before: bool, job: bool) -> None:
        self.paper.now = min(self.paper.ends()) - timedelta(microseconds=just_before)
        self.happened["clock forward"] += 1
        if job:
            self.end_overdue()

    # A job that finds nothing is worth a look, but not at every turn.

    @precondition(lambda self: self.paper.due() or len(self.calls) % 8 == 0)
    @rule()
    def expire(self) -> None:
        def work(op: ledger.Operation) -> Any:
            today, points = self.paper.today, 0
            while lots := ledger.next_due(op.session, PROGRAMME, today, size=2):
                swept = ledger.expire(op, lots, self.accounts.expired, today=today, timezone=ZONE)
                points += swept.points
            return {"points": points}

        nothing = self.paper.due() == 0
        what = "expire nothing" if nothing else "expire"
        answer, points = self.do(what, [], work, self.paper.expire)
        assert answer == {"points": points} and nothing == (points == 0)

    @precondition(lambda self: self.paper.overdue() or len(self.calls) % 8 == 0)
    @rule()
    def time_out(self) -> None:
        self.end_overdue()

    def end_overdue(self) -> None:
        with self.session() as session:
            ended = sum(ledger.time_out(session, self.paper.now, wallets=1))
            assert ended == self.paper.time_out()
            session.commit()
        self.happened["time-out" if ended else "time-out of nothing"] += 1

    # Once more, or not at all

    @precondition(lambda self: self.calls)
    @rule(which=ANY)
    def replay(self, which: int) -> None:
        call = self.calls[which % len(self.calls)]
        answer = self.once(call.key, call.body, never)
        assert answer.replayed
        assert told(answer) == call.told
        self.happened["replay"] += 1

    @precondition(lambda self: self.calls)
    @rule(which=ANY)
    def reuse_a_key(self, which: int) -> None:
        call = self.calls[which % len(self.calls)]
        try:
            self.once(call.key, {**call.body, "more": 1}, never)
        except ledger.KeyReused:
            self.happened["key reuse"] += 1
        else:
            raise AssertionError("a key was taken for two things")

    @precondition(lambda self: not self.crash_next)
    @rule()
    def crash_and_retry(self) -> None:
        """Whatever is asked for next is lost before its commit, and asked for again."""
        self.crash_next = True

    @rule(wallet=WALLET, amount=NONSENSE)
    def ask_for_nonsense(self, wallet: int, amount: int) -> None:
        def work(op: ledger.Operation) -> Any:
            wallet_id, shop_id = self.accounts.wallets[wallet], self.accounts.shops[0]
            ledger.redeem(op, wallet_id, shop_id, amount, today=self.paper.today, reason="tea")

        def refuse() -> None:
            raise No("bad_amount")

        self.do("nonsense", [wallet, amount], work, refuse)

    # Looking

    @rule(shop=SHOP)
    def settle(self, shop: int) -> None:
        """A shop is paid by its statement: all its lines come to what it is owed."""
        account, changes, before = self.accounts.shops[shop], [], None
        with self.session() as session:
            while True:
                page = ledger.statement(session, account, before=before, size=3)
                changes += [line.change for line in page.lines]
                before = page.before
                if before is None:
                    break
            assert sum(changes) == ledger.posted(session, account) == self.paper.shops[shop]
        self.happened["settle"] += 1

    # It costs as much as ten other steps.
    @precondition(lambda self: len(self.calls) >= self.verified + 12)
    @rule()
    def verify(self) -> None:
        self.verified = len(self.calls)
        with self.session() as session:
            assert list(ledger.verify(session)) == []
        self.happened["verify"] += 1


def check(
    engine: Engine, *, runs: int, steps: int, from_seed: int, shrink: bool = True
) -> Counter[str]:
    """Let things happen: at least so many *runs*, and as many steps as runs times *steps*.

    Hypothesis ends some runs early, so more are made until the steps are reached. Answers how
    often what happened; the same *from_seed* does the same again. Raises with the shortest
    course of events that it can find if the two ledgers differ, or with *shrink* off any.
    """

    class Here(Machine):
        pass

    Here.engine, Here.accounts, Here.happened = engine, accounts_of(engine), Counter()
    with seldom_collecting():
        return _run(Here, runs, steps, from_seed, shrink)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let the garbage collector leave alone what is loaded; it took a tenth of the time."""
    often = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*often)


def _run(here: type[Machine], runs: int, steps: int, from_seed: int, shrink: bool) -> Counter[str]:
    happened = here.happened
    for attempt in itertools.count():
        done = happened["steps"] - happened["runs"]  # what holds at first is no step
        missing = max(runs - happened["runs"], -(-(runs * steps - done) // steps))
        if missing <= 0:
            return +happened
        run_state_machine_as_test(
            seed(from_seed + attempt * 2**32)(here),
            settings=settings(
                max_examples=missing,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    raise AssertionError("unreachable")
