"""What is typed or sent about points given on."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.cards.inputs import Digits
from rewards.cards.pin import PIN_DIGITS
from rewards.forms import Input, Key, LongText, Text, Whole
from rewards.giving_on.model import LONGEST_REASON


class AmountInput(Input):
    """How many points."""

    points = Whole(_l("How many points"), required=True)


class NeighbourCard(Input):
    """A neighbour's card, scanned or typed."""

    code = Text(_l("Neighbour's card"), longest=300, required=True)


class GiverCard(Input):
    """The card of whoever gives, shown at the desk."""

    code = Text(_l("Giver's card"), longest=300, required=True)


class Confirmed(AmountInput):
    """That it is meant, by the key of the page that was shown."""

    key = Key()


class ConfirmedByPin(Confirmed):
    """That the resident means it, and nobody who found the phone."""

    pin = Digits(
        _l("Your PIN"),
        PIN_DIGITS,
        hint=_l("So that nobody else gives your points away."),
        required=True,
        autocomplete="off",
    )


class GiftInput(Input):
    """Points for a neighbour, by the card's code, or for a cause: exactly one of the two."""

    code = Text(_l("Neighbour's card"), longest=300)
    cause_id = Whole(_l("Cause"))
    points = Whole(_l("How many points"), required=True)

    @ma.validates_schema(skip_on_field_errors=True)
    def _one_receiver(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("code" in data) == ("cause_id" in data):
            raise ma.ValidationError(
                str(_l("Send code for a neighbour, or cause_id for a cause: one of the two."))
            )


class UndoGift(Input):
    """The giver's second thoughts."""

    key = Key()


class OfficeUndo(UndoGift):
    """Why the office undoes a gift."""

    because = LongText(
        _l("Reason"), longest=LONGEST_REASON, hint=_l("Both residents read this."), required=True
    )
