"""What was taken, as the batch knows it before it is a row; and what a receipt says of it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from merchants.checkout.model import receipt_number, receipt_of
from merchants.checkout.ordering import Order
from merchants.checkout.quoting import Price
from rewards.bulk import Writer
from rewards.cards import Scanned
from rewards.ledger import Spend
from rewards.procedures import Inserting

# The redemption's columns that are known when it is taken, by PostgreSQL's types.
REDEMPTION = Inserting(
    "redemption",
    {
        "id": "bigint",
        "merchant_id": "bigint",
        "resident_id": "bigint",
        "card_id": "bigint",
        "offer_id": "bigint",
        "offer_title": "text",
        "points": "bigint",
        "bill_fen": "bigint",
        "balance_after": "bigint",
        "transfer_id": "bigint",
        "receipt_number": "text",
        "cashier_id": "bigint",
        "redeemed_at": "timestamptz",
        "business_day": "date",
        "void_reason": "text",
    },
)


@dataclass(frozen=True)
class Taken:
    """One order that was taken; the attributes that a redemption has are named as there."""

    id: int
    order: Order
    card: Scanned
    price: Price
    spend: Spend
    balance_after: int
    voided_at: None = None
    void_reason: str = ""

    @property
    def merchant_id(self) -> int:
        return self.order.counter.shop_id

    @property
    def offer_title(self) -> str:
        return self.price.title

    @property
    def points(self) -> int:
        return self.price.points

    @property
    def bill_fen(self) -> int | None:
        return self.price.bill_fen

    @property
    def balance_before(self) -> int:
        return self.balance_after + self.points

    @property
    def redeemed_at(self) -> datetime:
        return self.order.now

    @property
    def business_day(self) -> date:
        return self.order.business_day

    @cached_property
    def receipt_number(self) -> str:
        return receipt_number(self.business_day, self.spend.transfer_id)

    def receipt(self) -> dict[str, Any]:
        """What the receipt says, as JSON values."""
        return receipt_of(self, self.card.masked_name)

    def row(self, writer: Writer) -> dict[str, Any]:
        """The redemption's columns (:data:`REDEMPTION`)."""
        return {
            "id": self.id,
            "merchant_id": self.merchant_id,
            "resident_id": self.card.resident_id,
            "card_id": self.card.id,
            "offer_id": self.order.ask.offer_id,
            "offer_title": self.offer_title,
            "points": self.points,
            "bill_fen": self.bill_fen,
            "balance_after": self.balance_after,
            "transfer_id": self.spend.transfer_id,
            "receipt_number": self.receipt_number,
            "cashier_id": self.order.counter.cashier.id,
            "redeemed_at": writer.moment(self.redeemed_at),
            "business_day": self.business_day.isoformat(),
            "void_reason": "",
        }
