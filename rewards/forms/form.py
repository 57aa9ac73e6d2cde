"""One schema an input, for the JSON API and for the HTML form.

A schema checks shape: type, length, range, form. Whether the act is allowed is the use
case's to say. Forms ignore fields that they do not know (a browser adds its own), JSON
refuses them (a misspelt field must not pass unseen).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import marshmallow as ma

from rewards.forms.several import Lines, Ticks


class Input(ma.Schema):
    """Parent of every input schema. Strings are stripped, blanks count as missing."""

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def _tidy(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        tidy = ((k, v.strip() if isinstance(v, str) else v) for k, v in data.items())
        return {k: v for k, v in tidy if v != ""}


@dataclass
class Drawn:
    """One field as a template draws it."""

    name: str
    kind: str
    label: Any
    hint: Any
    required: bool
    value: str
    errors: list[str]
    more: Mapping[str, Any]
    values: list[str] = field(default_factory=list)


@dataclass
class Form:
    """What was typed, the clean data, and the errors, for one input schema.

    ``typed`` is what the page shows again, ``data`` what the use case is given (only when
    ``valid``), ``errors`` a list of sentences for each field, ``""`` for the whole form. A field
    of a line is named with its line: ``caps-0-most``; ``prefix`` is what the names of one line
    begin with.
    """

    schema: Input
    typed: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    prefix: str = ""

    @classmethod
    def blank(cls, schema: type[Input], **typed: Any) -> "Form":
        """An empty form, or one filled with what is there already."""
        form = cls(schema())
        for name, value in typed.items():
            form._fill(name, value)
        return form

    def _fill(self, name: str, value: Any) -> None:
        declared = self.schema.fields.get(name)
        if isinstance(declared, Lines):
            for number, line in enumerate(value):
                for part, inside in line.items():
                    if inside is not None:
                        self.typed[f"{name}-{number}-{part}"] = _shown(inside)
        elif isinstance(declared, Ticks):
            self.typed[name] = [_shown(one) for one in value]
        elif value is not None:
            self.typed[name] = _shown(value)

    @classmethod
    def read(
        cls, schema: type[Input], source: Mapping[str, Any], timezone: str | None = None
    ) -> "Form":
        """Load *source* (``request.form``) by *schema*; look at ``valid`` before ``data``."""
        made = schema(unknown=ma.EXCLUDE)
        made.timezone = timezone  # type: ignore[attr-defined]
        form = cls(made, dict(source))
        for name, declared in made.fields.items():
            if isinstance(declared, Ticks) and hasattr(source, "getlist"):
                form.typed[name] = source.getlist(name)
        numbers, given = form._given()
        try:
            form.data = made.load(given)
        except ma.ValidationError as error:
            messages_by_name = error.normalized_messages()  # type: ignore[no-untyped-call]
            for name, messages in messages_by_name.items():
                form._note(name, messages, numbers.get(name, []))
        return form

    def _given(self) -> tuple[dict[str, list[int]], dict[str, Any]]:
        """What the schema is given, and of each field with lines the numbers of the filled."""
        given, numbers = dict(self.typed), {}
        for name, declared in self.schema.fields.items():
            if isinstance(declared, Lines):
                lines = {row.number: row.typed for row in self._rows(name, declared)}
                numbers[name] = [n for n, typed in lines.items() if _filled(typed, declared)]
                given[name] = [lines[n] for n in numbers[name]]
        return numbers, given

    def _note(self, name: str, messages: Any, numbers: list[int]) -> None:
        """Keep the errors of one field; those of a line at the line's own fields."""
        if not isinstance(messages, Mapping) or not numbers:
            self.errors["" if name == "_schema" else name] = [str(m) for m in _flat(messages)]
            return
        for number, of_line in messages.items():
            for part, said in of_line.items() if isinstance(of_line, Mapping) else ():
                at = name if part == "_schema" else f"{name}-{numbers[number]}-{part}"
                self.errors.setdefault(at, []).extend(str(m) for m in _flat(said))

    @property
    def valid(self) -> bool:
        return not self.errors

    @property
    def number(self) -> int:
        """Which line this is, of a form that is one."""
        return int(self.prefix.rsplit("-", 2)[1])

    def refuse(self, message: Any, name: str = "") -> None:
        """Add a refusal by the use case, at the field that it concerns if there is one."""
        self.errors.setdefault(name, []).append(str(message))

    def lines(self, name: str, spare: int = 1) -> list["Form"]:
        """The lines of a field, each a form of its own, with *spare* empty ones at the end.

        A page sent with the button ``more`` of that name gets three more of them.
        """
        declared = self.schema.fields[name]
        rows = self._rows(name, declared)
        filled = max((r.number + 1 for r in rows if _filled(r.typed, declared)), default=0)
        wanted = filled + spare
        if self.typed.get("more") == name:
            wanted = max(wanted, len(rows) + 3)
        return [self._line(name, declared, number) for number in range(wanted)]

    def _rows(self, name: str, declared: Any) -> list["Form"]:
        """The lines that were sent or filled, empty ones between them included."""
        numbers = [
            int(given.removeprefix(f"{name}-").split("-")[0])
            for given in self.typed
            if re.fullmatch(rf"{name}-\d{{1,3}}-\w+", given)
        ]
        return [self._line(name, declared, n) for n in range(max(numbers, default=-1) + 1)]

    def _line(self, name: str, declared: Any, number: int) -> "Form":
        prefix, row = f"{name}-{number}-", declared.row()
        own = {
            part: self.typed[prefix + part] for part in row.fields if prefix + part in self.typed
        }
        wrong = {
            part: self.errors[prefix + part] for part in row.fields if prefix + part in self.errors
        }
        return Form(row, own, errors=wrong, prefix=prefix)

    def __contains__(self, name: str) -> bool:
        return name in self.schema.fields or self._of_line(name) is not None

    def _of_line(self, name: str) -> tuple["Form", str] | None:
        """The line and its field that ``caps-0-most`` names."""
        first, _, rest = name.partition("-")
        number, _, part = rest.partition("-")
        declared = self.schema.fields.get(first)
        if not isinstance(declared, Lines) or not number.isdecimal():
            return None
        line = self._line(first, declared, int(number))
        return (line, part) if part in line.schema.fields else None

    def __getitem__(self, name: str) -> Drawn:
        if found := self._of_line(name):
            return found[0][found[1]]
        declared = self.schema.fields[name]
        typed = self.typed.get(name, "")
        return Drawn(
            name=self.prefix + name,
            kind=getattr(declared, "kind", "text"),
            label=declared.metadata.get("label", name),
            hint=declared.metadata.get("hint"),
            required=declared.required,
            value="" if isinstance(typed, list) else str(typed),
            errors=self.errors.get(name, []),
            more=declared.metadata,
            values=typed if isinstance(typed, list) else [],
        )

    def __iter__(self) -> Any:
        return (self[name] for name in self.schema.fields)


def _filled(typed: Mapping[str, Any], declared: Any) -> bool:
    return any(str(typed.get(part, "")).strip() for part in declared.needs)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _flat(messages: Any) -> list[Any]:
    if isinstance(messages, Mapping):
        return [m for part in messages.values() for m in _flat(part)]
    return list(messages) if isinstance(messages, list) else [messages]
