"""Points past their last day: never spent, swept once, and given grace where a void is late."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from rewards import ledger
from rewards.ledger import IDLE, NEVER, Activity
from rewards.ledger.model import Lot
from tests.conftest import Acting
from tests.ledger.book import LATER, SOON, TODAY, Book

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


@pytest.fixture
def book(acting: Acting) -> Sweeper:
    return Sweeper(acting)


def test_what_is_past_is_swept_and_nothing_else(book: Sweeper) -> None:
    for amount, last in ((10, SOON), (20, AFTER), (30, LATER), (40, NEVER)):
        book.accrue(amount, last)
    assert book.due(SOON) == 0, "the last day is still there to spend on"
    assert book.due() == 1
    assert book.sweep_all() == 10
    assert book.lots() == {SOON: 0, AFTER: 20, LATER: 30, NEVER: 40}
    assert (book.posted(book.wallet), book.posted(book.expired)) == (90, 10)
    assert book.drifts() == []


def test_a_statement_says_when_points_expired(book: Sweeper) -> None:
    book.accrue(10, SOON)
    book.sweep_all(LATER)
    with book.acting() as act:
        line = ledger.statement(act.session, book.wallet).lines[0]
    assert (line.kind, line.change) == (ledger.EXPIRY, -10)
    assert line.happened_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "midnight in Beijing"


def test_spendable_is_right_though_nothing_was_swept(book: Sweeper) -> None:
    book.accrue(10, SOON)
    book.accrue(5, LATER)
    assert book.spendable(AFTER) == 5
    assert book.dated(AFTER) == {LATER: 5}
    with pytest.raises(ledger.NotEnoughPoints):
        book.redeem(6, today=AFTER).result()


def test_a_lot_is_swept_once(book: Sweeper) -> None:
    book.accrue(10, SOON)
    lots = book.next_due()
    assert book.sweep(lots) == {"lots": 1, "points": 10}
    assert book.sweep(lots) == {"lots": 0, "points": 0}
    assert book.posted(book.expired) == 10
    assert book.next_due() == []


def test_a_run_killed_between_batches_goes_on(book: Sweeper) -> None:
    for day in range(1, 8):
        book.accrue(day, date(2026, 11, day))
    assert book.sweep(book.next_due(size=3)) == {"lots": 3, "points": 1 + 2 + 3}
    assert book.due() == 4
    assert book.sweep_all(size=3) == 4 + 5 + 6 + 7
    assert book.posted(book.wallet) == 0
    assert book.drifts() == []


def test_a_run_killed_within_a_batch_leaves_none_of_it(
    book: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 5):
        book.accrue(day, date(2026, 11, day))

    def killed(*args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr("rewards.ledger.expiring.move_balances", killed)
        book.sweep(book.next_due())
    assert (book.posted(book.expired), book.due(), book.drifts()) == (0, 4, [])
    assert book.sweep_all() == 10


def test_another_programme_s_points_stay(book: Sweeper, acting: Acting) -> None:
    book.accrue(10, SOON)
    with acting() as act:
        assert ledger.due(act.session, 2, AFTER) == 0
        foreign = ledger.open_account(act.session, ledger.EXPIRED, "other", 2).id
    lots = book.next_due()
    with pytest.raises(ledger.ForeignAccount):
        book.do(
            lambda op: ledger.expire(op, lots, foreign, today=AFTER, timezone=ZONE) and {}
        ).result()
    assert book.due() == 1


def test_idle_points_last_as_long_as_the_wallet_moves(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    assert book.dated() == {date(2027, 5, 20): 30}
    assert book.spendable(date(2027, 5, 20)) == 30
    assert book.spendable(date(2027, 5, 21)) == 0
    book.redeem(10, today=date(2027, 5, 20)).result()
    assert book.dated(date(2027, 5, 21)) == {date(2027, 11, 20): 20}
    book.earn(5, LATER, Activity(date(2027, 6, 1), ZONE))
    assert book.dated(date(2027, 6, 1)) == {LATER: 5, date(2027, 12, 1): 20}


def test_lapsed_idle_points_are_swept_before_new_ones_come(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    late = date(2027, 8, 1)
    book.earn_idle(7, late)
    assert book.dated(late) == {date(2028, 2, 1): 7}
    assert (book.posted(book.wallet), book.posted(book.expired)) == (7, 30)
    assert book.drifts() == []


def test_lapsed_idle_points_are_not_revived_by_spending(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    book.accrue(10, NEVER)
    late = date(2027, 8, 1)
    with pytest.raises(ledger.NotEnoughPoints):
        book.redeem(11, today=late).result()
    book.redeem(4, today=late).result()
    book.earn(1, NEVER, Activity(late, ZONE))
    assert book.dated(late) == {NEVER: 7}
    assert book.sweep_all(late) == 30


def test_a_shorter_policy_takes_no_day_away(book: Sweeper) -> None:
    book.earn_idle(30, TODAY, months=12)
    book.earn_idle(5, TODAY, months=3)
    assert book.dated() == {date(2027, 11, 20): 35}
    book.redeem(1, today=date(2027, 10, 1)).result()
    assert book.dated() == {date(2028, 1, 1): 34}


def test_idle_points_need_to_know_how_long_they_last(book: Sweeper) -> None:
    for activity in (None, Activity(TODAY, ZONE)):
        with pytest.raises(ValueError, match="idle"):
            book.earn(5, IDLE, activity)


def test_idle_and_dated_points_of_one_day_are_shown_as_one(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    book.accrue(5, date(2027, 5, 20))
    assert book.dated() == {date(2027, 5, 20): 35}


def test_a_late_void_gives_days_of_grace(book: Sweeper) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    spent = book.redeem(15).result()["id"]
    book.refund(spent, None, AFTER, grace_days=30)
    assert book.dated(AFTER) == {date(2026, 12, 31): 10, LATER: 10}
    assert book.spendable(AFTER) == 20
    assert book.drifts() == []


def test_without_grace_late_points_stay_past(book: Sweeper) -> None:
    book.accrue(10, SOON)
    spent = book.redeem(10).result()["id"]
    book.refund(spent, None, AFTER, grace_days=0)
    assert (book.spendable(AFTER), book.sweep_all()) == (0, 10)


def test_grace_isn_t_for_points_that_are_not_late(book: Sweeper) -> None:
    book.accrue(10, SOON)
    spent = book.redeem(10).result()["id"]
    book.refund(spent, None, SOON, grace_days=30)
    assert book.lots() == {SOON: 10}


def test_grace_on_the_day_of_another_lot_joins_it(book: Sweeper) -> None:
    grace = date(2026, 12, 31)
    book.accrue(10, SOON)
    book.accrue(10, grace)
    spent = book.redeem(15).result()["id"]
    book.refund(spent, None, AFTER, grace_days=30)
    assert book.lots() == {SOON: 0, grace: 20}
    assert book.drifts() == []


def test_partial_voids_over_time_restore_every_point_once(book: Sweeper) -> None:
    """The latest expiry returns first; each step goes on where the one before it stopped."""
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    book.accrue(10, NEVER)
    spent = book.redeem(30).result()["id"]
    book.refund(spent, 12, AFTER, grace_days=30)  # all of NEVER, 2 of LATER
    assert book.lots() == {SOON: 0, LATER: 2, NEVER: 10}
    later_on = date(2027, 7, 1)
    book.refund(spent, 9, later_on, grace_days=30)  # 8 of LATER and 1 of SOON, both past
    assert book.lots() == {SOON: 0, LATER: 2, NEVER: 10, date(2027, 7, 31): 9}
    book.refund(spent, 4, later_on, grace_days=0)
    assert book.lots()[SOON] == 4
    book.refund(spent, None, later_on, grace_days=10)
    assert book.lots() == {
        SOON: 4,
        LATER: 2,
        NEVER: 10,
        date(2027, 7, 31): 9,
        date(2027, 7, 11): 5,
    }
    with pytest.raises(ledger.AlreadyReversed):
        book.refund(spent, 1, later_on, grace_days=0)
    assert book.drifts() == []


def test_idle_points_that_come_back_lapsed_are_given_grace(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    spent = book.redeem(30).result()["id"]
    late = date(2027, 8, 1)
    book.refund(spent, None, late, grace_days=14)
    assert book.dated(late) == {date(2027, 8, 15): 30}


def test_what_is_set_aside_is_never_swept(book: Sweeper) -> None:
    book.accrue(10, SOON)
    until = datetime(2026, 12, 5, tzinfo=UTC)
    book.do(
        lambda op: {
            "id": ledger.place(
                op, book.wallet, book.shop, 4, today=TODAY, until=until, reason="voucher"
            )
        }
    ).result()
    assert book.sweep_all() == 6
    assert (book.posted(book.wallet), book.due()) == (4, 0)
    with book.acting() as act:
        assert act.session.query(Lot.remaining).all() == [(0,)]
    assert book.drifts() == []


def test_setting_idle_points_aside_is_a_move_too(book: Sweeper) -> None:
    book.earn_idle(30, TODAY)
    later_on = date(2027, 3, 1)
    until = datetime(2027, 3, 2, tzinfo=UTC)
    book.do(
        lambda op: {
            "id": ledger.place(
                op, book.wallet, book.shop, 4, today=later_on, until=until, reason="voucher"
            )
        }
    ).result()
    assert book.dated(later_on) == {date(2027, 9, 1): 26}


def forecast(book: Sweeper, today: date, now: datetime) -> ledger.Forecast:
    with book.acting() as act:
        wallets = select(ledger.Account.id).where(ledger.Account.kind == ledger.WALLET)
        return ledger.forecast(act.session, wallets, today=today, now=now)


def test_the_forecast_comes_to_all_that_there_is(book: Sweeper) -> None:
    with book.acting() as act:
        second = ledger.open_account(act.session, ledger.WALLET, "second", 1).id
    book.earn_idle(30, TODAY)
    for amount, last in ((10, SOON), (20, LATER), (40, NEVER)):
        book.accrue(amount, last)
    book.accrue(5, LATER, wallet=second)
    until = datetime(2026, 12, 5, tzinfo=UTC)
    book.do(
        lambda op: {
            "id": ledger.place(
                op, book.wallet, book.shop, 14, today=TODAY, until=until, reason="voucher"
            )
        }
    ).result()
    idle = date(2027, 5, 20)
    before = forecast(book, AFTER, datetime(2026, 12, 1, tzinfo=UTC))
    assert before.dated == [
        ledger.Dated(idle, 30),
        ledger.Dated(LATER, 16 + 5),
        ledger.Dated(NEVER, 40),
    ]
    owned = book.posted(book.wallet) + book.posted(second)
    assert (before.spendable, before.held, owned) == (91, 14, 105)
    overdue = forecast(book, AFTER, until)
    assert overdue.dated[1] == ledger.Dated(LATER, 25), "free again, but for what is past"
    assert (overdue.spendable, overdue.held) == (95, 0)
    assert book.spendable(AFTER) == 86, "of the first wallet, before the hold is ended"
