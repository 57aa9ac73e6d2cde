"""Points given on: to a neighbour and to a cause, never lasting longer, and back if still there."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from rewards import ledger
from rewards.ledger.checks.gifts import gifts
from rewards.ledger.model import Balance
from tests.conftest import Acting, Database, FakeClock
from tests.ledger.book import LATER, SOON, TODAY, Book
from tests.ledger.test_verify import unfreeze

AFTER = SOON + timedelta(days=1)


class Street(Book):
    """A book with a neighbour's wallet and a cause's account."""

    def __init__(self, acting: Acting) -> None:
        super().__init__(acting)
        with acting() as act:
            self.neighbour = ledger.open_account(act.session, ledger.WALLET, "neighbour", 1).id
            self.cause = ledger.open_account(act.session, ledger.CAUSE, "books", 1).id

    def give(
        self,
        amount: int,
        to: int | None = None,
        *,
        wallet: int | None = None,
        today: date = TODAY,
        limit: int | None = None,
        key: str | None = None,
    ) -> ledger.Answer:
        giver, receiver = wallet or self.wallet, to or self.neighbour

        def work(op: ledger.Operation) -> dict[str, int]:
            return {"id": ledger.give(op, giver, receiver, amount, today=today, limit=limit)}

        return self.do(work, key, {"to": receiver, "amount": amount})

    def undo(self, gift: int, today: date = TODAY) -> ledger.Answer:
        return self.do(lambda op: {"id": ledger.return_gift(op, gift, today=today, reason="slip")})

    def given(self, amount: int, to: int | None = None, **more: Any) -> int:
        return self.give(amount, to, **more).result()["id"]

    def lots_of(self, wallet: int) -> dict[date, int]:
        book = Book.__new__(Book)
        book.acting, book.wallet = self.acting, wallet
        return {day: n for day, n in book.lots().items() if n}

    def posted(self, account: int) -> int:
        with self.acting() as act:
            return ledger.posted(act.session, account)

    def accrue_idle(self, amount: int, today: date = TODAY, months: int = 1) -> None:
        def work(op: ledger.Operation) -> dict[str, int]:
            accrual = ledger.Accrual(self.wallet, amount, ledger.IDLE, "work", op.now)
            activity = ledger.Activity(today, "UTC", months)
            return {"id": ledger.accrue(op, self.issuer, [accrual], activity=activity)[0]}

        self.do(work).result()

    def lapses_on(self, wallet: int) -> date | None:
        with self.acting() as act:
            return act.session.get_one(Balance, wallet).lapses_on


@pytest.fixture
def street(acting: Acting) -> Street:
    return Street(acting)


def test_the_earliest_expiry_goes_first_and_keeps_its_day(street: Street) -> None:
    for amount, day in ((10, ledger.NEVER), (10, LATER), (10, SOON)):
        street.accrue(amount, day)
    street.accrue(5, SOON, street.neighbour)
    street.given(15)
    assert street.lots_of(street.wallet) == {LATER: 5, ledger.NEVER: 10}
    assert street.lots_of(street.neighbour) == {SOON: 15, LATER: 5}
    with street.acting() as act:
        [line] = ledger.statement(act.session, street.neighbour, size=1).lines
        assert (line.kind, line.change, line.other) == (ledger.GIFT, 15, "")
        [line] = ledger.statement(act.session, street.wallet, size=1).lines
        assert (line.kind, line.change, line.other) == (ledger.GIFT, -15, "")
    assert street.drifts() == []


def test_a_cause_gets_points_and_has_no_lots(street: Street) -> None:
    street.accrue(10)
    street.given(4, street.cause)
    street.given(3, street.cause)
    assert (street.posted(street.cause), street.spendable()) == (7, 3)
    with street.acting() as act:
        [line] = ledger.statement(act.session, street.wallet, size=1).lines
        assert (line.kind, line.change, line.other) == (ledger.GIFT, -3, "books")
        figures = ledger.verification.figures(act.session)
        assert (figures.issued, figures.given, figures.outstanding) == (10, 7, 3)
    assert street.drifts() == []


def test_points_past_their_day_are_not_given_though_no_job_has_run(street: Street) -> None:
    street.accrue(20, SOON)
    street.accrue(5, LATER)
    with pytest.raises(ledger.NotEnoughPoints) as refused:
        street.given(6, today=AFTER)
    assert refused.value.facts == {"missing": 1}
    street.given(5, today=AFTER)
    assert street.lots_of(street.neighbour) == {LATER: 5}
    assert street.drifts() == []


def test_what_is_set_aside_is_not_given_until_its_time_is_over(
    street: Street, clock: FakeClock
) -> None:
    street.accrue(20)

    def place(op: ledger.Operation) -> dict[str, int]:
        until = op.now + timedelta(hours=2)
        return {
            "id": ledger.place(
                op, street.wallet, street.shop, 15, today=TODAY, until=until, reason="tea"
            )
        }

    street.do(place).result()
    with pytest.raises(ledger.NotEnoughPoints):
        street.given(6)
    clock.forward(hours=2)
    street.given(20)
    assert street.posted(street.neighbour) == 20
    assert street.drifts() == []


def test_what_is_owed_is_not_given(street: Street) -> None:
    award = street.accrue(20)
    street.redeem(20).result()
    street.take_back(award, ledger.WhenSpent.OWE)
    street.accrue(15)
    with pytest.raises(ledger.OwedPoints) as refused:
        street.given(1)
    assert refused.value.facts == {"owed": 20, "free": 0}
    street.accrue(10)
    with pytest.raises(ledger.OwedPoints) as refused:
        street.given(6)
    assert refused.value.facts == {"owed": 20, "free": 5}
    street.given(5)
    assert street.spendable() == 20
    assert street.drifts() == []


def test_a_full_wallet_gets_nothing_of_a_gift_that_does_not_fit(street: Street) -> None:
    street.accrue(50)
    street.accrue(90, LATER, street.neighbour)
    with pytest.raises(ledger.ReceiverFull) as refused:
        street.given(11, limit=100)
    assert refused.value.facts == {}, "how much fits would say what the neighbour has"
    street.given(10, limit=100)
    street.given(40, street.cause, limit=1)
    assert street.posted(street.neighbour) == 100
    assert street.drifts() == []


@pytest.mark.parametrize("amount", [0, -1, 2**53, True, 1.5])
def test_nonsense_is_refused(street: Street, amount: Any) -> None:
    street.accrue(10)
    with pytest.raises(ledger.BadAmount):
        street.do(
            lambda op: {"id": ledger.give(op, street.wallet, street.neighbour, amount, today=TODAY)}
        ).result()
    assert street.spendable() == 10


def test_who_can_be_given_to(street: Street) -> None:
    street.accrue(10)
    with pytest.raises(ledger.GivenToOneself):
        street.given(1, street.wallet)
    for no_one in (street.shop, street.issuer, 10_000):
        with pytest.raises(ledger.UnknownAccount):
            street.given(1, no_one)
    with pytest.raises(ledger.UnknownAccount):
        street.given(1, wallet=street.shop)
    with street.acting() as act:
        stranger = ledger.open_account(act.session, ledger.WALLET, "stranger", 2).id
        foreign = ledger.open_account(act.session, ledger.CAUSE, "foreign", 2).id
    for other in (stranger, foreign):
        with pytest.raises(ledger.ForeignAccount):
            street.given(1, other)
    assert street.spendable() == 10
    assert street.drifts() == []


def test_idle_points_arrive_with_their_day_and_no_wallet_counts_as_moved(street: Street) -> None:
    street.accrue_idle(20)
    street.accrue(5, ledger.NEVER)
    lapse = street.lapses_on(street.wallet)
    assert lapse == date(2026, 12, 20)
    day = TODAY + timedelta(days=20)
    street.given(8, today=day)
    assert street.lots_of(street.neighbour) == {lapse: 8}
    assert street.lots_of(street.wallet) == {ledger.IDLE: 12, ledger.NEVER: 5}
    assert street.lapses_on(street.wallet) == lapse
    assert street.lapses_on(street.neighbour) is None
    assert street.drifts() == []


def test_points_passed_to_and_fro_last_no_longer(street: Street) -> None:
    street.accrue_idle(10)
    lapse = street.lapses_on(street.wallet)
    assert lapse is not None
    for day in (TODAY + timedelta(days=n) for n in (5, 10, 15)):
        street.given(10, today=day)
        street.given(10, street.wallet, wallet=street.neighbour, today=day)
    assert street.lots_of(street.wallet) == {lapse: 10}
    assert street.spendable(lapse + timedelta(days=1)) == 0


def test_idle_points_that_lapse_earlier_than_dated_ones_go_first(street: Street) -> None:
    street.accrue_idle(10)
    street.accrue(10, LATER)
    street.given(12)
    assert street.lots_of(street.wallet) == {LATER: 8}
    assert street.lots_of(street.neighbour) == {date(2026, 12, 20): 10, LATER: 2}


def test_two_lots_of_one_day_arrive_as_one(street: Street) -> None:
    street.accrue_idle(10)
    street.accrue(10, date(2026, 12, 20))
    street.given(15)
    assert street.lots_of(street.neighbour) == {date(2026, 12, 20): 15}
    assert street.drifts() == []


def test_a_repeat_gives_nothing_more(street: Street) -> None:
    street.accrue(20)
    first = street.give(5, key="once")
    again = street.give(5, key="once")
    assert again.replayed and again.body == first.body
    assert (street.spendable(), street.posted(street.neighbour)) == (15, 5)


def test_a_gift_is_undone_into_the_very_lots_it_left(street: Street) -> None:
    street.accrue(10, SOON)
    street.accrue_idle(10, months=12)
    street.accrue(3, SOON, street.neighbour)
    gift = street.given(14)
    undone = street.undo(gift).result()["id"]
    assert street.lots_of(street.wallet) == {SOON: 10, ledger.IDLE: 10}
    assert street.lots_of(street.neighbour) == {SOON: 3}
    with street.acting() as act:
        [line] = ledger.statement(act.session, street.wallet, size=1).lines
        kind = (line.kind, line.change, line.reason, line.reverses_id, line.other)
        assert kind == (ledger.GIFT_RETURN, 14, "slip", gift, "")
        assert ledger.reversed_amount(act.session, gift) == 14
    for number in (gift, undone):
        refusal = ledger.AlreadyReversed if number == gift else ledger.NotReversible
        with pytest.raises(refusal):
            street.undo(number).result()
    assert street.drifts() == []


def test_a_gift_to_a_cause_is_undone(street: Street) -> None:
    street.accrue(10)
    gift = street.given(7, street.cause)
    street.undo(gift).result()
    assert (street.spendable(), street.posted(street.cause)) == (10, 0)
    assert street.drifts() == []


def test_what_the_neighbour_spent_is_not_taken_back(street: Street) -> None:
    street.accrue(10)
    gift = street.given(10)
    street.accrue(50, LATER, street.neighbour)
    street.do(
        lambda op: {
            "id": ledger.redeem(op, street.neighbour, street.shop, 1, today=TODAY, reason="tea")
        }
    ).result()
    with pytest.raises(ledger.GiftGone):
        street.undo(gift).result()
    assert street.lots_of(street.neighbour) == {SOON: 9, LATER: 50}
    assert street.drifts() == []


@pytest.mark.parametrize("points", [1, 10])
def test_what_expired_with_the_neighbour_does_not_come_back(street: Street, points: int) -> None:
    street.accrue(points)
    gift = street.given(points)
    with pytest.raises(ledger.GiftGone):
        street.undo(gift, today=AFTER).result()
    street.undo(gift, today=SOON).result()
    assert street.spendable(SOON) == points
    assert street.drifts() == []


def test_what_the_neighbour_set_aside_comes_back_once_that_is_over(
    street: Street, clock: FakeClock
) -> None:
    street.accrue(10)
    gift = street.given(10)

    def place(op: ledger.Operation) -> dict[str, int]:
        until = op.now + timedelta(hours=2)
        return {
            "id": ledger.place(
                op, street.neighbour, street.shop, 1, today=TODAY, until=until, reason="tea"
            )
        }

    street.do(place).result()
    with pytest.raises(ledger.GiftGone):
        street.undo(gift).result()
    clock.forward(hours=2)
    street.undo(gift).result()
    assert street.spendable() == 10
    assert street.drifts() == []


def test_only_gifts_are_undone_so(street: Street) -> None:
    award = street.accrue(10)
    gift = street.given(3)
    for number in (award, street.redeem(2).result()["id"], 10_000):
        with pytest.raises(ledger.NotReversible):
            street.undo(number).result()
    for undo in (street.give_back, street.take_back):
        with pytest.raises(ledger.NotReversible):
            undo(gift).result()


# What is done to the gift's entry, and what the finding says instead of the 4 points.
TAMPERINGS = {
    "sides of gift": ("change = change + 1", 5),
    "days of gift": ("lot_id = 3", 4),
}


@pytest.mark.parametrize("found", TAMPERINGS)
def test_what_is_changed_in_a_gift_is_found(street: Street, database: Database, found: str) -> None:
    street.accrue(10, SOON)
    street.given(4)  # transfer 2, into lot 2
    street.accrue(5, LATER, street.neighbour)  # lot 3
    assert look(street, gifts) == []
    done, rebuilt = TAMPERINGS[found]
    with database.engine.begin() as connection:
        unfreeze(connection)
        what = f"UPDATE lot_entry SET {done} WHERE change > 0 AND transfer_id = 2"
        connection.execute(text(what))
    [drift] = look(street, gifts)
    assert (drift.what, drift.id, drift.kept, drift.rebuilt) == (found, 2, 4, rebuilt)
    assert street.drifts()


def test_a_gift_without_its_entries_is_found(street: Street, database: Database) -> None:
    street.accrue(10, SOON)
    street.given(4)
    street.given(2, street.cause)
    with database.engine.begin() as connection:
        unfreeze(connection)
        connection.execute(text("DELETE FROM lot_entry WHERE transfer_id IN (2, 3)"))
    assert [(d.what, d.id, d.rebuilt) for d in look(street, gifts)] == [
        ("sides of gift", 2, 0),
        ("sides of gift", 3, 0),
    ]


def look(street: Street, check: Callable[..., Any]) -> list[ledger.Drift]:
    with street.acting() as act:
        return list(check(act.session))
