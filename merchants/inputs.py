"""What is typed or sent about shops, offers, their people, and at the counter."""

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, validates_schema

from merchants.partners import Category
from rewards.forms import Choice, Day, Input, Key, Secret, Text, Tick, Whole, Yuan
from rewards.staff import Role
from rewards.staff_inputs import PASSWORD_LEAST

CATEGORIES: list[tuple[str, Any]] = [
    (Category.DINING.value, _l("Dining")),
    (Category.ENTERTAINMENT.value, _l("Entertainment")),
    (Category.EDUCATION.value, _l("Education")),
    (Category.MEDICAL.value, _l("Medical care")),
]

ROLES: list[tuple[str, Any]] = [
    (Role.CASHIER.value, _l("Cashier")),
    (Role.OWNER.value, _l("Shop owner")),
]

MOST_POINTS = 1_000_000


class MerchantInput(Input):
    """A shop as residents see it, and its rate."""

    name_zh = Text(_l("Name in Chinese"), longest=60, required=True)
    name_en = Text(_l("Name in English"), longest=100, required=True)
    category = Choice(_l("Class"), CATEGORIES, required=True)
    points_per_yuan = Whole(
        _l("Points for one yuan"),
        most=10_000,
        required=True,
        hint=_l("How many points pay one yuan of a bill here."),
    )
    address = Text(_l("Address"), longest=120, load_default="")
    phone = Text(_l("Telephone"), longest=30, load_default="", autocomplete="off")
    hours = Text(
        _l("Opening hours"),
        longest=100,
        load_default="",
        hint=_l("As residents should read them, such as 9:00–21:00, closed on Mondays."),
    )


class OfferInput(Input):
    """Something at a fixed price."""

    title = Text(
        _l("What it is"),
        longest=60,
        required=True,
        hint=_l("As it stands on the till's button and on the receipt."),
    )
    points = Whole(_l("Price in points"), most=MOST_POINTS, required=True)


class HireInput(Input):
    """Somebody new at a shop. Without a password one is made, and shown once."""

    name = Text(_l("Name"), longest=60, required=True, autocomplete="off")
    username = Text(
        _l("User name"),
        longest=40,
        shortest=3,
        required=True,
        autocomplete="off",
        hint=_l("To sign in with. Letters and digits are easiest to type."),
    )
    role = Choice(_l("Role"), ROLES, required=True)
    password = Secret(
        _l("First password"),
        longest=200,
        shortest=PASSWORD_LEAST,
        autocomplete="new-password",
        hint=_l("At least 10 characters. Leave it empty and one is made and shown once."),
    )


class EngageInput(Input):
    """Somebody who can sign in already, and works at this shop too."""

    username = Text(_l("User name"), longest=40, required=True, autocomplete="off")
    role = Choice(_l("Role"), ROLES, required=True)


class ScanInput(Input):
    """What was scanned or typed from a card."""

    code = Text(_l("Card code"), longest=300, required=True)


class AskInput(Input):
    """How much to take: an offer, points, or a bill in yuan; exactly one."""

    offer_id = Whole(_l("Offer"))
    points = Whole(_l("Points"), most=MOST_POINTS)
    bill = Yuan(_l("Bill"), attribute="bill_fen")

    @validates_schema(skip_on_field_errors=True)
    def _one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len({"offer_id", "points", "bill_fen"} & set(data)) != 1:
            raise ValidationError(
                str(_l("Choose one offer, or enter points, or enter a bill: exactly one of them."))
            )


class RedeemInput(AskInput):
    """A confirmed redemption. ``expected`` is the price that was shown, ``again`` a second
    purchase of the same amount within a minute that is meant."""

    key = Key()
    code = Text(_l("Card code"), longest=300, required=True)
    expected = Whole(_l("Points"))
    again = Tick(_l("Take again"))


class SetAsideInput(Input):
    """Points kept for a later visit, and until when."""

    key = Key()
    code = Text(_l("Card code"), longest=300, required=True)
    points = Whole(_l("Points"), most=MOST_POINTS, required=True)
    last_day = Day(_l("Last day to use them"), hint=_l("At most 30 days from now."))
    note = Text(_l("What for"), longest=60, load_default="", hint=_l("The resident can read this."))


class TakeInput(Input):
    """How much of what was set aside is taken; all of it without a number."""

    key = Key()
    points = Whole(_l("Points"), most=MOST_POINTS)


class LetGoInput(Input):
    """What was set aside is given back."""

    key = Key()


class VoidInput(Input):
    """Why a redemption is undone; the resident reads it."""

    key = Key()
    reason = Text(_l("Reason"), longest=100, required=True)


WHY: list[tuple[str, Any]] = [
    ("wrong_choice", _l("Wrong offer or amount")),
    ("changed_mind", _l("The customer changed their mind")),
    ("sold_out", _l("It could not be given")),
    ("other", _l("Another reason")),
]


class VoidForm(Input):
    """The same at the till, where a tap is quicker than words."""

    key = Key()
    why = Choice(_l("Why is it voided?"), WHY, required=True)
    words = Text(
        _l("In words"), longest=100, load_default="", hint=_l("The resident can read this.")
    )

    @validates_schema(skip_on_field_errors=True)
    def _said(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["why"] == "other" and not data["words"]:
            raise ValidationError(str(_l("Say the other reason in a few words.")), "words")
