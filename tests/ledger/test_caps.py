"""A wallet owns no more than its limit: what doesn't fit is trimmed off or refused."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from rewards import ledger
from tests.ledger.book import LATER, SOON, TODAY, Book

Given, TRIM, REFUSE = ledger.Given, ledger.WhenFull.TRIM, ledger.WhenFull.REFUSE


def accrue(
    book: Book, *amounts: int, limit: int = 100, when_full=TRIM, today=TODAY, to=(), key=None
) -> list[ledger.Given]:
    """Accrue the amounts in one act, to the book's wallet or to those of *to*, one each."""
    wallets = to or [book.wallet] * len(amounts)
    given: list[ledger.Given] = []

    def work(op: ledger.Operation):
        accruals = [
            ledger.Accrual(wallet, amount, LATER, "work", op.now)
            for wallet, amount in zip(wallets, amounts, strict=True)
        ]
        most = ledger.Limit(limit, when_full, today)
        given.extend(ledger.accrue_within(op, book.issuer, accruals, most))
        return {}

    book.do(work, key).result()
    return given


def amounts(given: list[ledger.Given]) -> list[int]:
    return [one.amount for one in given]


def test_what_fits_is_given_and_the_rest_trimmed_off(book: Book) -> None:
    assert amounts(accrue(book, 70)) == [70]
    assert amounts(accrue(book, 30)) == [30]
    assert book.spendable() == 100
    assert book.drifts() == []


def test_more_than_the_room_is_trimmed_to_it(book: Book) -> None:
    book.accrue(70)
    [given] = accrue(book, 40)
    assert given.amount == 30
    with book.acting() as act:
        line = ledger.statement(act.session, book.wallet).lines[0]
    assert (line.transfer_id, line.change) == (given.transfer_id, 30)
    assert book.drifts() == []


@pytest.mark.parametrize("already", [100, 130])
def test_a_full_wallet_gets_nothing_and_no_transfer(book: Book, already: int) -> None:
    book.accrue(already)
    assert accrue(book, 1) == [Given(None, 0)]
    assert book.spendable() == already
    with book.acting() as act:
        assert len(ledger.statement(act.session, book.wallet).lines) == 1


def test_several_awards_in_one_act_share_the_room_in_their_order(book: Book) -> None:
    given = accrue(book, 60, 60, 60)
    assert amounts(given) == [60, 40, 0]
    assert [one.transfer_id is None for one in given] == [False, False, True]
    assert book.lots() == {LATER: 100}
    assert book.drifts() == []


def test_points_past_their_date_take_no_room_though_no_job_ran(book: Book) -> None:
    book.accrue(70, SOON)
    assert amounts(accrue(book, 50, today=SOON)) == [30]
    assert amounts(accrue(book, 90, today=SOON + timedelta(days=1))) == [70]
    assert book.drifts() == []


def test_what_is_held_takes_room(book: Book) -> None:
    book.accrue(60)

    def set_aside(op: ledger.Operation):
        until = op.now + timedelta(hours=1)
        return {
            "id": ledger.place(
                op, book.wallet, book.shop, 50, today=TODAY, until=until, reason="visit"
            )
        }

    book.do(set_aside).result()
    assert book.spendable() == 10
    assert amounts(accrue(book, 80)) == [40]
    assert book.drifts() == []


def test_what_is_spent_makes_room_and_a_void_is_never_trimmed(book: Book) -> None:
    book.accrue(100)
    spent = book.redeem(40).result()["id"]
    assert amounts(accrue(book, 50)) == [40]
    book.give_back(spent).result()
    assert book.spendable() == 140
    assert book.drifts() == []


def test_by_the_other_policy_all_are_refused_and_the_full_wallets_named(book: Book) -> None:
    with book.acting() as act:
        empty, other = ledger.open_wallets(act.session, ["empty", "other"], 1)
    book.accrue(90)
    book.accrue(100, wallet=other)
    with pytest.raises(ledger.WalletFull) as refusal:
        accrue(book, 5, 20, 1, when_full=REFUSE, to=[empty, book.wallet, other])
    assert refusal.value.facts == {
        "room": 10,
        "wallets": [book.wallet, other],
        "rooms": [10, 0],
    }
    with book.acting() as act:
        assert ledger.spendable(act.session, empty, TODAY) == 0
    assert amounts(accrue(book, 5, 10, when_full=REFUSE, to=[empty, book.wallet])) == [5, 10]
    assert book.drifts() == []


def test_a_refusal_of_several_says_the_room_that_there_was(book: Book) -> None:
    with pytest.raises(ledger.WalletFull) as refusal:
        accrue(book, 60, 60, when_full=REFUSE)
    assert refusal.value.facts["room"] == 40
    assert book.spendable() == 0


@pytest.mark.parametrize("amount", [0, -1, 2**53])
def test_an_amount_that_is_no_amount_is_refused_rather_than_trimmed(
    book: Book, amount: int
) -> None:
    with pytest.raises(ledger.BadAmount):
        accrue(book, amount)


def test_awards_at_the_same_time_share_the_room(book: Book) -> None:
    together, given = Barrier(4), []

    def award(key: str) -> None:
        together.wait()
        given.extend(amounts(accrue(book, 40, key=key)))

    threads = [Thread(target=award, args=[f"award-{i}"]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [0, 20, 40, 40]
    assert book.spendable() == 100
    assert book.drifts() == []
