"""Fields for numbers: whole ones, ones with a fraction, amounts of money."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from marshmallow import fields, validate

from rewards.forms.fields import LARGEST, REQUIRED, plain, shown_as


def _within(least: int, most: int) -> list[validate.Range]:
    """The end of what can be counted at all is nothing that a person has to read."""
    if most < LARGEST:
        said = _l("Enter a whole number from {min} to {max}.")
        return [validate.Range(min=least, max=most, error=said)]
    return [
        validate.Range(min=least, error=_l("Enter a whole number, {min} or more.")),
        validate.Range(max=most, error=_l("That number is too large.")),
    ]


class Whole(fields.Integer):
    """A whole number between *least* and *most*. Fractions are refused, never rounded."""

    kind = "whole"

    def __init__(
        self, label: Any, *, least: int = 1, most: int = LARGEST, hint: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(
            strict=True,
            validate=_within(least, most),
            metadata=shown_as(label, hint, inputmode="numeric"),
            error_messages={
                **REQUIRED,
                "invalid": _l("Enter a whole number, such as 30."),
                "too_large": _l("That number is too large."),
            },
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        if isinstance(value, str):
            value = plain(value)
            if not re.fullmatch(r"[+-]?\d{1,20}", value):
                raise self.make_error("invalid", input=value)
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Number(fields.Field[Decimal]):
    """A number between *least* and *most* with at most four digits after the point."""

    kind = "number"

    def __init__(
        self,
        label: Any,
        *,
        least: Decimal | int = 0,
        most: Decimal | int = LARGEST,
        hint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            validate=validate.Range(
                min=Decimal(least),
                max=Decimal(most),
                error=_l("Enter a number from {min} to {max}."),
            ),
            metadata=shown_as(label, hint, inputmode="decimal"),
            error_messages={**REQUIRED, "invalid": _l("Enter a number, such as 1.5.")},
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        text = plain(str(value))
        if isinstance(value, bool | float) or not re.fullmatch(r"-?\d{1,16}(\.\d{1,4})?", text):
            raise self.make_error("invalid", input=value)
        return Decimal(text)


class Yuan(fields.Field[int]):
    """An amount of money typed in yuan, such as 12.50; loads as whole fen."""

    kind = "yuan"

    def __init__(
        self,
        label: Any,
        *,
        least_fen: int = 1,
        most_fen: int = 10_000_000,
        hint: Any = None,
        **kw: Any,
    ) -> None:
        self.least_fen, self.most_fen = least_fen, most_fen
        super().__init__(
            metadata=shown_as(label, hint, inputmode="decimal"),
            error_messages=REQUIRED,
            **kw,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = plain(str(value)).removeprefix("¥").strip()
        try:
            if isinstance(value, bool | float) or not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text):
                raise InvalidOperation
            fen = int(Decimal(text) * 100)
        except InvalidOperation:
            raise ma.ValidationError(str(_l("Enter an amount in yuan, such as 12.50."))) from None
        if not self.least_fen <= fen <= self.most_fen:
            raise ma.ValidationError(
                str(
                    _l(
                        "Enter an amount from %(least)s to %(most)s yuan.",
                        least=f"{self.least_fen / 100:.2f}",
                        most=f"{self.most_fen / 100:.2f}",
                    )
                )
            )
        return fen
