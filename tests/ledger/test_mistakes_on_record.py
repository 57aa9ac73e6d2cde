"""Mistakes that other loyalty programmes and ledgers made, on public record, and are not made here.

Each test is named after a mistake, cites where it is on record, and takes our own corresponding
path, so that it fails if we ever make the same one.
"""

from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.donations import causes
from rewards.volunteering.awarding import NothingToAward
from tests.api.caller import PIN, Caller, activate
from tests.conftest import START, Acting, Database, FakeClock
from tests.donations.conftest import double, giving
from tests.donations.giving import Giving, Stand
from tests.giving_on.conftest import Street
from tests.ledger.book import LATER, SOON, TODAY, Book
from tests.ledger.sweeper import AFTER, Sweeper
from tests.ledger.test_holds import Holder
from tests.merchants.shop import Counter
from tests.stripe_double import async_succeeded, completed, refunded
from tests.volunteering.conftest import Morning

__all__ = ["double", "giving"]  # fixtures

HOUR = START + timedelta(hours=1)


def test_points_are_not_counted_again_on_a_second_confirmation(
    acting: Acting, clock: FakeClock
) -> None:
    """odoo/odoo #222372: an order confirmed twice, on a bad line, counted its points twice."""
    morning = Morning(acting, clock)
    resident = morning.residents[0]
    morning.serve(resident)
    first = morning.award(1, points=20)
    assert morning.award(1, points=20) == first
    with pytest.raises(NothingToAward):
        morning.award(2, points=20)
    assert morning.spendable(resident) == 20
    assert morning.drifts() == []


def test_points_are_not_earned_again_by_a_retry(giving: Giving) -> None:
    """OCA/pos #185: an order sent again when the till was back online earned its points again."""
    gift = giving.start(5000)
    session = giving.session(gift)
    paid = completed(session)
    # The same message once more, and the same news in messages of their own.
    for message in (paid, paid, completed(session), async_succeeded(session), paid):
        giving.tell(message)
    assert giving.stand(gift) == Stand("paid", 50, 50, 0)


def test_a_refund_does_not_leave_the_points_that_were_earned(giving: Giving) -> None:
    """odoo/odoo #257854: buy, earn, refund, and keep the points: any number of them for nothing."""
    for _ in range(3):
        gift = giving.start(5000)
        session = giving.session(gift)
        giving.tell(completed(session))
        giving.tell(refunded(session, 5000))
        assert giving.stand(gift) == Stand("refunded", 0, 0, 0)
    spent = giving.start(5000)
    giving.tell(completed(giving.session(spent)))
    giving.spend(40)
    giving.tell(refunded(giving.session(spent), 5000))
    assert giving.stand(spent) == Stand("refunded", 0, 0, 40)  # what was spent is owed


def test_a_refund_in_part_takes_its_part_of_the_points(giving: Giving) -> None:
    """frappe/erpnext #32951: a return of a part of the sale left all of its points as they were."""
    gift = giving.start(100_0)
    giving.tell(completed(giving.session(gift)))
    giving.tell(refunded(giving.session(gift), 10_0))
    assert giving.stand(gift) == Stand("paid", 9, 9, 0)


def test_a_refund_gives_spent_points_back_and_never_takes_them_again(acting: Acting) -> None:
    """odoo/odoo #212922: refunding what was paid by points took the same points a second time."""
    counter = Counter(acting, points=100)
    receipt = counter.redeem().result()["receipt_number"]
    assert counter.spendable() == 70
    for _ in range(3):
        assert counter.void(receipt).result()["balance_now"] == 100
    assert counter.spendable() == 100
    assert counter.drifts() == []


def test_twenty_at_once_spend_a_hundred_points_once(
    acting: Acting, new_client: Callable[[], FlaskClient]
) -> None:
    """fushengqian/fuint #71: twenty gifts at once out of 100 points came to 2,000."""
    counter = Counter(acting, points=100)
    token = Caller(new_client()).sign_in("cashier").token
    body = {"code": counter.shop.card_code, "points": 100, "again": True}

    def take(number: int) -> int:
        caller = Caller(new_client())
        caller.token = token
        return caller.post("/redemptions", body, key=f"at-once-{number}").status_code

    with ThreadPoolExecutor(20) as tills:
        answers = Tally(tills.map(take, range(20)))
    assert answers == {201: 1, 409: 19}
    assert counter.spendable() == 0
    with acting() as act:
        shop = counter.merchant(act).account_id
        assert ledger.posted(act.session, shop) == 100
    assert counter.drifts() == []


def test_twenty_gifts_at_once_give_a_hundred_points_once(
    acting: Acting, new_client: Callable[[], FlaskClient]
) -> None:
    """fushengqian/fuint #71, where it happened: in giving points to somebody else."""
    street = Street(acting)
    street.pay_in(100)
    with acting() as act:
        activate(act, street.codes[street.giver])
    token = Caller(new_client()).take({"code": street.codes[street.giver], "pin": PIN}).token
    receivers = [
        {"code": street.codes[street.neighbour]},
        {"code": street.codes[street.stranger]},
        {"cause_id": street.cause},
    ]

    def give(number: int) -> int:
        caller = Caller(new_client())
        caller.token = token
        body = {**receivers[number % 3], "points": 100}
        return caller.post("/me/gifts", body, key=f"at-once-{number}").status_code

    with ThreadPoolExecutor(20) as phones:
        answers = Tally(phones.map(give, range(20)))
    assert answers == {201: 1, 409: 19}
    with acting() as act:
        cause = causes.load(act, street.cause, street.here.community_id)
        left = ledger.posted(act.session, cause.account_id)
    got = [street.spendable(n) for n in (street.giver, street.neighbour, street.stranger)]
    assert sorted([*got, left]) == [0, 0, 0, 100]
    assert street.drifts() == []


def test_two_tabs_that_pay_at_once_do_not_use_the_same_points(
    book: Book, database: Database
) -> None:
    """medusajs/medusa #16347: two checkouts at once both spent the same credit, without a lock.

    spree/spree #11284: there was a lock, but around less than the check and the payment.
    """
    book.accrue(100)

    def pay(session: Session, key: str) -> ledger.Answer:
        def work(op: ledger.Operation) -> dict[str, int]:
            return {"id": ledger.redeem(op, book.wallet, book.shop, 100, today=TODAY, reason="tea")}

        return ledger.once(Act(session, SYSTEM, START), "tab", key, {}, work)

    def second_tab() -> ledger.Answer:
        with Session(database.engine) as session:
            answer = pay(session, "second")
            session.commit()
            return answer

    with ThreadPoolExecutor(1) as pool, Session(database.engine) as first:
        pay(first, "first").result()
        second: Future[ledger.Answer] = pool.submit(second_tab)
        with pytest.raises(StillWaiting):  # the first has paid but not committed
            second.result(timeout=0.2)
        first.commit()
        with pytest.raises(ledger.NotEnoughPoints):
            second.result(timeout=30).result()
    assert book.spendable() == 0
    assert book.drifts() == []


def test_what_is_set_aside_is_not_available_a_second_time(acting: Acting) -> None:
    """blnkfinance/blnk #181: six holds of 1,000 were granted on a balance of 5,000."""
    holder = Holder(acting)
    holder.accrue(5000)
    holds = [holder.place(1000) for _ in range(5)]
    with pytest.raises(ledger.NotEnoughPoints):
        holder.place(1000)
    with pytest.raises(ledger.NotEnoughPoints):
        holder.redeem(1).result()
    for hold in holds:
        holder.capture(hold)
    assert holder.balance() == (0, 0)
    assert Book.drifts(holder) == []


def test_points_that_expire_after_being_spent_are_not_subtracted_again(acting: Acting) -> None:
    """FreeOpenSourcePOS/FloCafe #78: expired credits left the sum, what was spent of them stayed.

    So balances collapsed on the day that spent points would have expired.
    """
    book = Sweeper(acting)
    book.accrue(100, SOON)
    book.accrue(50, LATER)
    book.redeem(80).result()
    assert book.spendable(SOON) == 70
    assert book.spendable(AFTER) == 50  # before any job has run
    assert book.sweep_all() == 20
    assert book.spendable(AFTER) == 50
    with acting() as act:
        assert ledger.posted(act.session, book.wallet) == 50
    assert book.drifts() == []


@pytest.mark.parametrize("job", ["after", "before", "never"])
def test_a_hold_that_has_timed_out_is_refused_whole_whether_or_not_the_job_has_run(
    acting: Acting, clock: FakeClock, job: str
) -> None:
    """tigerbeetle/tigerbeetle #2000: it was inserted in part and then refused as expired.

    No test had noticed, because each ran the job that expires holds before it looked.
    """
    holder = Holder(acting)
    holder.accrue(10, SOON)
    holder.accrue(10, LATER)
    hold = holder.place(15, HOUR)
    clock.now = HOUR
    if job == "before":
        assert holder.time_out(clock.now) == [1]
    for _ in range(2):
        with pytest.raises(ledger.HoldTimedOut):
            holder.capture(hold)
        with pytest.raises(ledger.HoldTimedOut):
            holder.release(hold)
    with acting() as act:
        assert ledger.posted(act.session, holder.shop) == 0
    if job == "after":
        assert holder.time_out(clock.now) == [1]
    holder.redeem(20).result()  # all of it, set aside no more
    assert holder.outcome(hold) == ("timed_out", 0)
    assert holder.time_out(clock.now) == []
    assert holder.balance() == (0, 0)
    assert Book.drifts(holder) == []


def test_what_expires_is_chosen_by_its_date_and_by_nothing_else(acting: Acting) -> None:
    """liberusoftware/ecommerce-laravel #1056: what expires was chosen by the label on an entry."""
    book = Sweeper(acting)
    given: dict[str, date] = {
        "expired": LATER, "earned": SOON, "never expires": SOON, "EXPIRY": LATER, "": SOON,
    }  # fmt: skip

    def label(op: ledger.Operation) -> dict[str, list[int]]:
        accruals = [
            ledger.Accrual(book.wallet, 10, day, reason, op.now) for reason, day in given.items()
        ]
        return {"ids": ledger.accrue(op, book.issuer, accruals)}

    book.do(label).result()
    # Points that came back by a void expire with the lot they belong to, like any others.
    book.give_back(book.redeem(25).result()["id"]).result()
    assert book.spendable(AFTER) == 20
    assert book.sweep_all() == 30
    assert book.lots() == {SOON: 0, LATER: 20}
    assert book.sweep_all() == 0
    assert book.drifts() == []


def test_a_key_is_still_known_when_a_tablet_comes_back_after_weeks(
    acting: Acting, clock: FakeClock, new_client: Callable[[], FlaskClient]
) -> None:
    """alphagov/pay-connector #4454, and Stripe's own API: keys are forgotten after 24 hours.

    A retry that comes later than that pays a second time.
    """
    counter = Counter(acting, points=100)

    def take() -> tuple[int, str | None, object]:
        caller = Caller(new_client()).sign_in("cashier")
        body = {"code": counter.shop.card_code, "offer_id": counter.shop.tea_id}
        answer = caller.post("/redemptions", body, key="offline-tablet")
        return answer.status_code, answer.headers.get("Idempotent-Replayed"), answer.json

    _, replayed, receipt = take()
    assert replayed is None
    for days in (1, 2, 40, 400):
        clock.forward(days=days)
        assert take() == (201, "true", receipt)
    with acting() as act:
        assert ledger.posted(act.session, counter.shop.wallet_id) == 70
    assert counter.drifts() == []
