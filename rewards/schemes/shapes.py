"""Shapes of JSON values: each reads data into what it stands for, writes it back, and says by
JSON Schema what it takes. One description serves all three, so that they can't differ.

Here are those of single values; :mod:`rewards.schemes.structures` puts them together.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol

from rewards.schemes.problems import Path, Problem

DECIMALS = 4
_KEY = r"[a-z0-9_-]{1,40}"
_DECIMAL = r"\d{1,12}(\.\d{1,4})?"
_DATE = r"\d{4}-\d{2}-\d{2}"
SMALLEST = Decimal(1).scaleb(-DECIMALS)
_TIME = r"([01]\d|2[0-3]):[0-5]\d"


class Wrong(Exception):
    """The value can't be read; what is wrong with it has been put down."""


@dataclass(frozen=True)
class At:
    """A place in the data, and the problems found so far, shared by all places."""

    problems: list[Problem] = field(default_factory=list)
    path: Path = ()

    def __truediv__(self, part: str | int) -> "At":
        return At(self.problems, (*self.path, part))

    def wrong(self, code: str, **facts: Any) -> Wrong:
        """Put a problem down; to be raised by who can't go on."""
        self.problems.append(Problem(code, self.path, facts))
        return Wrong()


class Shape(Protocol):
    """Reads, writes and describes values of one kind."""

    def read(self, data: object, at: At) -> Any:
        """What *data* stands for.

        Raises:
            Wrong: it stands for nothing; the problems are with *at*.
        """

    def write(self, value: Any) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Text:
    """A text that isn't empty."""

    most: int
    optional: bool = False

    def read(self, data: object, at: At) -> str:
        if not isinstance(data, str):
            raise at.wrong("wrong_type", expected="text")
        if not data.strip() and not self.optional:
            raise at.wrong("empty_text")
        if len(data) > self.most:
            raise at.wrong("text_too_long", most=self.most)
        return data.strip()

    def write(self, value: str) -> str:
        return value

    def schema(self) -> dict[str, Any]:
        limit: dict[str, Any] = {"type": "string", "maxLength": self.most}
        return limit if self.optional else limit | {"pattern": r"\S"}


@dataclass(frozen=True)
class Matching:
    """A text of a certain form, and what is made of it; *code* names what isn't of that form."""

    pattern: str
    code: str
    make: Callable[[str], Any] = str
    form: str = ""

    def read(self, data: object, at: At) -> Any:
        if not isinstance(data, str):
            raise at.wrong("wrong_type", expected="text")
        if not re.fullmatch(self.pattern, data, re.ASCII):
            raise at.wrong(self.code, value=data[:40])
        try:
            return self.make(data)
        except ValueError:
            raise at.wrong(self.code, value=data) from None

    def write(self, value: Any) -> str:
        return value.strftime("%H:%M") if isinstance(value, time) else str(value)

    def schema(self) -> dict[str, Any]:
        form = {"format": self.form} if self.form else {}
        return {"type": "string", "pattern": f"^{self.pattern}$", **form}


KEY = Matching(_KEY, "bad_key")
DAY = Matching(_DATE, "bad_date", date.fromisoformat, "date")
TIME = Matching(_TIME, "bad_time", time.fromisoformat)


@dataclass(frozen=True)
class Const:
    """One text and no other."""

    value: str

    def read(self, data: object, at: At) -> str:
        if data != self.value:
            raise at.wrong("unknown_choice", value=str(data)[:40], known=self.value)
        return self.value

    def write(self, value: str) -> str:
        return self.value

    def schema(self) -> dict[str, Any]:
        return {"const": self.value}


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    def read(self, data: object, at: At) -> bool:
        if not isinstance(data, bool):
            raise at.wrong("wrong_type", expected="yes_no")
        return data

    def write(self, value: bool) -> bool:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number:
    """A number within bounds, with up to four digits after the point, given as such or as text.

    Written as a JSON number if it is whole, else as text, so that it stays exact.
    """

    least: int | Decimal
    most: int

    def read(self, data: object, at: At) -> Any:
        return self._within(_decimal(data, at), at)

    def _within(self, number: Decimal, at: At) -> Decimal:
        if number > self.most:
            raise at.wrong("number_too_large", value=_short(number), most=self.most)
        if number < self.least:
            raise at.wrong("number_too_small", value=_short(number), least=self.write(self.least))
        if -int(number.as_tuple().exponent) > DECIMALS:
            raise at.wrong("too_many_decimals", value=_short(number), most=DECIMALS)
        return Decimal(int(number)) if number == int(number) else number.normalize()

    def write(self, value: Decimal | int) -> int | str:
        return int(value) if value == int(value) else str(value)

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": float(self.least), "maximum": self.most}
        return {
            "anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": f"^{_DECIMAL}$"}]
        }


@dataclass(frozen=True)
class Whole(Number):
    """A whole number within bounds."""

    def read(self, data: object, at: At) -> int:
        if isinstance(data, str):
            raise at.wrong("wrong_type", expected="number")
        number = self._within(_decimal(data, at), at)
        if number != int(number):
            raise at.wrong("not_whole", value=_short(number))
        return int(number)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Choice:
    """One of an enumeration's values, or of some of them."""

    of: type[StrEnum]
    only: tuple[StrEnum, ...] = ()

    def read(self, data: object, at: At) -> StrEnum:
        known = self._known()
        if not isinstance(data, str):
            raise at.wrong("wrong_type", expected="text")
        if data not in known:
            raise at.wrong("unknown_choice", value=data[:40], known=", ".join(known))
        return self.of(data)

    def write(self, value: StrEnum) -> str:
        return value.value

    def schema(self) -> dict[str, Any]:
        return {"enum": self._known()}

    def _known(self) -> list[str]:
        return [member.value for member in self.only or self.of]


def _decimal(data: object, at: At) -> Decimal:
    """*data* as an exact number; floats as they were written."""
    if isinstance(data, bool) or not isinstance(data, int | float | Decimal | str):
        raise at.wrong("wrong_type", expected="number")
    if isinstance(data, str) and not re.fullmatch(_DECIMAL, data, re.ASCII):
        raise at.wrong("not_a_number", value=data[:40])
    try:
        number = Decimal(repr(data)) if isinstance(data, float) else Decimal(data)
    except InvalidOperation:
        raise at.wrong("not_a_number", value=str(data)[:40]) from None
    if not number.is_finite():
        raise at.wrong("not_a_number", value=str(data))
    return number


def _short(number: Decimal) -> str:
    """The number as a message can show it, however long it is."""
    text = str(number)
    return text if len(text) <= 24 else f"{text[:20]}…"
