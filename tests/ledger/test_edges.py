"""Edges that single mistakes, put in on purpose, showed to be nobody's: each has a test here."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.ledger.archive import detaching, file
from rewards.ledger.checks import CHECKS
from rewards.ledger.model import Lot
from rewards.ledger.seals import tiles
from tests.conftest import START, Acting, Database, FakeClock
from tests.ledger import sealed
from tests.ledger.book import LATER, SOON, TODAY, Book
from tests.ledger.sweeper import AFTER, ZONE, Sweeper
from tests.ledger.test_archive import DECEMBER, detached, old, written
from tests.ledger.test_holds import Holder
from tests.ledger.test_seals import checked
from tests.ledger.test_verify import found_after, unfrozen

__all__ = ["old"]

WEEK = START + timedelta(days=7)
DAY = timedelta(days=1)


@pytest.fixture
def holder(acting: Acting) -> Holder:
    return Holder(acting)


@pytest.fixture
def sweeper(acting: Acting) -> Sweeper:
    return Sweeper(acting)


def other_wallet(book: Book) -> int:
    with book.acting() as act:
        return ledger.open_account(act.session, ledger.WALLET, "other", 1).id


# What can be spent, and until when


def test_points_can_be_spent_on_their_last_day_and_not_on_the_next(book: Book) -> None:
    book.accrue(10, SOON)
    with pytest.raises(ledger.NotEnoughPoints, match="10"):
        book.redeem(10, today=SOON + DAY).result()
    book.redeem(10, today=SOON).result()
    assert book.lots() == {SOON: 0}


def test_points_can_be_taken_for_a_deed_on_their_last_day_and_not_on_the_next(book: Book) -> None:
    def deduct(today: date) -> ledger.Deducted:
        def work(op: ledger.Operation):
            return vars(
                ledger.deduct(
                    op,
                    book.wallet,
                    book.issuer,
                    4,
                    today=today,
                    happened_at=op.now,
                    reason="litter",
                    owe=False,
                )
            )

        return ledger.Deducted(**book.do(work).result())

    book.accrue(10, SOON)
    assert deduct(SOON + DAY).taken == 0
    assert deduct(SOON).taken == 4


def test_an_award_is_taken_back_from_other_points_through_their_last_day(book: Book) -> None:
    first = book.accrue(10, TODAY)
    book.redeem(10).result()
    book.accrue(10, SOON)
    with pytest.raises(ledger.AlreadySpent, match="10"):
        book.take_back(first, today=SOON + DAY)
    assert book.take_back(first, today=SOON) == {"taken": 10, "owed": 0}


def test_a_lot_is_swept_from_the_day_after_its_last_one_on(sweeper: Sweeper) -> None:
    sweeper.accrue(1, SOON)
    assert (sweeper.due(SOON), sweeper.next_due(SOON)) == (0, [])
    [lot] = sweeper.next_due(SOON + DAY)
    assert sweeper.sweep([lot], SOON) == {"lots": 0, "points": 0}
    assert sweeper.sweep([lot], SOON + DAY) == {"lots": 1, "points": 1}
    assert sweeper.due(SOON + DAY) == 0


def test_only_the_lots_that_are_named_are_swept(sweeper: Sweeper) -> None:
    sweeper.accrue(3, SOON)
    sweeper.accrue(4, SOON - DAY)
    first, _ = sweeper.next_due(AFTER)
    assert sweeper.sweep([first]) == {"lots": 1, "points": 3}
    assert sweeper.lots() == {SOON: 0, SOON - DAY: 4}


def test_idle_points_move_on_their_last_day_and_not_on_the_next(sweeper: Sweeper) -> None:
    sweeper.earn_idle(10, TODAY, months=1)
    last = date(2026, 12, 20)
    sweeper.earn(1, LATER, ledger.Activity(last, ZONE, None))
    assert sweeper.dated(last) == {date(2027, 1, 20): 10, LATER: 1}
    sweeper.earn(1, LATER, ledger.Activity(date(2027, 1, 21), ZONE, None))
    assert sweeper.dated(date(2027, 1, 21)) == {LATER: 2}


def test_new_idle_points_leave_those_that_still_last_and_sweep_those_that_lapsed(
    sweeper: Sweeper,
) -> None:
    sweeper.earn_idle(10, TODAY, months=1)
    sweeper.earn_idle(5, date(2026, 12, 20), months=1)
    assert sweeper.dated(date(2027, 1, 20)) == {date(2027, 1, 20): 15}
    sweeper.earn_idle(2, date(2027, 1, 21), months=1)
    assert sweeper.dated(date(2027, 1, 21)) == {date(2027, 2, 21): 2}
    assert sweeper.posted(sweeper.expired) == 15


def test_a_single_idle_point_lapses_too(sweeper: Sweeper) -> None:
    sweeper.earn_idle(1, TODAY, months=1)
    sweeper.earn_idle(2, date(2027, 1, 21), months=1)
    assert sweeper.dated(date(2027, 1, 21)) == {date(2027, 2, 21): 2}
    assert sweeper.posted(sweeper.expired) == 1


def test_the_largest_amount_that_there_may_be(book: Book) -> None:
    book.accrue(2**53 - 1)
    book.redeem(2**53 - 1).result()
    assert book.spendable() == 0


def test_where_nothing_lapsed_no_account_for_it_is_needed(book: Book) -> None:
    def work(op: ledger.Operation):
        accrual = ledger.Accrual(book.wallet, 5, ledger.IDLE, "work", op.now)
        return {"ids": ledger.accrue(op, book.issuer, [accrual], activity=activity)}

    activity = ledger.Activity(TODAY, ZONE, 6)
    book.do(work).result()
    assert book.spendable() == 5


# What is set aside


def test_one_point_that_was_set_aside_is_free_when_its_time_is_over(holder: Holder) -> None:
    holder.accrue(1)
    holder.place(1)
    assert holder.time_out(WEEK - timedelta(microseconds=1)) == []
    assert holder.time_out(WEEK) == [1]
    assert holder.balance() == (1, 0)
    holder.redeem(1).result()


def test_a_part_is_captured_from_the_earliest_expiry_whichever_lot_was_first(
    holder: Holder,
) -> None:
    holder.accrue(10, LATER)
    holder.accrue(10, SOON)
    hold = holder.place(15)
    holder.capture(hold, 11)
    assert holder.lots() == {SOON: 0, LATER: 9}
    assert holder.drifts() == []


def test_overdue_holds_of_one_wallet_are_no_matter_of_another(holder: Holder) -> None:
    other = other_wallet(holder)
    holder.accrue(5)
    holder.accrue(5, wallet=other)
    holder.place(5)
    holder.place(5, wallet=other)
    assert holder.time_out(WEEK, wallets=1) == [1, 1]
    assert holder.time_out(WEEK, wallets=1) == []
    with holder.acting() as act:
        assert ledger.count_overdue(act.session, WEEK) == 0


def test_overdue_holds_are_counted_from_the_moment_on_that_they_end(holder: Holder) -> None:
    holder.accrue(2)
    first, _ = holder.place(1), holder.place(1, WEEK + DAY)
    with holder.acting() as act:
        moments = (WEEK - timedelta(microseconds=1), WEEK, WEEK + DAY)
        assert [ledger.count_overdue(act.session, moment) for moment in moments] == [0, 1, 2]
    holder.release(first)
    with holder.acting() as act:
        assert ledger.count_overdue(act.session, WEEK + DAY) == 1


def test_the_hold_of_the_very_first_account_is_ended_too(acting: Acting) -> None:
    with acting() as act:
        wallet = ledger.open_account(act.session, ledger.WALLET, "first", 1).id
    holder = Holder(acting)
    assert wallet == 1
    holder.accrue(5, wallet=wallet)
    holder.place(5, wallet=wallet)
    assert holder.time_out(WEEK) == [1]


# What is told


def test_debts_are_those_of_the_wallet_that_is_asked_for(book: Book) -> None:
    other = other_wallet(book)
    awards = [book.accrue(4), book.accrue(6, wallet=other)]
    book.redeem(4).result()
    book.do(
        lambda op: {"id": ledger.redeem(op, other, book.shop, 6, today=TODAY, reason="tea")}
    ).result()
    for award in awards:
        book.take_back(award, ledger.WhenSpent.OWE)
    with book.acting() as act:
        for wallet, amount in ((book.wallet, 4), (other, 6)):
            assert [debt.amount for debt in ledger.debts(act.session, wallet)] == [amount]
            assert ledger.owed(act.session, wallet) == amount


def forecast(book: Book, today: date, now: datetime = START) -> ledger.Forecast:
    with book.acting() as act:
        wallets = select(ledger.Account.id).where(ledger.Account.kind == ledger.WALLET)
        return ledger.forecast(act.session, wallets, today=today, now=now)


def test_a_forecast_names_no_day_on_which_nothing_ends(sweeper: Sweeper) -> None:
    sweeper.accrue(3, SOON)
    sweeper.accrue(4, LATER)
    sweeper.redeem(3).result()
    assert forecast(sweeper, TODAY) == ledger.Forecast([ledger.Dated(LATER, 4)], 0)
    assert forecast(sweeper, LATER).dated == [ledger.Dated(LATER, 4)]
    assert forecast(sweeper, LATER + DAY).dated == []


def test_all_that_ends_on_a_day_is_forecast_though_a_hold_keeps_it_that_is_over(
    holder: Holder,
) -> None:
    holder.accrue(3, SOON)
    holder.place(3, WEEK)
    assert forecast(holder, TODAY, WEEK - DAY) == ledger.Forecast([], 3)
    assert forecast(holder, TODAY, WEEK) == ledger.Forecast([ledger.Dated(SOON, 3)], 0)
    assert forecast(holder, SOON, WEEK) == ledger.Forecast([ledger.Dated(SOON, 3)], 0)
    assert forecast(holder, SOON + DAY, WEEK) == ledger.Forecast([], 0)


def test_points_are_shown_in_a_list_and_can_be_taken_back_through_their_last_day(
    book: Book,
) -> None:
    first = book.accrue(10, TODAY)
    book.redeem(10).result()
    book.accrue(7, SOON)
    with book.acting() as act:
        for day, free in ((SOON, 7), (SOON + DAY, 0)):
            column = ledger.spendable_column(ledger.Account.id, day)
            listed = dict(act.session.execute(select(ledger.Account.id, column)).all())
            assert listed[book.wallet] == free
            assert ledger.takeable(act.session, [first], day, now=act.now) == {first: free}


def test_a_line_names_who_was_on_the_other_side(book: Book) -> None:
    book.accrue(2)
    book.redeem(1).result()
    with book.acting() as act:
        lines = ledger.statement(act.session, book.wallet).lines
    assert [(line.change, line.other) for line in lines] == [(-1, "shop"), (2, "issuer")]


def test_a_page_that_holds_all_there_is_leads_no_further(book: Book) -> None:
    for amount in (1, 2):
        book.accrue(amount)
    with book.acting() as act:
        pages = [ledger.statement(act.session, book.wallet, size=size) for size in (1, 2, 3)]
    assert [(len(page.lines), page.before) for page in pages] == [(1, 2), (2, None), (2, None)]


def test_what_is_set_aside_ends_just_before_the_moment_that_is_its_end(holder: Holder) -> None:
    holder.accrue(1)
    holder.place(1, WEEK)
    with holder.acting() as act:
        [kept] = ledger.set_aside(act.session, holder.wallet, act.now)
    assert WEEK - kept.last_moment == timedelta(microseconds=1)


def test_an_entry_in_another_wallet_s_lot_is_found_by_its_transfer(
    book: Book, database: Database
) -> None:
    book.accrue(5)
    book.accrue(5, wallet=other_wallet(book))
    moved = "UPDATE lot_entry SET lot_id = 2 WHERE transfer_id = 1"
    assert found_after(database, moved) == {"lot", "lot entries of transfer"}


def test_verifying_tells_how_far_it_is_from_the_beginning_to_the_end(
    acting: Acting, book: Book, database: Database
) -> None:
    sealed.fill(acting, book, 3 * len(CHECKS))
    sealed.seal(database)
    told: list[tuple[int, int]] = []
    with book.acting() as act:
        assert list(ledger.verify(act.session, progress=lambda *so_far: told.append(so_far))) == []
    [whole] = {whole for _, whole in told}
    assert told[0] == (0, whole) and told[-1] == (whole, whole)
    # A step for each check of the sums, then the seals.
    assert len({done for done, _ in told}) > len(CHECKS)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_asked_of_some_wallets_is_theirs_alone(book: Book) -> None:
    other = other_wallet(book)
    book.accrue(4)
    book.accrue(6, SOON, wallet=other)
    with book.acting() as act:
        now = act.now
        assert ledger.spendable_of(act.session, [other], TODAY, now=now) == {other: 6}
        assert ledger.spendable_of(act.session, [other], SOON, now=now) == {other: 6}
        assert ledger.spendable_of(act.session, [other], SOON + DAY, now=now).get(other, 0) == 0
        assert ledger.dated(act.session, other, TODAY) == [ledger.Dated(SOON, 6)]
        lots = act.session.scalars(select(Lot.account_id).order_by(Lot.account_id)).all()
    assert lots == sorted([book.wallet, other])


# Seals and archives


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of four leaves, so that few transfers make a tree of several levels."""
    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_BITS", 2)


def test_tiles_above_tiles_are_held_against_those_below(
    acting: Acting, book: Book, database: Database, small_tiles: None
) -> None:
    sealed.fill(acting, book, 70)
    sealed.seal(database)
    assert book.drifts() == []
    for tampering in (
        "DELETE FROM seal_tile WHERE level = 2",
        "UPDATE seal_tile SET root = hashes WHERE level = 2",
        "UPDATE seal_tile SET hashes = root WHERE level = 2",
        "UPDATE seal_tile SET root = hashes WHERE level = 1 AND number = 3",
    ):
        assert "tile" in found_after(database, tampering), tampering


def test_a_branch_whose_tiles_are_gone_is_missed_and_not_made_up(
    acting: Acting, book: Book, database: Database, small_tiles: None
) -> None:
    sealed.fill(acting, book, 34)
    sealed.seal(database)
    with Session(database.engine) as session:
        assert len(tiles.Tiles(session, 8, []).root(32)) == 32
    unfrozen(database, "DELETE FROM seal_tile WHERE level = 1")
    with Session(database.engine) as session, pytest.raises(tiles.Missing):
        tiles.Tiles(session, 8, []).root(32)


def test_a_tail_that_lacks_one_leaf_of_a_tile_is_proven_too(
    acting: Acting, book: Book, database: Database, small_tiles: None
) -> None:
    sealed.fill(acting, book, 7)
    assert sealed.seal(database) is not None
    for transfer in range(1, 8):
        assert checked(database, transfer).size == 7


def test_how_far_an_archive_is_read_is_told(old: Book, database: Database, tmp_path: Path) -> None:
    with Session(database.engine) as session:
        stretch = detaching.due(session, DECEMBER)
        assert stretch.size == 8
        written: list[tuple[int, int]] = []
        detaching.write(
            session,
            stretch,
            tmp_path / "a",
            DECEMBER,
            lambda done, whole: written.append((done, whole)),
        )
    assert written[-1] == (8, 8)
    read: list[int] = []
    file.read(tmp_path / "a", None, read.append)
    assert read == list(range(1, 9))


def test_a_transfer_that_left_and_is_here_again_is_found(
    old: Book, database: Database, tmp_path: Path
) -> None:
    written(database, tmp_path / "a")
    detached(database, tmp_path / "a")
    with old.acting() as act:
        assert ledger.verification.figures(act.session).archived == 8
    back = (
        "INSERT INTO transfer (id, operation_id, kind, debit_id, credit_id, amount, happened_at, "
        "recorded_at, reason) SELECT 8, operation_id, kind, debit_id, credit_id, amount, "
        "happened_at, recorded_at, reason FROM transfer WHERE id = 9"
    )
    assert "archived transfer" in found_after(database, back)


def test_a_debt_for_the_last_transfer_that_left_is_no_drift(
    book: Book,
    database: Database,
    clock: FakeClock,
    tmp_path: Path,
    small_tiles: None,
) -> None:
    awards = [book.accrue(1, LATER) for _ in range(8)]
    book.redeem(8).result()
    assert book.take_back(awards[-1], ledger.WhenSpent.OWE) == {"taken": 0, "owed": 1}
    clock.now = DECEMBER
    for _ in range(4):
        book.accrue(1, LATER)
    sealed.seal(database)
    written(database, tmp_path / "a")
    assert detached(database, tmp_path / "a").last_id == awards[-1]
    assert book.drifts() == []
