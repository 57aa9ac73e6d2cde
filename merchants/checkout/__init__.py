"""The counter: a card is looked at, points are taken exactly once, a mistake is undone."""

from merchants.checkout.model import Redemption, load, read_number
from merchants.checkout.ordering import Counter, Order, counters, order
from merchants.checkout.quoting import (
    Ask,
    CardView,
    OneAmount,
    Quote,
    business_day,
    look,
    quote,
)
from merchants.checkout.taking import PaidJustNow, PriceChanged, redeem, take_all
from merchants.checkout.voiding import TooLateToVoid, void

__all__ = [
    "Ask",
    "CardView",
    "Counter",
    "OneAmount",
    "Order",
    "PaidJustNow",
    "PriceChanged",
    "Quote",
    "Redemption",
    "TooLateToVoid",
    "business_day",
    "counters",
    "load",
    "look",
    "order",
    "quote",
    "read_number",
    "redeem",
    "take_all",
    "void",
]
