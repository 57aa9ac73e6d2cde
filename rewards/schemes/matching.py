"""Whether a rule is about a deed: its condition, made ready to be asked many times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from rewards.schemes.calendar import is_kind
from rewards.schemes.facts import Deed
from rewards.schemes.rules import Axis, Rule, Source, Streak
from rewards.schemes.scheme import Calendar
from rewards.schemes.tally import Tally


@dataclass(frozen=True, slots=True)
class Asked:
    """A deed, when it began where it was done, and what was given before."""

    deed: Deed
    day: date
    at: time
    tally: Tally

    @classmethod
    def of(cls, deed: Deed, tally: Tally) -> "Asked":
        began = deed.began_at.astimezone(ZoneInfo(deed.timezone))
        return cls(deed, began.date(), began.time(), tally)


Test = Callable[[Asked], bool]


def tests(rule: Rule, calendar: Calendar) -> list[Test]:
    """What has to be true of a deed for the rule to be about it, its table aside."""
    return [*_of_the_deed(rule), *_of_the_day(rule, calendar), *_of_the_past(rule)]


def key_on(axis: Axis | None, deed: Deed) -> str | None:
    """The deed's key on a table's axis; without an axis the empty text."""
    match axis:
        case Axis.CLASS:
            return deed.class_
        case Axis.GRADE:
            return deed.grade
        case Axis.LEVEL:
            return deed.level
    return ""


def _of_the_deed(rule: Rule) -> list[Test]:
    when, found = rule.when, list[Test]()
    if when.classes:
        found.append(lambda asked: asked.deed.class_ in when.classes)
    if when.grades:
        found.append(lambda asked: asked.deed.grade in when.grades)
    if when.levels:
        found.append(lambda asked: asked.deed.level in when.levels)
    if when.places:
        found.append(lambda asked: asked.deed.place in when.places)
    if when.tags:
        found.append(lambda asked: not when.tags.isdisjoint(asked.deed.tags))
    if when.provenances:
        found.append(lambda asked: asked.deed.provenance in when.provenances)
    return found


def _of_the_day(rule: Rule, calendar: Calendar) -> list[Test]:
    when, kind, found = rule.when, rule.when.days, list[Test]()
    if when.weekdays:
        found.append(lambda asked: asked.day.isoweekday() in when.weekdays)
    if kind is not None:
        found.append(lambda asked: is_kind(calendar, asked.day, kind))
    if when.since is not None or when.until is not None:
        since, until = when.since or time.min, when.until
        found.append(lambda asked: _within(asked.at, since, until))
    return found


def _of_the_past(rule: Rule) -> list[Test]:
    source, streak, found = rule.source, rule.when.streak, list[Test]()
    if rule.when.first_time:
        found.append(lambda asked: not asked.tally.paid(asked.deed.resident_id, source))
    if streak is not None:
        found.append(lambda asked: _kept_up(asked, source, streak))
    return found


def _within(at: time, since: time, until: time | None) -> bool:
    """Whether a time of day is of the span, which may go over midnight."""
    if until is None:
        return at >= since
    if since > until:
        return at >= since or at < until
    return since <= at < until


def _kept_up(asked: Asked, source: Source, streak: Streak) -> bool:
    before = streak.length - 1
    return asked.tally.unbroken(asked.deed, source, streak.stretch, asked.day, before) == before
