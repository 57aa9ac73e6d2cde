"""An order: what a cashier confirmed, with all that is needed to take it later in a batch."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from merchants import people
from merchants.checkout.quoting import Ask, Price, price
from merchants.offers import Offer, WithdrawnOffer
from merchants.partners import ClosedMerchant, Merchant
from rewards import cards
from rewards.act import Act, Actor
from rewards.clock import local_date
from rewards.errors import NotFound
from rewards.ledger import Claim
from rewards.schemes import remembered
from rewards.schemes.scheme import Spending
from rewards.schemes.spending import Purchase


@dataclass(frozen=True)
class Counter:
    """A shop's counter and who stands at it, at the moment of an order."""

    shop_id: int
    programme_id: int
    account_id: int
    timezone: str
    points_per_yuan: int
    active: bool
    cashier: Actor
    category: str
    scheme_stamp: str

    @classmethod
    def at(cls, act: Act, merchant: Merchant) -> "Counter":
        """The shop's counter, for whoever acts.

        Raises:
            NotAllowed: they don't work there.
        """
        people.at_till(act, merchant)
        return cls(
            merchant.id,
            merchant.programme_id,
            merchant.account_id,
            merchant.programme.timezone,
            merchant.points_per_yuan,
            merchant.active,
            act.actor,
            merchant.category,
            merchant.programme.scheme_stamp,
        )


@dataclass(frozen=True)
class Offered:
    """An offer's facts at the moment of an order."""

    id: int
    title: str
    points: int
    active: bool


@dataclass(frozen=True)
class Order:
    """Take what is asked for from the card of *code*, once for its claim's key.

    ``expected`` is the price that was confirmed; ``again`` says that a second purchase of the
    same amount within a minute is meant. ``offer`` is None without one, and where there is none
    of that id here. ``rules`` are the programme's, of spending, at that moment.
    """

    claim: Claim
    counter: Counter
    code: str
    ask: Ask
    offer: Offered | None
    expected: int | None
    again: bool
    now: datetime
    rules: Spending

    @cached_property
    def business_day(self) -> date:
        """The order's day, where the programme is."""
        return local_date(self.now, self.counter.timezone)

    def price(self) -> Price:
        """What is to be taken.

        Raises:
            ClosedMerchant, NotFound, WithdrawnOffer: nothing can be.
        """
        if not self.counter.active:
            raise ClosedMerchant
        if self.ask.offer_id is not None and self.offer is None:
            raise NotFound
        if self.offer is not None and not self.offer.active:
            raise WithdrawnOffer(title=self.offer.title)
        return price(self.ask, self.counter.points_per_yuan, self.offer, self.rules)

    def purchase(self, points: int) -> Purchase:
        """The purchase as the rules of spending look at it."""
        typed = self.ask.points is not None
        return Purchase(self.counter.category, self.business_day, points, by_price=not typed)


def order(act: Act, counter: Counter, *, scanned: str, **asked: Any) -> Order:
    """What is asked for at the counter by who acts, of the card that was scanned or typed.

    Takes besides and raises what :func:`ordered` does.

    Raises:
        NotACard: it can't be meant either.
    """
    code = cards.read_code(scanned)
    return ordered(lambda: act.session, counter, act.now, code=code, **asked)


def ordered(
    session: Callable[[], Session],
    counter: Counter,
    now: datetime,
    *,
    key: str,
    code: str,
    offer_id: int | None = None,
    points: int | None = None,
    bill_fen: int | None = None,
    expected: int | None = None,
    again: bool = False,
) -> Order:
    """What is asked for at the counter; nothing is written, and the key isn't used up.

    A *session* is opened only for an offer, and for rules that aren't remembered yet.

    Raises:
        OneAmount, BadAmount: it can't be meant.
    """
    ask = Ask(offer_id, points, bill_fen)
    ask.check()
    # What was confirmed (expected, again) is a condition and no part of what is asked for:
    # a retry under the same key is the same act, whatever the page has learnt meanwhile.
    body = {"card": code, "offer_id": offer_id, "points": points, "bill_fen": bill_fen}
    return Order(
        claim=Claim.of(counter.cashier, f"redemption:merchant:{counter.shop_id}", key, body),
        counter=counter,
        code=code,
        ask=ask,
        offer=_offered(session(), counter, offer_id) if offer_id is not None else None,
        expected=expected,
        again=again,
        now=now,
        rules=remembered.spending(session, counter.programme_id, counter.scheme_stamp, now),
    )


def _offered(session: Session, counter: Counter, offer_id: int) -> Offered | None:
    offer = session.get(Offer, offer_id)
    if offer is None or offer.merchant_id != counter.shop_id:
        return None
    return Offered(offer.id, offer.title, offer.points, offer.active)
