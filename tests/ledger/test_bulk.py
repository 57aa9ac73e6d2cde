"""Many awards in one act: as one would be, in as many statements as one needs."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from rewards import ledger
from rewards.ledger.model import Lot, Transfer
from tests.ledger.book import LATER, SOON, TODAY, Book

MANY = 1200


@pytest.fixture
def wallets(book: Book) -> list[int]:
    with book.acting() as act:
        return ledger.open_wallets(act.session, [f"w{i}" for i in range(MANY)], 1)


def accrue(book: Book, wallets: list[int], amount: int = 5, expires_on: date = SOON) -> list[int]:
    ids: list[int] = []

    def work(op: ledger.Operation):
        accruals = [
            ledger.Accrual(wallet, amount, expires_on, f"for {wallet}", op.now)
            for wallet in wallets
        ]
        ids.extend(ledger.accrue(op, book.issuer, accruals))
        return {}

    book.do(work).result()
    return ids


def test_each_gets_its_own_transfer_lot_and_balance_in_the_order_given(
    book: Book, wallets: list[int]
) -> None:
    backwards = wallets[::-1]
    ids = accrue(book, backwards)
    with book.acting() as act:
        rows = act.session.execute(
            select(Transfer.id, Transfer.credit_id, Transfer.reason).order_by(Transfer.id)
        ).all()
        assert [tuple(row) for row in rows] == [
            (transfer_id, wallet, f"for {wallet}")
            for transfer_id, wallet in zip(ids, backwards, strict=True)
        ]
        assert ledger.spendable_of(act.session, wallets, TODAY) == dict.fromkeys(wallets, 5)
        assert ledger.posted(act.session, book.issuer) == -5 * MANY
    assert book.drifts() == []


def test_a_second_act_adds_to_the_lots_of_the_first(book: Book, wallets: list[int]) -> None:
    accrue(book, wallets)
    accrue(book, wallets, 7)
    accrue(book, wallets, 2, LATER)
    with book.acting() as act:
        lots = act.session.execute(select(Lot.expires_on, Lot.remaining)).all()
    assert sorted(map(tuple, lots)) == sorted([(SOON, 12), (LATER, 2)] * MANY)
    assert book.drifts() == []


def test_many_of_one_wallet_are_one_lot_and_one_balance(book: Book) -> None:
    ids = accrue(book, [book.wallet] * 500, 2)
    assert len(set(ids)) == 500
    assert book.lots() == {SOON: 1000}
    assert book.drifts() == []


def test_the_number_of_statements_does_not_grow_with_the_awards(
    book: Book, wallets: list[int]
) -> None:
    with book.acting() as act:
        statements: list[str] = []
        engine = act.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    accrue(book, wallets[:1])
    for_one = len(statements)
    accrue(book, wallets)
    assert len(statements) == 2 * for_one


def test_no_one_is_awarded_if_one_of_many_cannot_be(book: Book, wallets: list[int]) -> None:
    with book.acting() as act:
        stranger = ledger.open_account(act.session, ledger.WALLET, "stranger", 2).id
    with pytest.raises(ledger.ForeignAccount):
        accrue(book, [*wallets, stranger])
    with pytest.raises(ledger.UnknownAccount):
        accrue(book, [*wallets, 999_999])
    with book.acting() as act:
        assert ledger.spendable_of(act.session, wallets, TODAY) == {}
        assert act.session.scalars(select(Transfer.id)).all() == []


def test_the_limit_is_each_wallets_own(book: Book, wallets: list[int]) -> None:
    accrue(book, wallets[::2], 80)
    given: list[ledger.Given] = []

    def work(op: ledger.Operation):
        accruals = [ledger.Accrual(w, 50, SOON, "work", op.now) for w in wallets]
        limit = ledger.Limit(100, ledger.WhenFull.TRIM, TODAY)
        given.extend(ledger.accrue_within(op, book.issuer, accruals, limit))
        return {}

    book.do(work).result()
    assert [one.amount for one in given] == [20, 50] * (MANY // 2)
    assert book.drifts() == []


def test_words_of_any_kind_arrive_as_they_are(book: Book) -> None:
    reasons = ["清扫\t'\"\\\n", "{}[],:", "𠮷野家 100%", "%s %(x)s :name"]

    def work(op: ledger.Operation):
        accruals = [ledger.Accrual(book.wallet, 1, SOON, reason, op.now) for reason in reasons]
        ledger.accrue(op, book.issuer, accruals)
        return {}

    book.do(work).result()
    with book.acting() as act:
        lines = ledger.statement(act.session, book.wallet).lines
        assert [line.reason for line in lines[::-1]] == reasons
        assert lines[0].happened_at == act.now
        assert lines[0].recorded_at - act.now == timedelta(0)
