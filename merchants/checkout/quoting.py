"""What a card holds and what a purchase would take from it. Nothing is written here."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from merchants import offers
from merchants.checkout import rules
from merchants.checkout.model import Redemption
from merchants.offers import WithdrawnOffer
from merchants.partners import ClosedMerchant, Merchant
from rewards import cards, ledger
from rewards.act import Act
from rewards.cards import Card
from rewards.clock import local_date
from rewards.errors import N_, Refused
from rewards.forms import LARGEST
from rewards.schemes import spending
from rewards.schemes.scheme import Spending
from rewards.schemes.spending import NotSpendable, Purchase

# The same card for the same amount within it is more likely a mistake than a second purchase.
JUST_NOW = timedelta(seconds=60)


class OneAmount(Refused):
    """Exactly one of an offer, a number of points and a bill says how much to take."""

    code = "one_amount"
    status = 422
    message = N_("Choose one offer, or enter points, or enter a bill: exactly one of them.")


@dataclass(frozen=True)
class Ask:
    """How much to take: the price of an offer, points as typed, or a bill in fen."""

    offer_id: int | None = None
    points: int | None = None
    bill_fen: int | None = None

    def check(self) -> None:
        """Refuse what can't be meant, before an idempotency key is used up for it."""
        if sum(part is not None for part in (self.offer_id, self.points, self.bill_fen)) != 1:
            raise OneAmount
        for amount in (self.points, self.bill_fen):
            if amount is None:
                continue
            if isinstance(amount, bool) or not isinstance(amount, int):
                raise ledger.BadAmount
            if not 0 < amount <= LARGEST:
                raise ledger.BadAmount


@dataclass(frozen=True)
class CardView:
    """What a cashier may see of whoever holds the card."""

    card_id: int
    resident_id: int
    wallet_id: int
    code: str
    name: str
    spendable: int


class Priced(Protocol):
    """What has a title and a price: an offer, or its facts at the moment of an order."""

    @property
    def title(self) -> str: ...
    @property
    def points(self) -> int: ...


@dataclass(frozen=True)
class Price:
    """What is to be taken, and what for: an offer by its title, a bill, or points as typed.

    ``rest_fen`` of the bill stay to be paid otherwise, where points may pay for a part only.
    """

    points: int
    title: str = ""
    bill_fen: int | None = None
    rest_fen: int = 0

    @property
    def reason(self) -> str:
        """What the resident's statement says beside the shop's name."""
        return self.title or (f"¥{self.bill_fen / 100:.2f}" if self.bill_fen else "")


@dataclass(frozen=True)
class Quote:
    """What would be taken from whom, before anybody confirms it.

    ``missing`` points stand in the way if above 0; ``just_now`` is a redemption of the last
    minute that looks the same.
    """

    card: CardView
    price: Price
    missing: int
    just_now: Redemption | None

    @property
    def after(self) -> int:
        return self.card.spendable - self.price.points


def look(act: Act, merchant: Merchant, scanned: str) -> CardView:
    """The card as the till shows it: a masked name, and what can be spent today.

    Raises:
        ClosedMerchant, NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard.
    """
    return _view(act, merchant, find_card(act, merchant, scanned))


def quote(act: Act, merchant: Merchant, scanned: str, ask: Ask) -> Quote:
    """What taking *ask* from the card would come to; nothing is written.

    Raises:
        What :func:`look` raises; OneAmount, BadAmount, NotFound, WithdrawnOffer, NotSpendable.
    """
    ask.check()
    view = look(act, merchant, scanned)
    price = price_of(act, merchant, ask)
    check_rules(act, merchant, view.resident_id, price, typed=ask.points is not None)
    just_now = paid_just_now(act, merchant, view.resident_id, price.points)
    return Quote(view, price, max(0, price.points - view.spendable), just_now)


def tariff(act: Act, merchant: Merchant, moment: datetime | None = None) -> rules.Tariff:
    """The shop's tariff at *moment*, now without one."""
    return rules.tariff(act.session, merchant, moment or act.now)


def barred(act: Act, merchant: Merchant, resident_id: int) -> NotSpendable | None:
    """What keeps the resident from spending even a point here now, if anything does."""
    purchase = Purchase(merchant.category, business_day(act, merchant), 1, by_price=True)
    try:
        rules.check(act.session, merchant, resident_id, purchase, act.now)
    except NotSpendable as refusal:
        return refusal
    return None


def check_rules(
    act: Act, merchant: Merchant, resident_id: int, price: Price, *, typed: bool
) -> None:
    """Refuse what the programme's rules of spending don't allow; *typed* points name no price.

    Raises:
        NotSpendable: one of its kinds, which says why.
    """
    day = business_day(act, merchant)
    purchase = Purchase(merchant.category, day, price.points, by_price=not typed)
    rules.check(act.session, merchant, resident_id, purchase, act.now)


def business_day(act: Act, merchant: Merchant) -> date:
    """Today, where the programme is."""
    return local_date(act.now, merchant.programme.timezone)


def paid_just_now(act: Act, merchant: Merchant, resident_id: int, points: int) -> Redemption | None:
    """A standing redemption of the last minute that looks the same."""
    return act.session.scalar(
        select(Redemption)
        .where(
            Redemption.merchant_id == merchant.id,
            Redemption.resident_id == resident_id,
            Redemption.points == points,
            Redemption.redeemed_at > act.now - JUST_NOW,
            Redemption.voided_at.is_(None),
        )
        .order_by(Redemption.id.desc())
        .limit(1)
    )


def find_card(act: Act, merchant: Merchant, scanned: str) -> Card:
    if not merchant.active:
        raise ClosedMerchant
    return cards.identify(act, scanned, merchant.programme_id, business_day(act, merchant))


def _view(act: Act, merchant: Merchant, card: Card) -> CardView:
    resident = card.resident
    today = business_day(act, merchant)
    spendable = ledger.spendable(act.session, resident.wallet_id, today, now=act.now)
    return CardView(
        card.id, resident.id, resident.wallet_id, card.code, resident.masked_name, spendable
    )


def price_of(act: Act, merchant: Merchant, ask: Ask) -> Price:
    """The points to take, by the shop's offer or its rate as they are now.

    Raises:
        NotFound, WithdrawnOffer: the offer isn't made here.
    """
    offer = None
    if ask.offer_id is not None:
        offer = offers.load(act, ask.offer_id, merchant)
        if not offer.active:
            raise WithdrawnOffer(title=offer.title)
    return price(ask, merchant.points_per_yuan, offer, rules.of(act.session, merchant, act.now))


def price(
    ask: Ask, points_per_yuan: int, offer: Priced | None, ruled: Spending = spending.OPEN
) -> Price:
    """The points to take, at a shop of that rate, by the programme's rules.

    What points pay of a bill is rounded up to whole ones: a shop is never paid short.
    """
    if offer is not None:
        return Price(offer.points, title=offer.title)
    if ask.bill_fen is not None:
        paid = spending.payable(ruled, ask.bill_fen)
        points = -(-paid * spending.rate(ruled, points_per_yuan) // 100)
        return Price(points, bill_fen=ask.bill_fen, rest_fen=ask.bill_fen - paid)
    return Price(ask.points or 0)
