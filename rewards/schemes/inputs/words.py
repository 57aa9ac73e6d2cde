"""Names in both languages, and the keys that things go by inside a scheme."""

import re
from collections.abc import Iterable
from typing import Any

from rewards.schemes.rules import Words


def named(data: dict[str, Any], part: str = "name") -> Words:
    """The name that was typed; where the English is missing, the Chinese stands for both."""
    zh = data[f"{part}_zh"]
    return Words(zh, data[f"{part}_en"] or zh)


def typed_name(words: Words, part: str = "name") -> dict[str, Any]:
    """*words* as they would be typed: English that says the same isn't repeated."""
    return {f"{part}_zh": words.zh, f"{part}_en": "" if words.en == words.zh else words.en}


def free_key(wanted: str, taken: Iterable[str]) -> str:
    """A key like *wanted* that nothing else goes by; keys are never shown and never change."""
    plain = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:36].strip("-") or "item"
    known, key, number = set(taken), plain, 1
    while key in known:
        number += 1
        key = f"{plain}-{number}"
    return key
