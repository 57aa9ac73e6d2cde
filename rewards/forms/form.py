"""One schema an input, for the JSON API and for the HTML form.

A schema checks shape: type, length, range, form. Whether the act is allowed is the use
case's to say. Forms ignore fields that they do not know (a browser adds its own), JSON
refuses them (a misspelt field must not pass unseen).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import marshmallow as ma


class Input(ma.Schema):
    """Parent of every input schema. Strings are stripped, blanks count as missing."""

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def _tidy(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        tidy = {k: v.strip() if isinstance(v, str) else v for k, v in data.items()}
        return {k: v for k, v in tidy.items() if v != ""}


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


@dataclass
class Form:
    """What was typed, the clean data, and the errors, for one input schema.

    ``typed`` is what the page shows again, ``data`` what the use case is given (only when
    ``valid``), ``errors`` a list of sentences for each field, ``""`` for the whole form.
    """

    schema: Input
    typed: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def blank(cls, schema: type[Input], **typed: Any) -> "Form":
        """An empty form, or one filled with what is there already."""
        return cls(schema(), {k: _shown(v) for k, v in typed.items() if v is not None})

    @classmethod
    def read(
        cls, schema: type[Input], source: Mapping[str, Any], timezone: str | None = None
    ) -> "Form":
        """Load *source* (``request.form``) by *schema*; look at ``valid`` before ``data``."""
        made = schema(unknown=ma.EXCLUDE)
        made.timezone = timezone  # type: ignore[attr-defined]
        form = cls(made, dict(source))
        try:
            form.data = made.load(dict(source))
        except ma.ValidationError as error:
            messages_by_name = error.normalized_messages()  # type: ignore[no-untyped-call]
            for name, messages in messages_by_name.items():
                key = "" if name == "_schema" else name
                form.errors[key] = [str(m) for m in _flat(messages)]
        return form

    @property
    def valid(self) -> bool:
        return not self.errors

    def refuse(self, message: Any, name: str = "") -> None:
        """Add a refusal by the use case, at the field that it concerns if there is one."""
        self.errors.setdefault(name, []).append(str(message))

    def __getitem__(self, name: str) -> Drawn:
        declared = self.schema.fields[name]
        return Drawn(
            name=name,
            kind=getattr(declared, "kind", "text"),
            label=declared.metadata.get("label", name),
            hint=declared.metadata.get("hint"),
            required=declared.required,
            value="" if name not in self.typed else str(self.typed[name]),
            errors=self.errors.get(name, []),
            more=declared.metadata,
        )

    def __iter__(self) -> Any:
        return (self[name] for name in self.schema.fields)


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)


def _flat(messages: Any) -> list[Any]:
    if isinstance(messages, Mapping):
        return [m for part in messages.values() for m in _flat(part)]
    return list(messages) if isinstance(messages, list) else [messages]
