"""What a scheme holds beside its rules, as it is typed: one input for each part.

``PARTS`` pairs each input with what it shows of a scheme, and with the scheme that comes of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, DayList, Input, Lines, Text, Tick, Whole, spelt
from rewards.schemes.inputs import labels
from rewards.schemes.inputs.lasting import IDLE, KINDS, Lasting, policy, typed_policy
from rewards.schemes.inputs.spending import SpendingInput, spending, typed_spending
from rewards.schemes.inputs.words import free_key, named, typed_name
from rewards.schemes.rules import Term, WhenOver
from rewards.schemes.scheme import NEVER, Calendar, Deduction, Scheme, Star, Wallet

MOST_POINTS = 1_000_000
LONGEST_GRACE = 366


class NameInput(Input):
    """What the scheme is called."""

    name_zh = Text(_l("Name in Chinese"), longest=60, required=True)
    name_en = Text(_l("Name in English"), longest=100, load_default="")


class LineInput(Input):
    """Parent of lines with a name: ``key`` is that of one that is there already."""

    key = Text(_l("Inner name"), longest=40, load_default="")
    name_zh = Text(_l("Name in Chinese"), longest=60, required=True)
    name_en = Text(_l("Name in English"), longest=100, load_default="")
    remove = Tick(_l("Remove"))


NAMED = ("name_zh", "name_en")


class TermsInput(Input):
    """The classes, grades, levels or identities that rules may ask for."""

    terms = Lines(_l("Names"), LineInput, needs=NAMED, most=200)


class CalendarInput(Input):
    """Public holidays, and the weekends worked in exchange."""

    holidays = DayList(
        _l("Public holidays"),
        hint=_l("One day a line, or a span: 2026-10-01 - 2026-10-07."),
    )
    worked = DayList(
        _l("Saturdays and Sundays that are workdays"),
        hint=_l("Those worked in exchange for a holiday."),
    )


class WalletInput(Lasting):
    """How long points last and how many a card holds."""

    expiry_kind = Choice(_l("When points expire"), [*KINDS[:3], IDLE, KINDS[3]], required=True)
    grace_days = Whole(
        _l("Days to spend points that come back late"),
        least=0,
        most=LONGEST_GRACE,
        load_default=0,
        hint=_l("For points of an undone purchase whose last day is over. 0: they stay expired."),
    )
    limit = Whole(
        _l("Most points one wallet can hold"),
        most=MOST_POINTS,
        load_default=None,
        hint=_l("Empty: no limit."),
    )
    when_full = Choice(
        _l("When an award doesn't fit"), labels.FULL, load_default=WhenOver.TRIM.value
    )


class StarInput(LineInput):
    """One star grade."""

    hours = Whole(_l("From so many hours"), most=MOST_POINTS, required=True)
    benefits_zh = Text(_l("What it brings, in Chinese"), longest=200, load_default="")
    benefits_en = Text(_l("What it brings, in English"), longest=300, load_default="")


class StarsInput(Input):
    """Star grades for hours served."""

    stars = Lines(_l("Star grades"), StarInput, needs=(*NAMED, "hours"), most=10)


class DeductionInput(LineInput):
    """One ground on which points are taken away."""

    points = Whole(_l("Points taken"), most=MOST_POINTS, required=True)


class DeductionsInput(Input):
    """Deductions, each by an approved act only."""

    deductions = Lines(_l("Deductions"), DeductionInput, needs=(*NAMED, "points"), most=200)
    below_zero = Tick(
        _l("What isn't there is recorded as owed"),
        hint=_l("Otherwise only what is there is taken. A balance never falls below zero."),
    )


@dataclass(frozen=True)
class Part:
    """One part of a scheme, and the way between it and its form."""

    title: Any
    hint: Any
    schema: type[Input]
    typed: Callable[[Scheme], dict[str, Any]]
    changed: Callable[[Scheme, dict[str, Any]], Scheme]


def _terms(name: str, title: Any, hint: Any) -> Part:
    def typed(scheme: Scheme) -> dict[str, Any]:
        return {"terms": [{"key": t.key, **typed_name(t.name)} for t in getattr(scheme, name)]}

    def changed(scheme: Scheme, data: dict[str, Any]) -> Scheme:
        lines = _kept(data["terms"])
        terms = tuple(Term(line["key"], named(line)) for line in lines)
        return replace(scheme, **{name: terms})  # type: ignore[arg-type]

    return Part(title, hint, TermsInput, typed, changed)


def _kept(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines that aren't to go, each with a key: its own, or a new one by its name."""
    kept = [line for line in lines if not line["remove"]]
    taken = {line["key"] for line in lines}
    for line in kept:
        if not line["key"]:
            line["key"] = free_key(line["name_en"] or "item", taken)
            taken.add(line["key"])
    return kept


def _wallet(scheme: Scheme, data: dict[str, Any]) -> Scheme:
    wallet = Wallet(
        policy(data) or NEVER, data["grace_days"], data["limit"], WhenOver(data["when_full"])
    )
    return replace(scheme, wallet=wallet)


def _typed_wallet(scheme: Scheme) -> dict[str, Any]:
    wallet = scheme.wallet
    return {
        **typed_policy(wallet.expiry),
        "grace_days": wallet.grace_days,
        "limit": wallet.limit,
        "when_full": wallet.when_full.value,
    }


def _stars(scheme: Scheme, data: dict[str, Any]) -> Scheme:
    stars = [
        Star(
            line["key"],
            named(line),
            line["hours"],
            named(line, "benefits") if line["benefits_zh"] else Star.benefits,
        )
        for line in _kept(data["stars"])
    ]
    return replace(scheme, stars=tuple(sorted(stars, key=lambda star: star.hours)))


def _typed_stars(scheme: Scheme) -> dict[str, Any]:
    return {
        "stars": [
            {
                "key": star.key,
                **typed_name(star.name),
                "hours": star.hours,
                **typed_name(star.benefits, "benefits"),
            }
            for star in scheme.stars
        ]
    }


def _deductions(scheme: Scheme, data: dict[str, Any]) -> Scheme:
    kept = _kept(data["deductions"])
    deductions = tuple(Deduction(line["key"], named(line), line["points"]) for line in kept)
    return replace(scheme, deductions=deductions, below_zero=data["below_zero"])


def _typed_deductions(scheme: Scheme) -> dict[str, Any]:
    lines = [{"key": d.key, **typed_name(d.name), "points": d.points} for d in scheme.deductions]
    return {"deductions": lines, "below_zero": scheme.below_zero}


PARTS: dict[str, Part] = {
    "name": Part(
        _l("Name of the rules"),
        _l("What these rules are called on the public page."),
        NameInput,
        lambda scheme: typed_name(scheme.name),
        lambda scheme, data: replace(scheme, name=named(data)),
    ),
    "classes": _terms(
        "classes", _l("Classes"), _l("Kinds of events, suggestions and acts, such as environment.")
    ),
    "grades": _terms("grades", _l("Grades"), _l("How large or hard an event is.")),
    "levels": _terms("levels", _l("Levels"), _l("At which level something is handled or held.")),
    "tags": _terms("tags", _l("Identities"), _l("What a resident can be, such as building head.")),
    "calendar": Part(
        _l("Calendar"),
        _l("Rules for days off and holidays go by it."),
        CalendarInput,
        lambda s: {"holidays": spelt(s.calendar.holidays), "worked": spelt(s.calendar.worked)},
        lambda s, data: replace(s, calendar=Calendar(data["holidays"], data["worked"])),
    ),
    "wallet": Part(
        _l("Expiry and limit"),
        _l("How long points last and how many a card holds."),
        WalletInput,
        _typed_wallet,
        _wallet,
    ),
    "spending": Part(
        _l("Spending"),
        _l("When, where and how much residents may spend. What is empty asks for nothing."),
        SpendingInput,
        lambda scheme: typed_spending(scheme.spending),
        lambda scheme, data: replace(scheme, spending=spending(data)),
    ),
    "stars": Part(
        _l("Star grades"),
        _l("Given for hours served, whatever points were spent."),
        StarsInput,
        _typed_stars,
        _stars,
    ),
    "deductions": Part(
        _l("Deductions"),
        _l("Points taken away for a ground listed here, always approved by a second person."),
        DeductionsInput,
        _typed_deductions,
        _deductions,
    ),
}
