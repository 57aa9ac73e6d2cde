"""One rule as it is typed, and how that and the rule become one another."""

from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import (
    Choice,
    Input,
    Lines,
    LongText,
    Number,
    Text,
    Tick,
    Ticks,
    TimeOfDay,
    Whole,
)
from rewards.schemes.inputs import labels
from rewards.schemes.inputs.caps import CapInput, cap, typed_cap
from rewards.schemes.inputs.labels import TABLE, TIMES
from rewards.schemes.inputs.lasting import NEEDED, RuleLasting, policy, typed_policy
from rewards.schemes.inputs.words import named, typed_name
from rewards.schemes.rules import (
    Amount,
    Axis,
    Days,
    Factor,
    Per,
    Provenance,
    Rate,
    Role,
    Rounding,
    Rule,
    Source,
    Step,
    Streak,
    Stretch,
    Table,
    When,
)

MOST_POINTS = 1_000_000
LONGEST_PLACE = 80


class CellInput(Input):
    """One cell of a table of points; one without points isn't paid for."""

    row = Text(_l("Row"), longest=40, load_default="")
    column = Text(_l("Column"), longest=40, load_default="")
    points = Number(_l("Points"), most=MOST_POINTS, load_default=None)


class RuleInput(RuleLasting):
    """One rule. Which of the amount's fields count, ``amount`` says."""

    name_zh = Text(_l("Name in Chinese"), longest=60, required=True)
    name_en = Text(_l("Name in English"), longest=100, load_default="")
    source = Choice(_l("What it is for"), labels.SOURCES, required=True)
    role = Choice(_l("What the rule does"), labels.ROLES, load_default=Role.BASE.value)

    amount = Choice(_l("How points are counted"), labels.AMOUNTS, required=True)
    points = Number(_l("Points"), most=MOST_POINTS, load_default=None)
    times = Number(
        _l("Times"), most=100, load_default=None, hint=_l("2 is twice as many, 0.5 is half.")
    )
    rows = Choice(_l("Rows of the table"), labels.AXES, load_default=Axis.CLASS.value)
    columns = Choice(_l("Columns of the table"), labels.AXES, load_default=None)
    cells = Lines(_l("Points of the table"), CellInput, needs=("points",), most=400)
    table_per = Choice(_l("The table's points are for"), labels.UNITS, load_default=Per.ACT.value)
    step = Number(
        _l("Count in steps of"),
        most=MOST_POINTS,
        load_default=None,
        hint=_l("Such as 0.5 for half hours. Empty: every minute, every fen counts."),
    )
    step_rounding = Choice(
        _l("What is between two steps"), labels.ROUNDINGS, load_default=Rounding.DOWN.value
    )

    classes = Ticks(_l("Classes"))
    grades = Ticks(_l("Grades"))
    levels = Ticks(_l("Levels"))
    tags = Ticks(_l("Identity of the resident"))
    provenances = Ticks(_l("How the hours are known"), labels.PROVENANCES)
    places = LongText(
        _l("Only at these places"), hint=_l("One a line, written as in the event."), load_default=""
    )
    weekdays = Ticks(_l("Days of the week"), labels.WEEKDAYS)
    days = Choice(_l("Kind of day"), labels.DAYS, load_default=None)
    since = TimeOfDay(_l("From this time on"), load_default=None)
    until = TimeOfDay(
        _l("Until before this time"), load_default=None, hint=_l("By the time at which it began.")
    )
    first_time = Tick(_l("Only the first time somebody does such a thing"))
    streak_length = Whole(_l("At least so many in a row"), least=2, most=366, load_default=None)
    streak_stretch = Choice(_l("Counted in"), labels.STRETCHES, load_default=Stretch.WEEK.value)

    caps = Lines(_l("Limits"), CapInput, needs=("most",), most=20)
    rounding = Choice(
        _l("Fractions of a point"), labels.ROUNDINGS, load_default=Rounding.HALF_UP.value
    )
    complaint = Number(
        _l("What is left after an upheld complaint"),
        most=1,
        load_default=None,
        hint=_l("0 is nothing, 0.5 is half. Empty: a complaint changes nothing."),
    )

    @ma.pre_load
    def _multiplied(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """A rule that multiplies is given in times, whatever stood there before."""
        return data | {"amount": TIMES} if data.get("role") == Role.MULTIPLIER else data

    @ma.validates_schema(skip_on_field_errors=True)
    def _amount_given(self, data: dict[str, Any], **kwargs: Any) -> None:
        amount = data["amount"]
        if amount == TIMES and data["role"] != Role.MULTIPLIER:
            raise ma.ValidationError(str(_l("Choose how points are counted.")), "amount")
        needed = {TIMES: "times", TABLE: "cells"}.get(amount, "points")
        if data[needed] is None or data[needed] == []:
            raise ma.ValidationError(str(NEEDED), needed)
        if amount == TABLE:
            self._table_given(data)

    def _table_given(self, data: dict[str, Any]) -> None:
        if data["rows"] == data["columns"]:
            raise ma.ValidationError(str(_l("Choose another fact than for the rows.")), "columns")
        if any(bool(cell["column"]) != bool(data["columns"]) for cell in data["cells"]):
            raise ma.ValidationError(str(_l("Draw the table anew, then fill it in.")), "columns")

    @ma.validates_schema(skip_on_field_errors=True)
    def _when_given(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["step"] == 0:
            raise ma.ValidationError(str(_l("A step is more than 0.")), "step")
        if any(len(place) > LONGEST_PLACE for place in _places(data["places"])):
            too_long = _l("Use at most %(most)s characters for a place.")
            raise ma.ValidationError(str(too_long) % {"most": LONGEST_PLACE}, "places")


def rule(key: str, data: dict[str, Any]) -> Rule:
    """The rule that *data*, loaded by :class:`RuleInput`, describes."""
    return Rule(
        key=key,
        name=named(data),
        source=Source(data["source"]),
        role=Role(data["role"]),
        amount=_amount(data),
        when=_when(data),
        rounding=Rounding(data["rounding"]),
        caps=tuple(cap(line) for line in data["caps"]),
        complaint=data["complaint"],
        expiry=policy(data),
    )


def _amount(data: dict[str, Any]) -> Amount:
    if data["amount"] == TIMES:
        return Factor(data["times"])
    step = Step(data["step"], Rounding(data["step_rounding"])) if data["step"] else None
    if data["amount"] != TABLE:
        return Rate(data["points"], Per(data["amount"]), step)
    columns = Axis(data["columns"]) if data["columns"] else None
    cells = {
        (cell["row"], cell["column"] if columns else ""): cell["points"] for cell in data["cells"]
    }
    return Table(Axis(data["rows"]), columns, cells, Per(data["table_per"]), step)


def _when(data: dict[str, Any]) -> When:
    length = data["streak_length"]
    return When(
        **{name: frozenset(data[name]) for name in ("classes", "grades", "levels", "tags")},
        provenances=frozenset(Provenance(value) for value in data["provenances"]),
        places=frozenset(_places(data["places"])),
        weekdays=frozenset(int(value) for value in data["weekdays"]),
        days=Days(data["days"]) if data["days"] else None,
        since=data["since"],
        until=data["until"],
        first_time=data["first_time"],
        streak=Streak(length, Stretch(data["streak_stretch"])) if length else None,
    )


def _places(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def typed_rule(rule: Rule) -> dict[str, Any]:
    """*rule* as it would be typed."""
    return {
        **typed_name(rule.name),
        "source": rule.source.value,
        "role": rule.role.value,
        **_typed_amount(rule.amount),
        **_typed_when(rule.when),
        "caps": [typed_cap(cap) for cap in rule.caps],
        "rounding": rule.rounding.value,
        "complaint": rule.complaint,
        **typed_policy(rule.expiry),
    }


def _typed_amount(amount: Amount) -> dict[str, Any]:
    match amount:
        case Factor(times):
            return {"amount": TIMES, "times": times}
        case Rate(points, per, step):
            return {"amount": per.value, "points": points, **_typed_step(step)}
    cells = [{"row": r, "column": c, "points": points} for (r, c), points in amount.cells.items()]
    return {
        "amount": TABLE,
        "rows": amount.rows.value,
        "columns": amount.columns.value if amount.columns else None,
        "cells": cells,
        "table_per": amount.per.value,
        **_typed_step(amount.step),
    }


def _typed_step(step: Step | None) -> dict[str, Any]:
    return {"step": step.size, "step_rounding": step.rounding.value} if step else {}


def _typed_when(when: When) -> dict[str, Any]:
    streak = when.streak
    known: dict[str, Any] = {
        name: sorted(getattr(when, name)) for name in ("classes", "grades", "levels", "tags")
    }
    return known | {
        "provenances": sorted(p.value for p in when.provenances),
        "places": "\n".join(sorted(when.places)),
        "weekdays": sorted(when.weekdays),
        "days": when.days.value if when.days else None,
        "since": when.since,
        "until": when.until,
        "first_time": when.first_time,
        "streak_length": streak.length if streak else None,
        "streak_stretch": streak.stretch.value if streak else None,
    }
