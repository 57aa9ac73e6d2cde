"""Shapes of what has parts: lists, sets, chosen names, and records that become dataclasses."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rewards.schemes.shapes import KEY, At, Shape, Wrong


@dataclass(frozen=True)
class Several:
    """A list of one shape, in its order; ``least`` is 0 or 1."""

    item: Shape
    most: int
    least: int = 0

    def read(self, data: object, at: At) -> tuple[Any, ...]:
        if not isinstance(data, list | tuple):
            raise at.wrong("wrong_type", expected="list")
        if len(data) > self.most:
            raise at.wrong("too_many", most=self.most)
        if len(data) < self.least:
            raise at.wrong("too_few")
        return tuple(_all(self.item, enumerate(data), at).values())

    def write(self, value: Iterable[Any]) -> list[Any]:
        return [self.item.write(item) for item in value]

    def schema(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema(), "maxItems": self.most, **least}


@dataclass(frozen=True)
class Set(Several):
    """A list in no order, each item once."""

    def read(self, data: object, at: At) -> Any:
        items = super().read(data, at)
        for index, item in enumerate(items):
            if item in items[:index]:
                raise (at / index).wrong("listed_twice", value=str(item))
        return frozenset(items)

    def write(self, value: Iterable[Any]) -> list[Any]:
        return sorted(super().write(value))

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"uniqueItems": True}


@dataclass(frozen=True)
class ByKey:
    """Names that the writer chooses, each with a value of one shape."""

    item: Shape
    most: int

    def read(self, data: object, at: At) -> dict[str, Any]:
        named = _mapping(data, at)
        if not named:
            raise at.wrong("too_few")
        if len(named) > self.most:
            raise at.wrong("too_many", most=self.most)
        for key in named:
            KEY.read(key, at / key)
        return _all(self.item, named.items(), at)

    def write(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self.item.write(item) for key, item in value.items()}

    def schema(self) -> dict[str, Any]:
        names = {"propertyNames": KEY.schema(), "minProperties": 1, "maxProperties": self.most}
        return {"type": "object", "additionalProperties": self.item.schema(), **names}


REQUIRED: Any = object()


class Record:
    """Known names, each with its shape: made into a dataclass, whose defaults aren't written.

    A field is a shape, or a shape with a default where the name may be left out.
    """

    def __init__(self, make: Callable[..., Any], **fields: "Shape | tuple[Shape, Any]") -> None:
        self._make = make
        self.fields: dict[str, tuple[Shape, Any]] = {
            name: field if isinstance(field, tuple) else (field, REQUIRED)
            for name, field in fields.items()
        }

    def read(self, data: object, at: At) -> Any:
        return self._make(**self.read_fields(data, at))

    def read_fields(self, data: object, at: At) -> dict[str, Any]:
        """What stands under each name, left-out names with their defaults."""
        named = _mapping(data, at)
        found = len(at.problems)
        for key in named:
            if key not in self.fields:
                (at / key).wrong("unknown_key", key=key[:40], known=", ".join(self.fields))
        values: dict[str, Any] = {}
        for name, (shape, default) in self.fields.items():
            if name in named:
                values |= _kept(shape, named[name], at / name, name)
            elif default is REQUIRED:
                at.wrong("missing_key", key=name)
            else:
                values[name] = default
        if len(at.problems) > found:
            raise Wrong
        return values

    def write(self, value: Any) -> dict[str, Any]:
        return self.write_fields({name: getattr(value, name) for name in self.fields})

    def write_fields(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: shape.write(values[name])
            for name, (shape, default) in self.fields.items()
            if default is REQUIRED or values[name] != default
        }

    def schema(self) -> dict[str, Any]:
        needed = [name for name, (_, default) in self.fields.items() if default is REQUIRED]
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, (shape, _) in self.fields.items()},
            **({"required": needed} if needed else {}),
            "additionalProperties": False,
        }


def _all(item: Shape, data: Iterable[tuple[Any, Any]], at: At) -> dict[Any, Any]:
    """Each value read, all problems put down before any stops."""
    found = len(at.problems)
    values: dict[Any, Any] = {}
    for key, one in data:
        values |= _kept(item, one, at / key, key)
    if len(at.problems) > found:
        raise Wrong
    return values


def _kept(shape: Shape, data: object, at: At, key: Any) -> dict[Any, Any]:
    try:
        return {key: shape.read(data, at)}
    except Wrong:
        return {}


def _mapping(data: object, at: At) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise at.wrong("wrong_type", expected="names")
    return data
