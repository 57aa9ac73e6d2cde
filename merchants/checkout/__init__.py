"""The counter: a card is looked at, points are taken exactly once, a mistake is undone."""

from merchants.checkout.model import Redemption, load, read_number
from merchants.checkout.quoting import (
    Ask,
    CardView,
    OneAmount,
    Quote,
    business_day,
    look,
    quote,
)
from merchants.checkout.taking import PaidJustNow, PriceChanged, TooLateToVoid, redeem, void

__all__ = [
    "Ask",
    "CardView",
    "OneAmount",
    "PaidJustNow",
    "PriceChanged",
    "Quote",
    "Redemption",
    "TooLateToVoid",
    "business_day",
    "load",
    "look",
    "quote",
    "read_number",
    "redeem",
    "void",
]
