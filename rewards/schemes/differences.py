"""What is different between two schemes, in the plain sentences of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from rewards.forms import spelt
from rewards.schemes import sentences
from rewards.schemes.rules import Rule, SharedCap, Term, Words
from rewards.schemes.scheme import Scheme

T = TypeVar("T", Rule, SharedCap)

VOCABULARY = ("classes", "grades", "levels", "tags")
DAYS_OFF = {
    "zh": ("公共假日:", "调休上班:"),
    "en": ("Public holidays: ", "Weekends that are workdays: "),
}


class Change(StrEnum):
    """What became of one rule or part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    SAME = "same"


@dataclass(frozen=True)
class Difference:
    """One rule or part side by side: what was said of it, and what is said now."""

    part: str
    key: str
    name: Words | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    change: Change


def between(before: Scheme | None, after: Scheme, language: str) -> list[Difference]:
    """Rules, limits and parts of two schemes side by side, in the order of the second.

    What is the same is listed too; a rule that another has overtaken has moved.
    """
    old = before or Scheme(after.name, ())
    return [
        *_rules(old, after, language),
        *_limits(old, after, language),
        *_parts(before, after, language),
    ]


def changed(differences: Sequence[Difference]) -> list[Difference]:
    """Only what is different."""
    return [found for found in differences if found.change is not Change.SAME]


def _rules(old: Scheme, new: Scheme, language: str) -> list[Difference]:
    found = _side_by_side("rules", old, new, old.rules, new.rules, sentences.of_rule, language)
    moved = _overtaken(old.rules, new.rules)
    return [
        replace(one, change=Change.MOVED) if one.change is Change.SAME and one.key in moved else one
        for one in found
    ]


def _limits(old: Scheme, new: Scheme, language: str) -> list[Difference]:
    caps = (old.shared_caps, new.shared_caps)
    return _side_by_side("limits", old, new, *caps, sentences.of_shared_cap, language)


def _side_by_side(
    part: str,
    old: Scheme,
    new: Scheme,
    before: Sequence[T],
    after: Sequence[T],
    say: Callable[[T, Scheme, str], str],
    language: str,
) -> list[Difference]:
    """Things with keys, each beside what it was."""
    was, now = {one.key: one for one in before}, {one.key: one for one in after}
    found = []
    for key in _merged(list(was), list(now)):
        left = (say(was[key], old, language),) if key in was else ()
        right = (say(now[key], new, language),) if key in now else ()
        name = (now.get(key) or was[key]).name
        same = was.get(key) == now.get(key)
        found.append(Difference(part, key, name, left, right, _change(left, right, same)))
    return found


def _change(before: Sequence[str], after: Sequence[str], same: bool = True) -> Change:
    """How the two stand to one another: other words for the same data are a change too."""
    if not before and after:
        return Change.ADDED
    if before and not after:
        return Change.REMOVED
    return Change.SAME if same and before == after else Change.CHANGED


def _merged(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Keys in the order of *new*, those that are gone behind the one they followed."""
    merged = list(new)
    for index, key in enumerate(old):
        if key not in merged:
            before = [k for k in old[:index] if k in merged]
            merged.insert(merged.index(before[-1]) + 1 if before else 0, key)
    return merged


def _overtaken(old: Sequence[Rule], new: Sequence[Rule]) -> set[str]:
    """Rules before which another of their source stands now that stood behind them."""
    order = {rule.key: index for index, rule in enumerate(old)}
    return {
        rule.key
        for place, rule in enumerate(new)
        if rule.key in order
        and any(
            other.source is rule.source and order.get(other.key, -1) > order[rule.key]
            for other in new[:place]
        )
    }


def _parts(old: Scheme | None, new: Scheme, language: str) -> list[Difference]:
    before = of_parts(old, language) if old else {}
    found = []
    for part, now in of_parts(new, language).items():
        was = before.get(part, ())
        found.append(Difference(part, part, None, was, now, _change(was, now)))
    return found


def of_parts(scheme: Scheme, language: str) -> dict[str, tuple[str, ...]]:
    """What is said of each part beside the rules and limits; nothing where nothing is set."""
    sections = {s.key: s.sentences for s in sentences.of_scheme(scheme, language)}
    return {
        "name": (_named(scheme.name, language),),
        **{kind: _terms(getattr(scheme, kind), language) for kind in VOCABULARY},
        "calendar": _calendar(scheme, language),
        "wallet": tuple(sentences.of_wallet(scheme.wallet, language)),
        "spending": tuple(sentences.of_spending(scheme.spending, language)),
        "stars": sections.get("stars", ()),
        "deductions": sections.get("deducting", ()),
    }


def _named(words: Words, language: str) -> str:
    return words.en if language == "en" else words.zh


def _terms(terms: Sequence[Term], language: str) -> tuple[str, ...]:
    comma = ", " if language == "en" else "、"
    return (comma.join(_named(term.name, language) for term in terms),) if terms else ()


def _calendar(scheme: Scheme, language: str) -> tuple[str, ...]:
    labels = DAYS_OFF["en" if language == "en" else "zh"]
    comma = ", " if language == "en" else "、"
    days = (scheme.calendar.holidays, scheme.calendar.worked)
    return tuple(
        label + comma.join(spelt(some).splitlines())
        for label, some in zip(labels, days, strict=True)
        if some
    )
