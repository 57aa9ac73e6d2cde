"""Points move once, conserve, take the earliest expiry first and go back where they were."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import Act, Actor
from rewards.ledger.model import Account
from tests.conftest import Database, FakeClock
from tests.ledger.book import LATER, SOON, TODAY, Book


def test_the_earliest_expiry_is_spent_first(book: Book) -> None:
    book.accrue(30, LATER)
    book.accrue(20, SOON)
    book.redeem(25).result()
    assert book.lots() == {SOON: 0, LATER: 25}
    assert book.drifts() == []


def test_points_past_their_date_are_not_spendable_though_no_job_ran(book: Book) -> None:
    book.accrue(20, SOON)
    book.accrue(5, LATER)
    the_day_after = SOON + timedelta(days=1)
    assert book.spendable(SOON) == 25
    assert book.spendable(the_day_after) == 5
    with pytest.raises(ledger.NotEnoughPoints) as refusal:
        book.redeem(6, today=the_day_after).result()
    assert refusal.value.facts == {"missing": 1}


def test_too_little_says_how_much_is_missing_and_takes_nothing(book: Book) -> None:
    book.accrue(20)
    with pytest.raises(ledger.NotEnoughPoints) as refusal:
        book.redeem(50).result()
    assert refusal.value.facts == {"missing": 30}
    assert book.spendable() == 20
    assert book.drifts() == []


def test_a_repeat_answers_what_the_first_answered(book: Book) -> None:
    book.accrue(20)
    first = book.redeem(5, key="one-tap")
    again = book.redeem(5, key="one-tap")
    assert again.replayed and not first.replayed
    assert again.result() == first.result()
    assert book.spendable() == 15


def test_a_refusal_is_remembered_under_its_key(book: Book) -> None:
    refused = book.redeem(5, key="too-early")
    book.accrue(20)
    again = book.redeem(5, key="too-early")
    assert again.replayed
    for answer in (refused, again):
        with pytest.raises(ledger.NotEnoughPoints) as refusal:
            answer.result()
        assert refusal.value.facts == {"missing": 5}
    assert book.spendable() == 20


def test_a_key_used_for_something_else_is_a_conflict_without_effect(book: Book) -> None:
    book.accrue(20)
    book.redeem(5, key="one-tap").result()
    with pytest.raises(ledger.KeyReused):
        book.redeem(6, key="one-tap")
    assert book.spendable() == 15


def test_a_key_belongs_to_its_actor(book: Book, database: Database, clock: FakeClock) -> None:
    book.do(lambda op: {}, "mine")
    with Session(database.engine) as session, pytest.raises(ledger.KeyReused):
        ledger.once(Act(session, Actor("staff", 9), clock()), book.scope, "mine", {}, lambda op: {})


def test_a_crash_leaves_no_claim_behind(book: Book) -> None:
    book.accrue(20)

    def crash(op: ledger.Operation):
        ledger.redeem(op, book.wallet, book.shop, 5, today=TODAY, reason="tea")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        book.do(crash, "retried", {"amount": 5})
    assert book.spendable() == 20
    book.redeem(5, key="retried").result()
    assert book.spendable() == 15
    assert book.drifts() == []


def test_a_void_restores_exactly_the_lots_that_were_taken(book: Book) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    before = book.lots()
    spent = book.redeem(15).result()["id"]
    assert book.lots() == {SOON: 0, LATER: 5}
    book.give_back(spent).result()
    assert book.lots() == before
    assert book.drifts() == []


def test_a_partial_refund_restores_the_latest_expiry_first(book: Book) -> None:
    book.accrue(10, SOON)
    book.accrue(10, LATER)
    spent = book.redeem(15).result()["id"]
    book.give_back(spent, 7).result()
    assert book.lots() == {SOON: 2, LATER: 10}
    book.give_back(spent, 8).result()
    assert book.lots() == {SOON: 10, LATER: 10}
    assert book.drifts() == []


def test_partial_reversals_never_exceed_the_original(book: Book) -> None:
    book.accrue(20)
    spent = book.redeem(10).result()["id"]
    book.give_back(spent, 6).result()
    with pytest.raises(ledger.AlreadyReversed):
        book.give_back(spent, 5).result()
    book.give_back(spent).result()
    with pytest.raises(ledger.AlreadyReversed):
        book.give_back(spent).result()
    assert book.spendable() == 20
    assert book.drifts() == []


def test_an_undoing_cannot_be_undone(book: Book) -> None:
    award = book.accrue(20)
    spent = book.redeem(10).result()["id"]
    undone = book.give_back(spent).result()["id"]
    for wrong in (undone, award, 999_999):
        with pytest.raises(ledger.NotReversible):
            book.give_back(wrong).result()
    with pytest.raises(ledger.NotReversible):
        book.take_back(spent)


def test_an_award_is_taken_back_from_its_own_lot_first(book: Book) -> None:
    book.accrue(10, SOON)
    wrong = book.accrue(10, LATER)
    assert book.take_back(wrong) == {"taken": 10, "owed": 0}
    assert book.lots() == {SOON: 10, LATER: 0}
    assert book.drifts() == []


def test_an_award_whose_points_were_spent_is_refused_by_policy(book: Book) -> None:
    wrong = book.accrue(10)
    book.redeem(4).result()
    with pytest.raises(ledger.AlreadySpent) as refusal:
        book.take_back(wrong)
    assert refusal.value.facts == {"missing": 4}
    assert book.spendable() == 6
    assert book.drifts() == []


def test_or_what_is_there_is_taken_and_the_rest_recorded_as_owed(book: Book) -> None:
    wrong = book.accrue(10)
    book.redeem(4).result()
    assert book.take_back(wrong, ledger.WhenSpent.OWE) == {"taken": 6, "owed": 4}
    assert book.spendable() == 0
    with book.acting() as act:
        assert ledger.owed(act.session, book.wallet) == 4
    with pytest.raises(ledger.AlreadyReversed):
        book.take_back(wrong, ledger.WhenSpent.OWE)
    assert book.drifts() == []


@pytest.mark.parametrize("amount", [0, -1, 2**53, True, 1.5])
def test_an_amount_that_is_no_amount_is_refused(book: Book, amount) -> None:
    book.accrue(20)
    with pytest.raises(ledger.BadAmount):
        book.redeem(amount).result()
    with pytest.raises(ledger.BadAmount):
        book.accrue(amount)
    spent = book.redeem(5).result()["id"]
    with pytest.raises(ledger.BadAmount):
        book.give_back(spent, amount).result()
    assert book.spendable() == 15


def test_points_of_another_programme_are_not_the_same(book: Book) -> None:
    with book.acting() as act:
        stranger = ledger.open_account(act.session, ledger.WALLET, "stranger", 2).id
    with pytest.raises(ledger.ForeignAccount):
        book.accrue(5, wallet=stranger)
    with pytest.raises(ledger.UnknownAccount):
        book.accrue(5, wallet=999_999)


def test_accounts_that_are_not_there_take_no_part(book: Book) -> None:
    book.accrue(5)
    nobody = 999_999

    def from_nobody(op: ledger.Operation):
        accrual = ledger.Accrual(book.wallet, 5, SOON, "work", op.now)
        return {"ids": ledger.accrue(op, nobody, [accrual])}

    def to_nobody(op: ledger.Operation):
        return {"id": ledger.redeem(op, book.wallet, nobody, 5, today=TODAY, reason="tea")}

    for work in (from_nobody, to_nobody):
        with pytest.raises(ledger.UnknownAccount):
            book.do(work).result()
    assert book.spendable() == 5
    assert book.drifts() == []


def test_no_wallets_are_opened_for_nobody(book: Book) -> None:
    with book.acting() as act:
        before = act.session.scalar(select(func.count()).select_from(Account))
        assert ledger.open_wallets(act.session, [], 1) == []
        assert act.session.scalar(select(func.count()).select_from(Account)) == before


def test_many_awards_in_one_act_are_all_or_none(book: Book) -> None:
    with book.acting() as act:
        wallets = ledger.open_wallets(act.session, [f"w{i}" for i in range(1200)], 1)

    def accruals(op: ledger.Operation, bad: int) -> list[ledger.Accrual]:
        return [
            ledger.Accrual(w, bad if w == wallets[-1] else 5, SOON, "clean-up", op.now)
            for w in wallets
        ]

    with pytest.raises(ledger.BadAmount):
        book.do(lambda op: {"n": len(ledger.accrue(op, book.issuer, accruals(op, 0)))}).result()
    with book.acting() as act:
        assert ledger.spendable_of(act.session, wallets, TODAY) == {}
    ids: list[int] = []
    book.do(lambda op: {"n": ids.extend(ledger.accrue(op, book.issuer, accruals(op, 7)))})
    with book.acting() as act:
        totals = ledger.spendable_of(act.session, wallets, TODAY)
        assert totals == dict.fromkeys(wallets[:-1], 5) | {wallets[-1]: 7}
        for wallet, transfer_id in zip(wallets[:3], ids, strict=False):
            assert ledger.statement(act.session, wallet).lines[0].transfer_id == transfer_id
        assert ledger.posted(act.session, book.issuer) == -(5 * 1199 + 7)
    assert book.drifts() == []


def test_two_awards_to_one_wallet_in_one_act_share_its_lot(book: Book) -> None:
    def work(op: ledger.Operation):
        one = ledger.Accrual(book.wallet, 5, SOON, "a", op.now)
        two = ledger.Accrual(book.wallet, 6, SOON, "b", op.now)
        return {"ids": ledger.accrue(op, book.issuer, [one, two])}

    book.do(work).result()
    assert book.lots() == {SOON: 11}
    assert book.drifts() == []


def test_a_statement_is_read_by_pages_without_gap_or_repeat(book: Book) -> None:
    for _ in range(5):
        book.accrue(10)
        book.redeem(3).result()
    with book.acting() as act:
        seen: list[int] = []
        before = None
        while True:
            page = ledger.statement(act.session, book.wallet, before=before, size=3)
            seen += [line.change for line in page.lines]
            before = page.before
            if before is None:
                break
    assert seen == [-3, 10] * 5


def test_what_expires_when_sums_to_what_can_be_spent(book: Book) -> None:
    book.accrue(10, LATER)
    book.accrue(20, ledger.NEVER)
    book.accrue(5, SOON)
    with book.acting() as act:
        parts = ledger.dated(act.session, book.wallet, TODAY)
    assert [(d.expires_on, d.amount) for d in parts] == [
        (SOON, 5),
        (LATER, 10),
        (ledger.NEVER, 20),
    ]
    assert sum(d.amount for d in parts) == book.spendable()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE transfer SET amount = 1000",
        "DELETE FROM transfer",
        "UPDATE lot_entry SET change = 1",
        "DELETE FROM lot_entry",
        "UPDATE operation SET answer = '{}'",
        "DELETE FROM operation",
    ],
)
def test_the_database_refuses_to_change_history(
    book: Book, database: Database, tampering: str
) -> None:
    book.accrue(10)
    with database.engine.connect() as connection, pytest.raises(DatabaseError, match="never"):
        connection.execute(text(tampering))


@pytest.mark.parametrize(
    ("tampering", "what"),
    [
        ("UPDATE balance SET posted = posted + 1", {"balance", "lots of wallet"}),
        ("UPDATE lot SET remaining = remaining + 1", {"lot", "lots of wallet"}),
    ],
)
def test_verify_finds_what_the_transfers_do_not_bear_out(
    book: Book, tampering: str, what: set[str]
) -> None:
    book.accrue(10)
    with book.acting() as act:
        act.session.execute(text(tampering))
    assert {drift.what for drift in book.drifts()} == what


@pytest.mark.parametrize("column", ["posted = -1", "held = 11"])
def test_the_database_keeps_the_floor_under_a_wallet(
    book: Book, database: Database, column: str
) -> None:
    book.accrue(10)
    with database.engine.connect() as connection, pytest.raises(DatabaseError, match="floor"):
        connection.execute(text(f"UPDATE balance SET {column}"))
