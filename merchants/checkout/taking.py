"""Points are taken exactly once. Orders of many tills are taken together, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from merchants.checkout.ordering import Counter, Order, order
from merchants.checkout.quoting import JUST_NOW
from merchants.checkout.receipts import REDEMPTION, Taken
from merchants.checkout.rules import Past, Place, pasts
from merchants.partners import Merchant
from rewards import audit, cards, ledger
from rewards.act import Act
from rewards.audit import Noted
from rewards.bulk import Writer, writing
from rewards.cards import Scanned
from rewards.errors import N_, Refused
from rewards.ledger import Batch, Purse, Spend
from rewards.procedures import Query
from rewards.schemes import spending
from rewards.schemes.spending import Spent


class PriceChanged(Refused):
    """The price isn't what the page showed when it was confirmed."""

    code = "price_changed"
    message = N_("The price is now %(points)s points, not %(expected)s. Nothing was taken.")


class PaidJustNow(Refused):
    """The same wallet paid the same here within a minute, and nobody said that it's meant."""

    code = "paid_just_now"
    message = N_(
        "The same card paid the same %(points)s points here %(seconds)s seconds ago, receipt "
        "%(receipt)s. Nothing more was taken. Take again only for a second purchase."
    )


def redeem(act: Act, merchant: Merchant, **asked: Any) -> ledger.Answer:
    """Take points from the card for the shop, once for each key; answers the receipt.

    Takes what :func:`order` takes.

    Raises:
        NotAllowed, NotACard, OneAmount, BadAmount, KeyReused: the key isn't used up. Any other
        refusal is in the answer, remembered: of the card, the offer, the price, the points.
    """
    with writing(act.session) as writer:
        [outcome] = take_all(writer, [order(act, Counter.at(act, merchant), **asked)])
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def take_all(
    writer: Writer, orders: Sequence[Order], scan: cards.Scan | None = None
) -> list[ledger.Outcome]:
    """Take these orders in one transaction, each once; answers them in their order.

    *scan* has their cards, if they were asked for already.

    An outcome that is itself a refusal is KeyReused. The wallets' locks are taken in order, so
    that two such transactions wait for one another and never both.
    """
    found = (scan or cards.Scan(writer, {o.code for o in orders})).cards()
    now, claims = max(o.now for o in orders), [o.claim for o in orders]
    batch = Batch(writer, now, claims, "transfer", "redemption")
    desk = _Desk(writer, orders, found, now)
    if batch.fresh:
        ids = zip(batch.ids["transfer"], batch.ids["redemption"], strict=True)
        desk.open([orders[position] for position in batch.fresh], list(ids))
        for position in batch.fresh:
            try:
                taken = desk.take(orders[position])
            except Refused as refusal:
                batch.refuse(position, refusal)
            else:
                batch.done(position, taken.receipt(), taken.spend)
        batch.write(writer)
        _write(writer, desk.taken)
    return batch.outcomes()


class _Desk:
    """What lies on the desk while a batch is decided: cards, purses, what was just paid.

    The purses are locked, and what was just paid is read under their locks, which make visible
    what other tills took meanwhile.
    """

    def __init__(
        self,
        writer: Writer,
        orders: Sequence[Order],
        found: Mapping[str, Scanned],
        now: datetime,
    ) -> None:
        self.taken: list[Taken] = []
        self._writer, self._cards, self._now = writer, found, now
        wallets = {found[o.code].wallet_id for o in orders if o.code in found}
        self._opening = ledger.Purses(writer, sorted(wallets))
        self._recent = _Recent(writer, orders, found)
        self._ids: list[tuple[int, int]] = []
        self._purses: dict[int, Purse] = {}
        # The newest by shop, resident and points: what a repeat would be a repeat of.
        self._paid: dict[tuple[int, int, int], _Paid] = {}
        self._pasts: dict[int, Past] = {}

    def open(self, orders: Sequence[Order], ids: list[tuple[int, int]]) -> None:
        """Look at what was asked for; *ids* are those of the transfers and redemptions to be."""
        self._ids = ids
        self._paid = self._recent.paid()
        self._purses = self._opening.opened(self._now)
        self._pasts = _pasts(self._writer, orders, self._cards)

    def take(self, asked: Order) -> Taken:
        """Decide one order, by what the ones before it left.

        Raises:
            Refused: of the card, the offer, the price, the points; nothing is taken.
        """
        price = asked.price()
        today = asked.business_day
        card = cards.usable(self._cards.get(asked.code), asked.counter.programme_id, today)
        if asked.expected is not None and asked.expected != price.points:
            raise PriceChanged(points=price.points, expected=asked.expected)
        ledger.check_amount(price.points)
        if not asked.again:
            self._refuse_a_repeat(asked, card.resident_id, price.points)
        self._check_rules(asked, card.resident_id, price.points)
        purse = self._purses[card.wallet_id]
        shares = purse.take(price.points, today=today, programme_id=asked.counter.programme_id)
        transfer_id, redemption_id = self._ids[len(self.taken)]
        account_id = asked.counter.account_id
        taken = Taken(
            redemption_id,
            asked,
            card,
            price,
            Spend(
                transfer_id,
                card.wallet_id,
                account_id,
                shares,
                price.reason,
                asked.now,
                purse.put_off,
            ),
            balance_after=purse.spendable(today),
        )
        self.taken.append(taken)
        self._paid[asked.counter.shop_id, card.resident_id, price.points] = _Paid(
            asked.now, taken.receipt_number
        )
        if card.resident_id in self._pasts:
            self._pasts[card.resident_id].spent.append(Spent(today, price.points))
        return taken

    def _check_rules(self, asked: Order, resident_id: int, points: int) -> None:
        """Refuse what the rules of spending don't allow after what was spent before."""
        past = self._pasts.get(resident_id)
        if past is not None:
            spending.check(asked.rules, asked.purchase(points), past.minutes, past.spent)

    def _refuse_a_repeat(self, asked: Order, resident_id: int, points: int) -> None:
        """Refuse what looks like a purchase of the last minute once more."""
        paid = self._paid.get((asked.counter.shop_id, resident_id, points))
        if paid is not None and paid.at > asked.now - JUST_NOW:
            seconds = max(0, int((asked.now - paid.at).total_seconds()))
            raise PaidJustNow(points=points, seconds=seconds, receipt=paid.receipt_number)


@dataclass(frozen=True)
class _Paid:
    """When something was paid, and its receipt."""

    at: datetime
    receipt_number: str


def _pasts(
    writer: Writer, orders: Sequence[Order], cards: Mapping[str, Scanned]
) -> dict[int, Past]:
    """What the residents did before for whom the rules of spending ask, by their id.

    Read under the wallets' locks as well; nothing is read where no rules ask.
    """
    asked = [o for o in orders if o.code in cards and spending.restricts(o.rules)]
    found: dict[int, Past] = {}
    for o in asked:
        resident_id = cards[o.code].resident_id
        if resident_id not in found:
            place = Place(o.counter.programme_id, o.counter.timezone, o.now)
            found |= pasts(writer.session, o.rules, place, [resident_id])
    return found


class _Recent:
    """What these cards paid at these shops in the last minute, asked for."""

    def __init__(
        self, writer: Writer, orders: Sequence[Order], cards: Mapping[str, Scanned]
    ) -> None:
        self._writer, self._asked = writer, None
        pairs = {
            (o.counter.shop_id, cards[o.code].resident_id)
            for o in orders
            if o.code in cards and not o.again
        }
        if pairs:
            since = writer.moment(min(o.now for o in orders) - JUST_NOW)
            self._asked = RECENT.ask(writer, pairs=pairs, since=since)

    def paid(self) -> dict[tuple[int, int, int], _Paid]:
        """When and by which receipt, by shop, resident and points."""
        rows = self._asked.rows() if self._asked is not None else []
        return {(row[0], row[1], row[2]): _Paid(self._writer.at(row[3]), row[4]) for row in rows}


RECENT = Query(
    "redemption_recent",
    {"pairs": {"shop": "bigint", "resident": "bigint"}, "since": "timestamptz"},
    "d.merchant_id, d.resident_id, d.points, d.redeemed_at, d.receipt_number",
    "FROM {pairs} CROSS JOIN redemption d WHERE d.merchant_id = pairs.shop "
    "AND d.resident_id = pairs.resident AND d.redeemed_at > {since} AND d.voided_at IS NULL",
    "d.id",
)


def _write(writer: Writer, all_taken: Sequence[Taken]) -> None:
    """Write the redemptions themselves, and what the audit log says of them."""
    REDEMPTION.write(writer, [taken.row(writer) for taken in all_taken])
    audit.record_all(
        writer,
        [
            Noted(
                actor=taken.order.counter.cashier,
                at=taken.redeemed_at,
                action="redemption.take",
                subject=f"redemption:{taken.id}",
                community_id=taken.card.community_id,
                programme_id=taken.order.counter.programme_id,
                detail={
                    "merchant": taken.merchant_id,
                    "receipt": taken.receipt_number,
                    "points": taken.points,
                },
            )
            for taken in all_taken
        ],
    )
