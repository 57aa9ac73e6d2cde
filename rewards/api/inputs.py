"""What programs send beside what forms send."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.cards.inputs import Digits
from rewards.cards.pin import PIN_DIGITS
from rewards.forms import Input, Key, Secret, Text, Whole


class Credentials(Input):
    """User name and password of staff, or card code and PIN of a resident."""

    username = Text(_l("User name"), longest=40)
    password = Secret(_l("Password"), longest=200)
    code = Text(_l("Card code"), longest=300)
    pin = Digits(_l("PIN"), PIN_DIGITS)

    @ma.validates_schema(skip_on_field_errors=True)
    def _one_pair(self, data: dict[str, Any], **kwargs: Any) -> None:
        if set(data) not in ({"username", "password"}, {"code", "pin"}):
            raise ma.ValidationError(
                str(_l("Send username and password, or code and pin: one pair of the two."))
            )


class StatementQuery(Input):
    """Which page of a statement: lines before one, and how many."""

    before = Whole(_l("Only lines older than the one with this id"), load_default=None)
    size = Whole(_l("How many lines"), most=100, load_default=20)


class BeforeQuery(Input):
    """Which page of a list."""

    before = Whole(_l("The number that the last page gave"), load_default=None)


class IdempotencyKey(Input):
    """The sender's own key of one act: the same for every retry of it, new for every new act."""

    key = Key(data_key="Idempotency-Key")
