"""What is wrong with a scheme: each thing by name, at its place, in words that say what to do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rewards.errors import N_, Refused
from rewards.schemes.rules import Words

Path = tuple[str | int, ...]

MESSAGES: dict[str, str] = {
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
    "overlapping_versions": N_(
        "Version %(number)s begins on %(day)s too. Choose another day, or withdraw that version."
    ),
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
    # What can be wrong with a scheme although its form is right.
    "key_used_twice": N_("The key “%(key)s” is used twice."),
    "unknown_term": N_("“%(key)s” isn't among the scheme's %(vocabulary)s. Add it there first."),
    "unknown_rule": N_("There is no rule with the key “%(key)s”."),
    "unreachable_rule": N_(
        "This rule never comes to pay: whatever it is for, “%(other)s” above it pays already."
    ),
    "overlapping_rules": N_(
        "Some things are both for this rule and for “%(other)s” above it. Make one of them the "
        "narrower, or pay it as a bonus."
    ),
    "never_met": N_("Nothing can meet all of these conditions at once."),
    "nothing_above": N_("No rule that this could multiply stands above it."),
    "cap_below_one_act": N_(
        "The limit of %(most)s is lower than one act: a single one of “%(rule)s” comes to %(one)s."
    ),
    "cap_not_whole": N_("A limit of %(most)s %(measure)s can't be counted exactly."),
    "no_event": N_("%(source)s has no event. Limit it by act, day, week, month, quarter or year."),
    "no_quantity": N_("A multiplier counts nothing. Limit its points or its times."),
    "no_provenance": N_("%(source)s isn't checked in. Leave this condition out."),
    "empty_time": N_("From %(time)s to %(time)s is no time at all."),
    "first_in_a_row": N_("The first time can't be one of several in a row."),
    "times_multiply": N_("Only a multiplier changes points by a factor. Give points here."),
    "multiplier_has_times": N_("A multiplier needs a factor: how many times the points above it."),
    "unit_doesnt_fit": N_("%(source)s isn't counted %(per)s."),
    "same_axis": N_("Rows and columns are of the same kind. Choose two kinds, or rows alone."),
    "step_not_whole": N_("Steps of %(size)s can't be counted exactly %(per)s."),
    "holiday_and_worked": N_("%(day)s can't be a holiday and a day of work."),
    "worked_anyway": N_("%(day)s is no Saturday or Sunday: it is worked anyway."),
    "window_twice": N_("There are two limits %(window)s. Keep one."),
    "stars_not_rising": N_(
        "Each grade needs more hours than the one before: %(hours)s after %(before)s."
    ),
}

# What stands for a value among a problem's facts.
NAMES: dict[str, dict[str, str]] = {
    "expected": {
        "text": N_("a text"),
        "number": N_("a number"),
        "list": N_("a list"),
        "names": N_("names with their values"),
        "yes_no": N_("true or false"),
    },
    "vocabulary": {
        "classes": N_("classes"),
        "grades": N_("grades"),
        "levels": N_("levels"),
        "tags": N_("identity tags"),
    },
    "per": {
        "act": N_("by the act"),
        "hour": N_("by the hour"),
        "yuan": N_("by the yuan"),
        "item": N_("by the item"),
    },
    "measure": {"points": N_("points"), "times": N_("times"), "quantity": N_("units")},
    "window": {
        "act": N_("for one act"),
        "event": N_("for one event"),
        "day": N_("a day"),
        "week": N_("a week"),
        "month": N_("a month"),
        "quarter": N_("a quarter"),
        "year": N_("a year"),
    },
    "source": {
        "event": N_("Taking part in an event"),
        "hours": N_("Service by the hour"),
        "money": N_("A donation of money"),
        "goods": N_("A donation of goods"),
        "suggestion": N_("A suggestion"),
        "photo_report": N_("A photo report"),
        "referral": N_("A referral"),
        "visit": N_("A visit"),
        "team": N_("A team's award"),
        "manual": N_("An award by hand"),
    },
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

    def worded(self, translate: Callable[[str], str] = str, language: str = "en") -> str:
        """What is wrong, in the language that *translate* speaks."""

        def said(name: str, value: Any) -> Any:
            if isinstance(value, Words):
                return value.en if language == "en" else value.zh
            return translate(NAMES[name][value]) if name in NAMES else value

        facts = {name: said(name, value) for name, value in self.facts.items()}
        return translate(MESSAGES[self.code]) % facts

    def json(self) -> dict[str, Any]:
        """Its name, place, line and facts."""
        facts = {n: asdict(v) if isinstance(v, Words) else v for n, v in self.facts.items()}
        return {"code": self.code, "path": self.place, "line": self.line, **facts}


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
