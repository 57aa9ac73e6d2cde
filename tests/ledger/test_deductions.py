"""Points taken for what was done: never below zero, and given back if that was a mistake."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rewards import ledger
from rewards.ledger.model import Account
from tests.conftest import Acting, FakeClock
from tests.ledger.book import LATER, SOON, TODAY, Book
from tests.ledger.test_holds import WEEK, Holder


def deduct(
    book: Book, amount: int, *, owe: bool = False, today: date = TODAY, key: str | None = None
) -> ledger.Deducted:
    def work(op: ledger.Operation):
        done = ledger.deduct(
            op,
            book.wallet,
            book.issuer,
            amount,
            today=today,
            happened_at=op.now,
            reason="litter",
            owe=owe,
        )
        return vars(done)

    return ledger.Deducted(**book.do(work, key, {"amount": amount}).result())


def restore(
    book: Book, deducted: ledger.Deducted, *, today: date = TODAY, grace_days: int = 0
) -> ledger.Answer:
    return book.do(
        lambda op: {
            "id": ledger.restore(op, deducted, today=today, reason="mistake", grace_days=grace_days)
        }
    )


def owed(book: Book) -> int:
    with book.acting() as act:
        return ledger.owed(act.session, book.wallet)


def test_the_earliest_expiry_goes_first_and_comes_back(book: Book) -> None:
    book.accrue(10, LATER)
    book.accrue(10, SOON)
    done = deduct(book, 12)
    assert (done.taken, done.owed, done.owed_id) == (12, 0, None)
    assert book.lots() == {SOON: 0, LATER: 8}
    with book.acting() as act:
        [line] = ledger.statement(act.session, book.wallet, size=1).lines
        assert (line.kind, line.change, line.reason) == (ledger.DEDUCTION, -12, "litter")
    undone = restore(book, done).result()
    assert book.lots() == {SOON: 10, LATER: 10}
    with book.acting() as act:
        [line] = ledger.statement(act.session, book.wallet, size=1).lines
        assert (line.transfer_id, line.reverses_id) == (undone["id"], done.transfer_id)
    assert book.drifts() == []


def test_it_takes_what_is_there_and_never_more(book: Book) -> None:
    book.accrue(5)
    done = deduct(book, 20)
    assert (done.taken, done.owed) == (5, 0)
    assert book.spendable() == owed(book) == 0
    again = deduct(book, 20)
    assert (again.transfer_id, again.taken, again.owed) == (None, 0, 0)
    assert book.drifts() == []


def test_what_is_missing_is_owed_where_that_is_the_rule(book: Book) -> None:
    book.accrue(5)
    done = deduct(book, 20, owe=True)
    assert (done.taken, done.owed) == (5, 15)
    nothing = deduct(book, 7, owe=True)
    assert (nothing.transfer_id, nothing.owed) == (None, 7)
    with book.acting() as act:
        assert [d.amount for d in ledger.debts(act.session, book.wallet)] == [7, 15]
    book.accrue(30)
    assert book.spendable() == 30, "a debt takes nothing by itself"
    restore(book, done).result()
    assert (book.spendable(), owed(book)) == (35, 7)
    assert restore(book, nothing).result() == {"id": None}
    assert owed(book) == 0
    assert book.drifts() == []


def test_it_is_given_back_once(book: Book) -> None:
    book.accrue(20)
    done = deduct(book, 20)
    restore(book, done).result()
    with pytest.raises(ledger.AlreadyReversed):
        restore(book, done).result()
    assert book.spendable() == 20
    assert book.drifts() == []


def test_points_past_their_day_are_not_taken_and_come_back_with_grace(book: Book) -> None:
    book.accrue(20, SOON)
    late = SOON + timedelta(days=1)
    assert deduct(book, 5, today=late).taken == 0
    done = deduct(book, 5)
    restore(book, done, today=late, grace_days=7).result()
    assert book.spendable(late) == 5
    assert book.drifts() == []


def test_what_is_set_aside_is_not_taken(book: Book) -> None:
    book.accrue(20)

    def work(op: ledger.Operation):
        until = op.now + timedelta(hours=2)
        ledger.place(op, book.wallet, book.shop, 15, today=TODAY, until=until, reason="tea")
        return {}

    book.do(work).result()
    assert deduct(book, 20).taken == 5
    assert book.drifts() == []


def test_a_repeat_takes_nothing_more(book: Book) -> None:
    book.accrue(20)
    first = deduct(book, 5, key="once")
    assert deduct(book, 5, key="once") == first
    assert book.spendable() == 15


def test_another_kind_is_not_restored(book: Book) -> None:
    award = book.accrue(20)
    spent = book.redeem(5).result()["id"]
    for number in (award, spent):
        with pytest.raises(ledger.NotReversible):
            restore(book, ledger.Deducted(number, 5, None, 0)).result()
    with pytest.raises(ledger.NotReversible):
        book.give_back(deduct(book, 5).transfer_id).result()


def test_a_foreign_issuer_takes_nothing(book: Book) -> None:
    book.accrue(20)
    with book.acting() as act:
        act.session.add(Account(programme_id=2, kind=ledger.ISSUER, name="other"))
        act.session.flush()
    with book.acting() as act:
        other = act.session.query(Account).filter_by(programme_id=2).one().id
    book.issuer = other
    with pytest.raises(ledger.ForeignAccount):
        deduct(book, 5)


def test_a_debt_that_was_let_go_stays_so(book: Book) -> None:
    done = deduct(book, 20, owe=True)
    restore(book, done).result()
    with book.acting() as act, pytest.raises(DatabaseError, match="never changed"):
        act.session.execute(text("DELETE FROM waived"))


@pytest.mark.parametrize("amount", [0, -1, 2**53, True])
def test_an_amount_that_is_no_amount_is_refused(book: Book, amount: int) -> None:
    book.accrue(10)
    with pytest.raises(ledger.BadAmount):
        deduct(book, amount, owe=True)
    assert book.spendable() == 10
    assert owed(book) == 0


def test_what_was_set_aside_and_is_overdue_is_there_to_be_deducted(
    acting: Acting, clock: FakeClock
) -> None:
    holder = Holder(acting)
    holder.accrue(10, LATER)
    holder.place(10)
    assert deduct(holder, 4).taken == 0
    clock.now = WEEK
    assert deduct(holder, 4).taken == 4
    assert holder.balance() == (6, 0)
