"""Identity tags as people write them in a list: by name in either language, or by key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rewards.forms import plain
from rewards.schemes.rules import Term

# Anything between two of them, but not a blank: a name may have one.
_BETWEEN = re.compile(r"[、,，;；/|\n]+")


@dataclass(frozen=True)
class Read:
    """The keys that a cell stands for, and what in it stands for none."""

    keys: list[str]
    unknown: list[str]


def read(cell: str, known: Sequence[Term]) -> Read:
    """What a cell of tags says: ``党员、楼门长``."""
    keys = {word: term.key for term in known for word in _words(term)}
    written = [name for part in _BETWEEN.split(cell) if (name := plain(part))]
    found = {keys[name.casefold()] for name in written if name.casefold() in keys}
    return Read(sorted(found), [name for name in written if name.casefold() not in keys])


def _words(term: Term) -> tuple[str, ...]:
    return tuple(plain(word).casefold() for word in (term.key, term.name.zh, term.name.en))
