"""One rule in a sentence: what it is for and when, what it brings, how it is counted and capped."""

from collections.abc import Iterable
from datetime import time

from rewards.ledger.expiry import Idle, Months, Never, Policy, YearEnd
from rewards.schemes.phrases import WEEKDAYS, ZH
from rewards.schemes.rules import (
    Axis,
    Cap,
    Factor,
    Measure,
    Per,
    Rate,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Step,
    Table,
    Term,
    When,
    WhenOver,
    Words,
)
from rewards.schemes.scheme import Scheme
from rewards.schemes.tongues import Tongue, number

UNITS = {Per.ACT: "time", Per.HOUR: "hour", Per.YUAN: "yuan", Per.ITEM: "item"}
WEEKEND, WORKING_WEEK = frozenset({6, 7}), frozenset(range(1, 6))


def rule_sentence(rule: Rule, scheme: Scheme, tongue: Tongue) -> str:
    """The rule as a sentence."""
    heading = tongue.say(
        "heading", when=_when(rule.when, scheme, tongue), subject=_subject(rule, scheme, tongue)
    )
    amount = _amount(rule, scheme, tongue)
    clauses = [
        tongue.say("rule", heading=heading.strip(), amount=amount),
        *_counting(rule, tongue),
        *(_cap(cap, _per(rule), tongue) for cap in rule.caps),
        *_after(rule, tongue),
    ]
    return tongue.sentence(clauses)


def _subject(rule: Rule, scheme: Scheme, tongue: Tongue) -> str:
    """What is paid for: service of some classes, adopted suggestions, …"""
    when = rule.when
    of = "".join(
        tongue.say(f"of_{vocabulary}", names=_named(keys, getattr(scheme, vocabulary), tongue))
        for vocabulary, keys in (
            ("classes", when.classes),
            ("grades", when.grades),
            ("levels", when.levels),
        )
        if keys
    )
    if rule.source is Source.HOURS and not of:
        return tongue.say("hours_of_any")
    return tongue.say(rule.source.value, of=of)


def _named(keys: Iterable[str], terms: Iterable[Term], tongue: Tongue) -> str:
    """The names of some terms, in the order in which the scheme lists them."""
    wanted = set(keys)
    names = [word(term.name, tongue) for term in terms if term.key in wanted]
    listed = {term.key for term in terms}
    return joined([*names, *sorted(wanted - listed)], tongue)


def word(words: Words, tongue: Tongue) -> str:
    """A name in that language."""
    return words.zh if tongue is ZH else words.en


def joined(names: Iterable[str], tongue: Tongue, last: str = "and") -> str:
    """A list in words: a, b and c."""
    *most, end = names
    comma = "、" if tongue is ZH else ", "
    return tongue.say(last).join([comma.join(most), end]) if most else end


def _when(when: When, scheme: Scheme, tongue: Tongue) -> str:
    said: list[str] = []
    if when.tags:
        said.append(tongue.say("tags", names=_named(when.tags, scheme.tags, tongue)))
    if when.weekdays:
        said.append(_weekdays(when.weekdays, tongue))
    if when.days is not None:
        said.append(tongue.say(when.days.value))
    said.append(_time(when.since, when.until, tongue))
    if when.places:
        said.append(tongue.say("places", names=joined(sorted(when.places), tongue, "or")))
    if when.first_time:
        said.append(tongue.say("first_time"))
    if when.streak is not None:
        length = str(when.streak.length)
        said.append(tongue.say(f"streak_{when.streak.stretch.value}", length=length))
    if when.provenances:
        names = [tongue.say(value) for value in sorted(when.provenances)]
        said.append(tongue.say("provenances", names=joined(names, tongue, "or")))
    return "".join(said)


def _weekdays(weekdays: frozenset[int], tongue: Tongue) -> str:
    if weekdays == WEEKEND:
        return tongue.say("weekend")
    if weekdays == WORKING_WEEK:
        return tongue.say("working_week")
    return tongue.say("weekdays", names=weekday_names(weekdays, tongue))


def weekday_names(weekdays: Iterable[int], tongue: Tongue) -> str:
    """Some weekdays' names, Monday first."""
    return joined([WEEKDAYS[tongue.key][n - 1] for n in sorted(weekdays)], tongue)


def _time(since: time | None, until: time | None, tongue: Tongue) -> str:
    said = {"since": f"{since or time.min:%H:%M}", "until": f"{until or time.min:%H:%M}"}
    if since is None:
        return "" if until is None else tongue.say("before", **said)
    if until is None:
        return tongue.say("from", **said)
    return tongue.say("over_midnight" if since > until else "between", **said)


def _per(rule: Rule) -> Per:
    return Per.ACT if isinstance(rule.amount, Factor) else rule.amount.per


def _amount(rule: Rule, scheme: Scheme, tongue: Tongue) -> str:
    more = "_more" if rule.role is Role.BONUS else ""
    match rule.amount:
        case Factor(times):
            return tongue.say("times", times=number(times))
        case Rate(points, per):
            how = "once" if rule.when.first_time and per is Per.ACT else per.value
            return tongue.say(f"{how}{more}", points=tongue.count("point", points))
        case Table() as table:
            axes, cells = _axes(table, tongue), _cells(table, scheme, tongue)
            return tongue.say(f"{table.per}_table{more}", axes=axes, cells=cells)


def _axes(table: Table, tongue: Tongue) -> str:
    rows = tongue.say(table.rows.value)
    if table.columns is None:
        return rows
    return tongue.say("axes", rows=rows, columns=tongue.say(table.columns.value))


def _cells(table: Table, scheme: Scheme, tongue: Tongue) -> str:
    def name(axis: Axis, key: str) -> str:
        terms = {Axis.CLASS: scheme.classes, Axis.GRADE: scheme.grades, Axis.LEVEL: scheme.levels}
        return _named({key}, terms[axis], tongue)

    said = []
    for (row, column), points in table.cells.items():
        called = name(table.rows, row)
        if table.columns is not None:
            called = tongue.say("pair", row=called, column=name(table.columns, column))
        said.append(tongue.say("cell", name=called, points=tongue.count("point", points)))
    return joined(said, tongue)


def _counting(rule: Rule, tongue: Tongue) -> list[str]:
    """Steps and rounding, where they aren't what anybody would expect."""
    said = []
    if not isinstance(rule.amount, Factor) and rule.amount.step is not None:
        said.append(_step(rule.amount.step, rule.amount.per, tongue))
    if rule.rounding is not Rounding.HALF_UP:
        said.append(tongue.say(rule.rounding.value))
    return said


def _step(step: Step, per: Per, tongue: Tongue) -> str:
    return tongue.say(f"step_{step.rounding}", step=tongue.count(UNITS[per], step.size))


def _cap(cap: Cap, per: Per, tongue: Tongue) -> str:
    things = {Measure.POINTS: "point", Measure.TIMES: "time", Measure.QUANTITY: UNITS[per]}
    counts = cap.measure is Measure.QUANTITY
    said = tongue.say(
        "count_at_most" if counts else "at_most",
        whose=tongue.say(cap.whose.value),
        window=tongue.say(f"{cap.window}_window"),
        most=tongue.count(things[cap.measure], cap.most),
    )
    whole = cap.when_over is WhenOver.REFUSE and cap.measure is not Measure.TIMES
    return said + (tongue.say("or_nothing") if whole else "")


def _after(rule: Rule, tongue: Tongue) -> list[str]:
    """What a complaint does, and how long these points last."""
    said = []
    if rule.complaint is not None:
        phrase = "complaint" if rule.complaint else "complaint_none"
        said.append(tongue.say(phrase, factor=number(rule.complaint)))
    if rule.expiry is not None:
        said.append(tongue.say("lasting", policy=policy_words(rule.expiry, tongue)))
    return said


def shared_sentence(shared: SharedCap, scheme: Scheme, tongue: Tongue) -> str:
    """A cap on several rules as a sentence."""
    names = [word(rule.name, tongue) for rule in scheme.rules if rule.key in shared.rules]
    of = joined(names, tongue) if names else tongue.say("all_rules")
    return tongue.sentence(
        [tongue.say("together", names=of, cap=_cap(shared.cap, Per.ACT, tongue))]
    )


def policy_words(policy: Policy, tongue: Tongue) -> str:
    """How long points last, to go on after what they are."""
    match policy:
        case Never():
            return tongue.say("never")
        case Months(months, to_month_end):
            return tongue.say("months_to_end" if to_month_end else "months", months=str(months))
        case YearEnd(years):
            named = {0: "year_end_0", 1: "year_end_1"}
            return tongue.say(named.get(years, "year_end"), years=str(years))
        case Idle(months):
            return tongue.say("idle", months=str(months))
