"""What is wrong with a scheme: each thing by name, at its place, in words that say what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewards.errors import N_, Refused

Path = tuple[str | int, ...]

WORDS: dict[str, str] = {
    # What can be wrong with a file.
    "file_too_large": N_("The file is larger than %(most)s kB. A scheme isn't that long."),
    "file_not_utf8": N_("The file's text isn't UTF-8. Save it as UTF-8 and try again."),
    "file_not_readable": N_("This is neither YAML nor JSON from column %(column)s on."),
    "file_empty": N_("The file is empty."),
    "file_has_alias": N_(
        "The file refers back to itself by “%(name)s”, which can go round in a circle. Write out "
        "what is meant instead."
    ),
    "file_has_tag": N_("“%(tag)s” isn't allowed. Write plain texts, numbers, lists and names."),
    "file_has_documents": N_("Another document begins here. Put one scheme into one file."),
    "too_deep": N_("This is nested too deeply."),
    "duplicate_key": N_("“%(key)s” was given in line %(first)s already."),
    "past_date": N_("%(day)s is over. Choose today or a later day."),
    # What can be wrong with a value.
    "unknown_key": N_("“%(key)s” isn't known here. Known are: %(known)s."),
    "missing_key": N_("“%(key)s” is missing."),
    "wrong_type": N_("Write %(expected)s here."),
    "unknown_choice": N_("“%(value)s” isn't one of: %(known)s."),
    "which_one": N_("Give exactly one of: %(known)s."),
    "empty_text": N_("Write something here."),
    "text_too_long": N_("This has more than %(most)s characters."),
    "wrong_cells": N_("Give points by row and column where columns are named, else by row alone."),
    "bad_key": N_("“%(value)s”: use up to 40 small letters, digits, - and _."),
    "bad_date": N_("“%(value)s” isn't a day. Write it as 2027-01-31."),
    "bad_time": N_("“%(value)s” isn't a time of day. Write it as 18:30."),
    "not_a_number": N_("“%(value)s” isn't a number."),
    "not_whole": N_("%(value)s isn't a whole number."),
    "too_many_decimals": N_("%(value)s has more than %(most)s digits after the point."),
    "number_too_large": N_("%(value)s is too large: at most %(most)s."),
    "number_too_small": N_("%(value)s is too small: at least %(least)s."),
    "listed_twice": N_("“%(value)s” is listed twice."),
    "too_many": N_("These are more than %(most)s."),
    "too_few": N_("At least one is needed."),
}

EXPECTED: dict[str, str] = {
    "text": N_("a text"),
    "number": N_("a number"),
    "list": N_("a list"),
    "names": N_("names with their values"),
    "yes_no": N_("true or false"),
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: its name, where it is, and the facts that its words need.

    ``line`` is that of the file it was read from, counted from 1.
    """

    code: str
    path: Path = ()
    facts: dict[str, Any] = field(default_factory=dict)
    line: int | None = None

    @property
    def place(self) -> str:
        """Where it is, such as ``rules[2].caps[0].most``."""
        return written(self.path)

    @property
    def message(self) -> str:
        """Its words in English, their places still to be filled from the facts."""
        return WORDS[self.code]

    def json(self) -> dict[str, Any]:
        return {"code": self.code, "path": self.place, "line": self.line, **self.facts}


class BadScheme(Refused):
    """What was given isn't a scheme that could ever take effect; ``problems`` say why."""

    code = "bad_scheme"
    status = 422
    message = N_("Something is wrong with these rules. Put it right and try again.")

    def __init__(self, problems: Sequence[Problem] = (), **facts: Any) -> None:
        self.problems = tuple(problems)
        super().__init__(**facts or {"problems": [p.json() for p in problems]})


def written(path: Iterable[str | int]) -> str:
    """A path as text: ``rules[2].caps[0].most``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
