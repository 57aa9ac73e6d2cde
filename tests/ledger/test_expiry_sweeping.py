"""Points past their last day: never spent, swept once, and foreseen to the last point."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from rewards import ledger
from rewards.ledger import NEVER
from rewards.ledger.model import Lot
from tests.conftest import Acting
from tests.ledger.book import LATER, SOON, TODAY
from tests.ledger.sweeper import AFTER, ZONE, Sweeper


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


def test_two_runs_at_once_sweep_each_lot_once(book: Sweeper) -> None:
    for day in range(1, 8):
        book.accrue(day, date(2026, 11, day))
    lots = book.next_due()

    def sweep(run: int) -> int:
        def work(op: ledger.Operation):
            swept = ledger.expire(op, lots, book.expired, today=AFTER, timezone=ZONE)
            return {"points": swept.points}

        return book.do(work, f"run-{run}").result()["points"]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(sweep, range(4))) == [0, 0, 0, 28]
    assert (book.posted(book.expired), book.drifts()) == (28, [])


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


def test_the_forecast_of_an_untouched_wallet_is_its_lots(book: Sweeper) -> None:
    book.accrue(10, SOON)
    with book.acting() as act:
        assert forecast(book, TODAY, act.now) == ledger.Forecast([ledger.Dated(SOON, 10)], 0)
