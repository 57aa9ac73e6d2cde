"""Points set aside: taken from their lots at once, ended once, returned exactly."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.errors import Refused
from rewards.ledger.holding import HoldEnd
from rewards.ledger.model import Balance
from tests.conftest import START, Acting, Database, FakeClock
from tests.ledger.book import LATER, SOON, TODAY, Book

WEEK = START + timedelta(days=7)


class Holder(Book):
    """A book that also knows how to set points aside, by short names."""

    def place(
        self,
        amount: int,
        until: datetime = WEEK,
        *,
        today: date = TODAY,
        to: int | None = None,
        wallet: int | None = None,
    ) -> int:
        def work(op: ledger.Operation):
            return {
                "id": ledger.place(
                    op,
                    wallet or self.wallet,
                    to or self.shop,
                    amount,
                    today=today,
                    until=until,
                    reason="haircut",
                )
            }

        return self.do(work).result()["id"]

    def capture(self, hold_id: int, amount: int | None = None) -> int:
        return self.do(lambda op: {"id": ledger.capture(op, hold_id, amount)}).result()["id"]

    def release(self, hold_id: int) -> None:
        self.do(lambda op: {"none": ledger.release(op, hold_id)}).result()

    def time_out(self, now: datetime, wallets: int = 100) -> list[int]:
        with self.acting() as act:
            return list(ledger.time_out(act.session, now, wallets=wallets))

    def outcome(self, hold_id: int) -> tuple[str, int] | None:
        with self.acting() as act:
            end = act.session.get(HoldEnd, hold_id)
            return None if end is None else (end.outcome, end.captured)

    def balance(self) -> tuple[int, int]:
        with self.acting() as act:
            kept = act.session.get_one(Balance, self.wallet)
            return kept.posted, kept.held


@pytest.fixture
def book(acting: Acting) -> Holder:
    return Holder(acting)


def test_what_is_set_aside_leaves_its_lots_at_once_and_stays_owned(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(20, LATER)
    book.place(15)
    assert book.lots() == {SOON: 0, LATER: 15}
    assert book.balance() == (30, 15)
    assert book.spendable() == 15
    assert book.drifts() == []


def test_what_is_set_aside_cannot_be_spent(book: Holder) -> None:
    book.accrue(10)
    book.place(8)
    with pytest.raises(ledger.NotEnoughPoints) as refusal:
        book.redeem(3).result()
    assert refusal.value.facts == {"missing": 1}
    with pytest.raises(ledger.NotEnoughPoints):
        book.place(3)
    assert book.balance() == (10, 8)


def test_a_release_restores_every_lot_exactly(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(20, LATER)
    before = book.lots()
    hold = book.place(15)
    book.release(hold)
    assert book.lots() == before
    assert book.balance() == (30, 0)
    assert book.outcome(hold) == ("released", 0)
    assert book.drifts() == []


def test_a_whole_capture_moves_the_points_once(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(20, LATER)
    hold = book.place(15)
    transfer = book.capture(hold)
    assert book.lots() == {SOON: 0, LATER: 15}
    assert book.balance() == (15, 0)
    assert book.outcome(hold) == ("captured", 15)
    with book.acting() as act:
        moved = act.session.get_one(ledger.Transfer, transfer)
        assert (moved.kind, moved.debit_id, moved.credit_id) == (
            ledger.REDEMPTION,
            book.wallet,
            book.shop,
        )
        assert (moved.amount, moved.reason) == (15, "haircut")
        assert ledger.posted(act.session, book.shop) == 15
    assert book.drifts() == []


def test_a_partial_capture_takes_the_earliest_and_restores_the_rest(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(20, LATER)
    hold = book.place(25)
    book.capture(hold, 12)
    assert book.lots() == {SOON: 0, LATER: 18}
    assert book.balance() == (18, 0)
    assert book.outcome(hold) == ("captured", 12)
    assert book.drifts() == []


def test_a_capture_takes_what_was_set_aside_whatever_came_back_to_its_lots(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    spent = book.redeem(4).result()["id"]
    hold = book.place(8)
    book.give_back(spent)
    book.capture(hold)
    assert book.lots() == {SOON: 4, LATER: 8}
    assert book.drifts() == []


def test_a_void_after_a_capture_restores_the_very_lots(book: Holder) -> None:
    book.accrue(10, SOON)
    book.accrue(20, LATER)
    before = book.lots()
    transfer = book.capture(book.place(25), 12)
    book.accrue(5, LATER + timedelta(days=1))
    book.give_back(transfer).result()
    assert book.lots() == {**before, LATER + timedelta(days=1): 5}
    assert book.drifts() == []


def test_expiry_cannot_eat_what_is_set_aside(
    book: Holder, clock: FakeClock, acting: Acting
) -> None:
    book.accrue(10, SOON)
    clock.now = datetime.combine(SOON, START.timetz())
    hold = book.place(6, clock.now + timedelta(days=20), today=SOON)
    after = SOON + timedelta(days=1)
    clock.forward(days=1)
    assert book.spendable(after) == 0
    book.capture(hold, 4)
    # The rest returned to its lot, whose date has passed.
    assert book.spendable(after) == 0
    assert book.lots() == {SOON: 6}
    with acting() as act:
        assert ledger.posted(act.session, book.shop) == 4
    assert book.drifts() == []


def test_overdue_points_are_spendable_though_no_job_ran(book: Holder, clock: FakeClock) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    hold = book.place(15)
    for at, free in ((WEEK - timedelta(seconds=1), 5), (WEEK, 20)):
        clock.now = at
        with book.acting() as act:
            found = ledger.spendable(act.session, book.wallet, TODAY, now=clock())
            dated = ledger.dated(act.session, book.wallet, TODAY, now=clock())
            assert found == sum(part.amount for part in dated) == free
            assert ledger.spendable_of(act.session, [book.wallet], TODAY, now=clock()) == {
                book.wallet: free
            }
            aside = ledger.set_aside(act.session, book.wallet, clock())
            assert [(p.hold_id, p.amount, p.to) for p in aside] == (
                [] if at == WEEK else [(hold, 15, "shop")]
            )
    # Past the date of a lot, only the other one's points count.
    with book.acting() as act:
        late = ledger.dated(act.session, book.wallet, SOON + timedelta(days=1), now=clock())
    assert [(part.expires_on, part.amount) for part in late] == [(LATER, 10)]
    assert book.outcome(hold) is None
    assert book.drifts() == []


def test_whoever_sets_aside_takes_what_is_overdue(book: Holder, clock: FakeClock) -> None:
    book.accrue(10)
    first = book.place(10)
    clock.now = WEEK
    book.place(10, WEEK + timedelta(days=1))
    assert book.outcome(first) == ("timed_out", 0)
    assert book.balance() == (10, 10)
    assert book.drifts() == []


def test_whoever_spends_takes_what_is_overdue(book: Holder, clock: FakeClock) -> None:
    book.accrue(10)
    first = book.place(10)
    clock.now = WEEK
    book.redeem(10).result()
    assert book.outcome(first) == ("timed_out", 0)
    assert book.balance() == (0, 0)
    assert book.drifts() == []


def test_an_award_is_taken_back_from_what_is_overdue(book: Holder, clock: FakeClock) -> None:
    award = book.accrue(10)
    book.place(10)
    with pytest.raises(ledger.AlreadySpent):
        book.take_back(award)
    clock.now = WEEK
    assert book.take_back(award) == {"taken": 10, "owed": 0}
    assert book.drifts() == []


@pytest.mark.parametrize("how", ["captured", "released", "timed_out"])
def test_a_hold_ends_once(book: Holder, clock: FakeClock, how: str) -> None:
    book.accrue(10)
    hold = book.place(5)
    if how == "captured":
        book.capture(hold)
    elif how == "released":
        book.release(hold)
    else:
        clock.now = WEEK
        assert book.time_out(WEEK) == [1]
    refusal = ledger.HoldTimedOut if how == "timed_out" else ledger.HoldEnded
    before = book.balance(), book.lots()
    for again in (book.capture, book.release):
        with pytest.raises(refusal):
            again(hold)
    clock.now = WEEK
    assert book.time_out(WEEK) == []
    assert (book.balance(), book.lots()) == before
    assert book.drifts() == []


def test_an_overdue_hold_is_over_though_no_job_ran(book: Holder, clock: FakeClock) -> None:
    book.accrue(10)
    hold = book.place(5)
    clock.now = WEEK
    for late in (book.capture, book.release):
        with pytest.raises(ledger.HoldTimedOut):
            late(hold)
    assert book.outcome(hold) is None
    assert book.drifts() == []


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (6, ledger.CaptureOverHold),
        (0, ledger.BadAmount),
        (-1, ledger.BadAmount),
        (2**53, ledger.BadAmount),
        (1.5, ledger.BadAmount),
        (True, ledger.BadAmount),
    ],
)
def test_a_capture_takes_what_it_may_or_nothing(book: Holder, amount: int, refusal) -> None:
    book.accrue(10)
    hold = book.place(5)
    with pytest.raises(refusal):
        book.capture(hold, amount)
    assert book.outcome(hold) is None
    assert book.balance() == (10, 5)
    assert book.capture(hold)


@pytest.mark.parametrize("amount", [0, -1, 2**53, 1.5, True])
def test_only_a_whole_amount_is_set_aside(book: Holder, amount: int) -> None:
    book.accrue(10)
    with pytest.raises(ledger.BadAmount):
        book.place(amount)
    assert book.balance() == (10, 0)


@pytest.mark.parametrize(
    "until", [START, START - timedelta(days=1), (START + timedelta(days=1)).replace(tzinfo=None)]
)
def test_a_hold_ends_at_a_moment_to_come(book: Holder, until: datetime) -> None:
    book.accrue(10)
    with pytest.raises(ledger.BadUntil):
        book.place(5, until)
    assert book.balance() == (10, 0)


def test_only_known_accounts_of_one_programme_take_part(book: Holder, acting: Acting) -> None:
    book.accrue(10)
    with acting() as act:
        foreign = ledger.open_account(act.session, ledger.MERCHANT, "elsewhere", 2).id
        other = ledger.open_account(act.session, ledger.WALLET, "other", 1).id
    for to in (999_999, book.wallet, other):
        with pytest.raises(ledger.UnknownAccount):
            book.place(5, to=to)
    with pytest.raises(ledger.UnknownAccount):
        book.place(5, wallet=999_999)
    with pytest.raises(ledger.ForeignAccount):
        book.place(5, to=foreign)
    for unknown in (book.capture, book.release):
        with pytest.raises(ledger.UnknownHold):
            unknown(999_999)
    assert book.balance() == (10, 0)


def test_the_job_goes_on_where_it_was_stopped(book: Holder, acting: Acting) -> None:
    wallets = [book.wallet]
    with acting() as act:
        wallets += ledger.open_wallets(act.session, ["b", "c", "d"], 1)
    late = WEEK + timedelta(days=1)
    for wallet in wallets:
        book.accrue(10, wallet=wallet)
        book.place(4, wallet=wallet)
        book.place(3, wallet=wallet)
        book.place(1, late, wallet=wallet)
    with acting() as act:
        assert ledger.count_overdue(act.session, WEEK) == 8
        job = ledger.time_out(act.session, WEEK, wallets=1)
        assert next(job) == 2
        act.session.commit()
        assert next(job) == 2
        act.session.rollback()  # Killed before it committed.
    with acting() as act:
        assert ledger.count_overdue(act.session, WEEK) == 6
    assert book.time_out(WEEK, wallets=2) == [4, 2]
    assert book.time_out(WEEK) == []
    assert book.balance() == (10, 1)
    assert book.drifts() == []


def test_what_is_written_of_a_hold_never_changes(book: Holder, database: Database) -> None:
    book.accrue(10)
    book.release(book.place(5))
    for table, change in product(
        ("hold", "hold_lot", "hold_end"), ("UPDATE {} SET hold_id = 7", "DELETE FROM {}")
    ):
        changed = change.format(table).replace("hold_id", "id" if table == "hold" else "hold_id")
        with database.engine.begin() as connection, pytest.raises(DatabaseError):
            connection.execute(text(changed))


def at_once(database: Database, jobs: list[Callable[[Act], object]]) -> Counter[str]:
    """Do *jobs* in parallel, each in a transaction of its own; counts what came of them."""

    def run(job: Callable[[Act], object]) -> str:
        with Session(database.engine) as session:
            try:
                done = job(Act(session, SYSTEM, START))
                session.commit()
                if isinstance(done, ledger.Answer):
                    done.result()
            except Refused as refusal:
                return refusal.code
        return "done" if done else "nothing"

    with ThreadPoolExecutor(len(jobs)) as pool:
        return Counter(pool.map(run, jobs))


def test_of_a_capture_a_release_and_a_time_out_one_wins(book: Holder, database: Database) -> None:
    """The job's clock is ahead of the tills': only then do they meet at all."""
    book.accrue(30)

    def capture(hold: int) -> Callable[[Act], object]:
        return lambda act: ledger.once(
            act, "hold", f"capture-{hold}", {}, lambda op: {"id": ledger.capture(op, hold, 2)}
        )

    def release(hold: int) -> Callable[[Act], object]:
        return lambda act: ledger.once(
            act, "hold", f"release-{hold}", {}, lambda op: {"none": ledger.release(op, hold)}
        )

    def time_out(act: Act) -> int:
        return ledger.release_overdue(act.session, [book.wallet], WEEK)

    holds = [book.place(5) for _ in range(3)]
    at_once(database, [job for hold in holds for job in (capture(hold), release(hold), time_out)])
    ends = [book.outcome(hold) for hold in holds]
    taken = sum(end[1] for end in ends if end)
    assert None not in ends
    assert taken == 2 * sum(end[0] == "captured" for end in ends if end)
    assert book.balance() == (30 - taken, 0)
    assert book.drifts() == []


def test_two_captures_at_once_are_one(book: Holder, database: Database) -> None:
    book.accrue(20)
    hold = book.place(10)

    def capture(key: int) -> Callable[[Act], object]:
        return lambda act: ledger.once(
            act, "hold", f"key-{key}", {}, lambda op: {"id": ledger.capture(op, hold)}
        )

    assert at_once(database, [capture(key) for key in range(8)]) == {"done": 1, "hold_ended": 7}
    assert book.balance() == (10, 0)
    assert book.drifts() == []
