"""Points are taken exactly once. Orders of many tills are taken together, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from merchants.checkout.model import Redemption
from merchants.checkout.ordering import Order, order
from merchants.checkout.quoting import JUST_NOW
from merchants.checkout.receipts import COLUMNS, Taken
from merchants.partners import Merchant
from rewards import audit, cards, ledger
from rewards.act import Act
from rewards.audit import Noted
from rewards.bulk import Writer, next_ids, writing
from rewards.cards import Scanned
from rewards.errors import N_, Refused
from rewards.ledger import Batch, Spend


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
    [outcome] = take_all(act.session, [order(act, merchant, **asked)])
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def take_all(session: Session, orders: Sequence[Order]) -> list[ledger.Outcome]:
    """Take these orders in one transaction, each once; answers them in their order.

    An outcome that is itself a refusal is KeyReused. The wallets' locks are taken in order, so
    that two such transactions wait for one another and never both.
    """
    batch = Batch(session, max(o.now for o in orders), [o.claim for o in orders])
    fresh = [orders[position] for position in batch.fresh]
    if fresh:
        counter = _Counter(session, fresh)
        for position, asked in zip(batch.fresh, fresh, strict=True):
            try:
                taken = counter.take(asked)
            except Refused as refusal:
                batch.refuse(position, refusal)
            else:
                batch.done(position, taken.receipt(), taken.spend)
        with writing(session) as writer:
            batch.write(writer)
            _write(writer, counter.taken)
    return batch.outcomes()


class _Counter:
    """What stands on the counter while a batch is decided: cards, purses, what was just paid."""

    def __init__(self, session: Session, orders: Sequence[Order]) -> None:
        self.taken: list[Taken] = []
        self._cards = cards.scanned(session, {o.code for o in orders})
        wallets = {card.wallet_id for card in self._cards.values()}
        self._purses = ledger.open_purses(session, sorted(wallets), max(o.now for o in orders))
        self._recent = _recent(session, orders, self._cards)
        ids = next_ids(session, {"transfer": len(orders), "redemption": len(orders)})
        self._ids = list(zip(ids["transfer"], ids["redemption"], strict=True))

    def take(self, asked: Order) -> Taken:
        """Decide one order, by what the ones before it left.

        Raises:
            Refused: of the card, the offer, the price, the points; nothing is taken.
        """
        price = asked.price()
        today = asked.business_day
        card = cards.usable(self._cards.get(asked.code), asked.shop.programme_id, today)
        if asked.expected is not None and asked.expected != price.points:
            raise PriceChanged(points=price.points, expected=asked.expected)
        ledger.check_amount(price.points)
        if not asked.again:
            self._refuse_a_repeat(asked, card.resident_id, price.points)
        purse = self._purses[card.wallet_id]
        shares = purse.take(price.points, today=today, programme_id=asked.shop.programme_id)
        transfer_id, redemption_id = self._ids[len(self.taken)]
        account_id = asked.shop.account_id
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
        return taken

    def _refuse_a_repeat(self, asked: Order, resident_id: int, points: int) -> None:
        """Refuse what looks like a purchase of the last minute once more."""
        for paid in (*self._recent, *(_Paid.of(taken) for taken in reversed(self.taken))):
            same = (asked.shop.id, resident_id, points) == (
                paid.shop_id,
                paid.resident_id,
                paid.points,
            )
            if same and paid.at > asked.now - JUST_NOW:
                seconds = max(0, int((asked.now - paid.at).total_seconds()))
                raise PaidJustNow(points=points, seconds=seconds, receipt=paid.receipt_number)


@dataclass(frozen=True)
class _Paid:
    """What was paid just now, for comparison."""

    shop_id: int
    resident_id: int
    points: int
    at: datetime
    receipt_number: str

    @classmethod
    def of(cls, taken: Taken) -> "_Paid":
        return cls(
            taken.order.shop.id,
            taken.card.resident_id,
            taken.points,
            taken.order.now,
            taken.receipt_number,
        )


def _recent(session: Session, orders: Sequence[Order], cards: Mapping[str, Scanned]) -> list[_Paid]:
    """The standing redemptions of the last minute by these cards at these shops, newest first.

    Read under the wallets' locks, which make visible what other tills took meanwhile.
    """
    pairs = {
        (o.shop.id, cards[o.code].resident_id) for o in orders if o.code in cards and not o.again
    }
    if not pairs:
        return []
    rows = session.execute(
        select(
            Redemption.merchant_id,
            Redemption.resident_id,
            Redemption.points,
            Redemption.redeemed_at,
            Redemption.receipt_number,
        )
        .where(
            tuple_(Redemption.merchant_id, Redemption.resident_id).in_(pairs),
            Redemption.redeemed_at > min(o.now for o in orders) - JUST_NOW,
            Redemption.void_transfer_id.is_(None),
        )
        .order_by(Redemption.id.desc())
    )
    return [_Paid(*row) for row in rows]


def _write(writer: Writer, all_taken: Sequence[Taken]) -> None:
    """Write the redemptions themselves, and what the audit log says of them."""
    writer.insert("redemption", COLUMNS, [taken.row(writer) for taken in all_taken])
    audit.record_all(
        writer,
        [
            Noted(
                actor=taken.order.cashier,
                at=taken.redeemed_at,
                action="redemption.take",
                subject=f"redemption:{taken.id}",
                community_id=taken.card.community_id,
                programme_id=taken.order.shop.programme_id,
                detail={
                    "merchant": taken.merchant_id,
                    "receipt": taken.receipt_number,
                    "points": taken.points,
                },
            )
            for taken in all_taken
        ],
    )
