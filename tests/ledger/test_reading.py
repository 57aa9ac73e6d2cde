"""What is read of wallets, beside balances and statements."""

from datetime import timedelta

from sqlalchemy import select

from rewards import ledger
from rewards.ledger.model import Account
from tests.ledger.book import LATER, SOON, TODAY, Book


def test_spendable_points_stand_beside_each_row_of_a_list(book: Book) -> None:
    with book.acting() as act:
        empty = ledger.open_account(act.session, ledger.WALLET, "empty", 1).id
    book.accrue(20, SOON)
    book.accrue(5, LATER)
    after = SOON + timedelta(days=1)
    for today, there in ((TODAY, 25), (after, 5)):
        column = ledger.spendable_column(Account.id, today)
        with book.acting() as act:
            rows = act.session.execute(
                select(Account.id, column).where(Account.kind == ledger.WALLET)
            )
            assert dict(tuple(row) for row in rows) == {book.wallet: there, empty: 0}


def test_what_is_set_aside_until_midnight_is_so_through_the_day_before(book: Book) -> None:
    book.accrue(20)
    with book.acting() as act:
        midnight = act.now.replace(hour=0, minute=0) + timedelta(days=2)
    book.do(
        lambda op: {
            "id": ledger.place(
                op, book.wallet, book.shop, 8, today=TODAY, until=midnight, reason="visit"
            )
        }
    ).result()
    with book.acting() as act:
        [aside] = ledger.set_aside(act.session, book.wallet, act.now)
        assert ledger.set_aside(act.session, book.wallet, midnight) == []
    assert (aside.amount, aside.to, aside.reason) == (8, "shop", "visit")
    assert aside.last_moment.date() == midnight.date() - timedelta(days=1)


def test_an_award_is_taken_back_from_its_lot_of_any_date_and_from_what_is_spendable(
    book: Book,
) -> None:
    past, other = book.accrue(10, SOON), book.accrue(7, LATER)
    after = SOON + timedelta(days=1)
    with book.acting() as act:
        assert ledger.takeable(act.session, [past, other], TODAY, now=act.now) == {
            past: 17,
            other: 17,
        }
        assert ledger.takeable(act.session, [past, other], after, now=act.now) == {
            past: 17,
            other: 7,
        }


def test_debts_say_what_for_and_come_to_what_is_owed(book: Book) -> None:
    first, second = book.accrue(10), book.accrue(5)
    book.redeem(15).result()
    for award in (first, second):
        assert book.take_back(award, ledger.WhenSpent.OWE)["taken"] == 0
    with book.acting() as act:
        debts = ledger.debts(act.session, book.wallet)
        assert [(debt.amount, debt.reason, debt.recorded_at) for debt in debts] == [
            (5, "wrong", act.now),
            (10, "wrong", act.now),
        ]
        assert ledger.owed(act.session, book.wallet) == 15
        assert ledger.owed(act.session, book.shop) == 0
        assert ledger.reversed_amounts(act.session, [first, second]) == {first: 10, second: 5}
        assert ledger.reversed_amount(act.session, 999_999) == 0
        assert len(ledger.statement(act.session, book.wallet).lines) == 3
    assert book.drifts() == []
