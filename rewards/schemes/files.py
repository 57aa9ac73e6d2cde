"""A scheme as a file, YAML or JSON: read strictly, with the line of everything that is wrong.

What PyYAML parses is built here rather than by its loaders: texts stay texts (``18:30`` is no
number, ``no`` is no refusal), numbers stay exact, nothing refers to anything else.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NoReturn

import yaml

from rewards.schemes import checking
from rewards.schemes.document import DOCUMENT, EFFECT, serialize
from rewards.schemes.problems import BadScheme, Path, Problem
from rewards.schemes.scheme import Scheme
from rewards.schemes.shapes import At, Wrong
from rewards.schemes.structures import Record

MOST_BYTES = 256 * 1024
DEEPEST = 20
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


NOT_TAKEN: Mapping[date, int] = {}


class Form(StrEnum):
    """How a scheme's document is written into a file."""

    YAML = "yaml"
    JSON = "json"


@dataclass(frozen=True)
class Loaded:
    """What a file says: the scheme, its document, and the day it names to take effect."""

    document: dict[str, Any]
    scheme: Scheme
    effective_on: date | None


def load(
    content: str | bytes, today: date | None = None, taken: Mapping[date, int] = NOT_TAKEN
) -> Loaded:
    """Read a scheme's file. A day of effect before *today* is refused, and one that is *taken*:
    on which the version of that number is to begin.

    Raises:
        BadScheme: all that is wrong with it is named, each with its line.
    """
    data, lines = _read(_text(content))
    at = At()
    try:
        effective_on, scheme = _FILE.read(data, at)
    except Wrong:
        raise BadScheme(lines.placed(at.problems)) from None
    wrong = checking.problems(scheme)
    if effective_on and today and effective_on < today:
        facts = {"day": effective_on.isoformat()}
        wrong = [Problem("past_date", ("effective_on",), facts), *wrong]
    if effective_on in taken:
        facts = {"day": effective_on.isoformat(), "number": str(taken[effective_on])}
        wrong = [Problem("overlapping_versions", ("effective_on",), facts), *wrong]
    if wrong:
        raise BadScheme(lines.placed(wrong))
    return Loaded(serialize(scheme), scheme, effective_on)


def dump(document: dict[str, Any], form: Form, effective_on: date | None = None) -> str:
    """The document as a file's text; :func:`load` reads it back."""
    day = {"effective_on": effective_on.isoformat()} if effective_on else {}
    named = {"format": document["format"], **day} | document
    if form is Form.JSON:
        return json.dumps(named, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(named, allow_unicode=True, sort_keys=False, width=100)


def _dated(effective_on: date | None, format: str, **parts: Any) -> tuple[date | None, Scheme]:
    return effective_on, Scheme(**parts)


_FILE = Record(_dated, **EFFECT, **DOCUMENT.fields)


@dataclass
class _Lines:
    """The line on which each value, or the name it stands under, begins; counted from 1.

    A text in a list is found by itself as well as by its number: lists of texts have no order.
    """

    of: dict[Path, int] = field(default_factory=dict)

    def placed(self, problems: list[Problem]) -> list[Problem]:
        """The problems in the order of their lines."""
        found = [replace(p, line=self._line(p.path)) for p in problems]
        return sorted(found, key=lambda p: p.line or 0)

    def _line(self, path: Path) -> int:
        while path and path not in self.of:
            path = path[:-1]
        return self.of.get(path, 1)


def _text(content: str | bytes) -> str:
    if len(content) > MOST_BYTES:
        _refuse("file_too_large", 1, most=MOST_BYTES // 1024)
    text = content if isinstance(content, str) else _decoded(content)
    # In JSON a tab can only stand between values; YAML takes none there.
    return text.replace("\t", " ") if text.lstrip().startswith("{") else text


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("file_not_utf8", content.count(b"\n", 0, error.start) + 1)


def _read(text: str) -> tuple[Any, _Lines]:
    """The file's values, and where they stand."""
    lines = _Lines()
    try:
        return _Builder(yaml.parse(text, yaml.SafeLoader), lines).document(), lines
    except yaml.reader.ReaderError as error:
        start = text.rfind("\n", 0, error.position) + 1
        line = text.count("\n", 0, error.position) + 1
        _refuse("file_not_readable", line, column=error.position - start + 1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        _refuse("file_not_readable", line, column=column)


class _Builder:
    """Builds values from the events of a YAML parser; the first thing not allowed stops it."""

    def __init__(self, events: Iterator[Any], lines: _Lines) -> None:
        self._events, self._lines = events, lines

    def document(self) -> Any:
        next(self._events)
        begun = next(self._events)
        if isinstance(begun, yaml.StreamEndEvent):
            _refuse("file_empty", 1)
        value = self._value(next(self._events), ())
        next(self._events)
        more = next(self._events)
        if isinstance(more, yaml.DocumentStartEvent):
            _refuse("file_has_documents", _line(more))
        return value

    def _value(self, event: Any, path: Path) -> Any:
        self._check(event, path)
        self._lines.of.setdefault(path, _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        text = _joined(event.value)
        return text if event.style else _plain(text)

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
            if isinstance(values[-1], str):
                self._lines.of.setdefault((*path, values[-1]), _line(event))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                _refuse("wrong_type", _line(event), path, expected="text")
            key = event.value
            place = (*path, key)
            if key in values:
                facts = {"key": key[:40], "first": self._lines.of[place]}
                _refuse("duplicate_key", _line(event), place, **facts)
            self._lines.of[place] = _line(event)
            values[key] = self._value(next(self._events), place)
        return values

    def _check(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            _refuse("file_has_alias", _line(event), path, name=f"{sign}{event.anchor}"[:40])
        if event.tag:
            _refuse("file_has_tag", _line(event), path, tag=event.tag[:40])
        if len(path) > DEEPEST:
            _refuse("too_deep", _line(event), path[:3])


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _joined(text: str) -> str:
    """The text with the halves of characters that JSON escapes in two put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(text: str) -> Any:
    """What is written without quotation marks: a number, yes or no, nothing, or a text."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def _refuse(code: str, line: int, path: Path = (), **facts: Any) -> NoReturn:
    raise BadScheme([Problem(code, path, facts, line)])
