"""What is asked about gifts and causes."""

from flask_babel import lazy_gettext as _l

from rewards.donations.gifts import Kind
from rewards.forms import Choice, Input, Key, LongText, Text, Tick, Whole, Yuan

# Below it Stripe refuses a payment in yuan; above it somebody should call first.
LEAST_FEN, MOST_FEN = 500, 5_000_000


class CardGift(Input):
    """A gift that a resident is about to pay by card."""

    key = Key()
    amount = Yuan(_l("Amount"), least_fen=LEAST_FEN, most_fen=MOST_FEN, required=True)


class DeskGift(Input):
    """Cash or goods that arrived at the desk."""

    key = Key()
    kind = Choice(
        _l("What was given"),
        [(Kind.CASH.value, _l("Cash")), (Kind.GOODS.value, _l("Goods"))],
        required=True,
    )
    cause = Whole(_l("Cause"), required=True)
    amount = Yuan(
        _l("Amount, or value of the goods"),
        hint=_l("For goods, what they would cost in a shop."),
        required=True,
    )
    goods = Text(
        _l("Which goods"),
        longest=200,
        hint=_l("For goods only: what and how many, such as 3 bags of rice, 5 kg each."),
        load_default="",
    )
    items = Whole(
        _l("How many items"),
        most=100_000,
        hint=_l("For goods only: a number, such as 3."),
        load_default=0,
    )


class CauseInput(Input):
    """What a cause is called and what it is for."""

    title = Text(_l("Title"), longest=60, shortest=2, required=True)
    description = LongText(
        _l("What the gifts are used for"),
        longest=500,
        hint=_l("Residents read this before they give."),
        required=True,
    )


class GiftReason(Input):
    """Why a gift recorded at the desk is refused."""

    reason = LongText(_l("Reason"), longest=200, hint=_l("The resident reads this."), required=True)


class GiftReversal(GiftReason):
    """Why an attested gift is undone, and what if its points were spent."""

    key = Key()
    owe = Tick(
        _l("If points were spent, take what is left"),
        hint=_l("The rest is recorded as owed. Without this, nothing is taken if any was spent."),
    )
