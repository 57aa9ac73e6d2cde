"""The counter: a card is looked at, points are taken exactly once, a mistake is undone."""

from merchants.checkout.model import Redemption, load, read_number
from merchants.checkout.ordering import Counter, Order, order
from merchants.checkout.quoting import (
    Ask,
    CardView,
    OneAmount,
    Quote,
    barred,
    business_day,
    look,
    quote,
    tariff,
)
from merchants.checkout.standing import NotInForce, TokenOrder, WhichShop, settle
from merchants.checkout.taking import PaidJustNow, PriceChanged, redeem, take_all
from merchants.checkout.voiding import TooLateToVoid, void

__all__ = [
    "Ask",
    "CardView",
    "Counter",
    "NotInForce",
    "OneAmount",
    "Order",
    "PaidJustNow",
    "PriceChanged",
    "Quote",
    "Redemption",
    "TokenOrder",
    "TooLateToVoid",
    "WhichShop",
    "barred",
    "business_day",
    "load",
    "look",
    "order",
    "quote",
    "read_number",
    "redeem",
    "settle",
    "take_all",
    "tariff",
    "void",
]
