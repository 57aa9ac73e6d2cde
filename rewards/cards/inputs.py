"""What residents type at their own door, and the desk about cards."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.cards.pin import PIN_DIGITS
from rewards.forms import Choice, Day, Input, Secret, Text, plain


class Digits(Secret):
    """A secret of exactly *count* digits, typed with or without blanks, in full width too."""

    def __init__(self, label: Any, count: int, **kwargs: Any) -> None:
        self.count = count
        super().__init__(label, longest=count * 3, digits=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        digits = "".join(plain(typed).split())
        if len(digits) != self.count or not (digits.isascii() and digits.isdigit()):
            raise ma.ValidationError(str(_l("Enter %(count)s digits.", count=self.count)))
        return digits


class CardCode(Input):
    """A card's code or address, scanned or typed; the use case reads it."""

    code = Text(_l("Card code"), longest=300, required=True, autocomplete="off")


class Pin(Input):
    """The PIN, at the door."""

    pin = Digits(_l("PIN"), PIN_DIGITS, required=True, autocomplete="current-password")


class _NewPin(Input):
    new_pin = Digits(
        _l("New PIN"),
        PIN_DIGITS,
        required=True,
        autocomplete="new-password",
        hint=_l("6 digits that only you know. Don't use 123456 or the end of your phone number."),
    )
    new_pin_again = Digits(
        _l("The new PIN again"), PIN_DIGITS, required=True, autocomplete="new-password"
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _same(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["new_pin"] != data["new_pin_again"]:
            raise ma.ValidationError(
                str(_l("The two PINs differ. Type the same one twice.")), "new_pin_again"
            )


class Activation(_NewPin):
    """The activation code from the slip, and the PIN that the resident chooses."""

    class Meta(Input.Meta):
        fields = ("activation_code", "new_pin", "new_pin_again")

    activation_code = Digits(
        _l("Activation code"),
        8,
        required=True,
        autocomplete="one-time-code",
        hint=_l("8 digits, on the slip that was handed over with your card."),
    )


class ChangePin(_NewPin):
    """The present PIN and a new one."""

    class Meta(Input.Meta):
        fields = ("pin", "new_pin", "new_pin_again")

    pin = Digits(_l("Present PIN"), PIN_DIGITS, required=True, autocomplete="current-password")


class Reason(Input):
    """Why the desk does this; it is kept in the audit log."""

    reason = Text(_l("Reason"), longest=200, required=True)


class Replacement(Reason):
    """Why a card is replaced, and the last day of the newer one."""

    expires_on = Day(_l("Valid through"), hint=_l("Leave it empty for a card without an end."))


class Issue(Input):
    """The last day of the cards that are issued."""

    expires_on = Day(_l("Valid through"), hint=_l("Leave it empty for cards without an end."))


class Printing(Input):
    """How names stand on printed cards."""

    names = Choice(
        _l("Names on the cards"),
        [("full", _l("Full names")), ("masked", _l("Only the surname, the rest as stars"))],
        load_default="full",
    )
