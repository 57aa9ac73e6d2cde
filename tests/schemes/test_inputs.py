"""What a scheme says can be typed into the office's forms, and comes out of them the same."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from merchants.partners import Category
from rewards.forms import Form, Input
from rewards.ledger.expiry import Idle, Months, Never, YearEnd
from rewards.schemes import presets
from rewards.schemes.inputs import labels
from rewards.schemes.inputs.caps import SharedCapInput, shared_cap, typed_shared_cap
from rewards.schemes.inputs.parts import PARTS
from rewards.schemes.inputs.rule import RuleInput, rule, typed_rule
from rewards.schemes.inputs.words import free_key
from rewards.schemes.rules import (
    Axis,
    Cap,
    Days,
    Factor,
    Measure,
    Per,
    Provenance,
    Rate,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Step,
    Streak,
    Stretch,
    Table,
    Term,
    When,
    WhenOver,
    Whose,
    Window,
    Words,
)
from rewards.schemes.scheme import (
    Allowance,
    Calendar,
    Deduction,
    GivingOn,
    Scheme,
    Spending,
    Star,
    Wallet,
)

PLAIN = Rule("hours", Words("服务时长", "Hours"), Source.HOURS, Rate(Decimal(15), Per.HOUR))
EVERYTHING = replace(
    PLAIN,
    role=Role.BONUS,
    amount=Rate(Decimal("2.5"), Per.HOUR, Step(Decimal("0.5"), Rounding.HALF_EVEN)),
    when=When(
        classes=frozenset({"environment", "elders"}),
        grades=frozenset({"one"}),
        levels=frozenset({"city"}),
        places=frozenset({"中心花园", "东门"}),
        tags=frozenset({"head"}),
        provenances=frozenset({Provenance.BACK_FILLED, Provenance.SCANNED}),
        weekdays=frozenset({6, 7}),
        days=Days.HOLIDAY,
        since=time(18, 30),
        until=time(6),
        first_time=True,
        streak=Streak(3, Stretch.MONTH),
    ),
    rounding=Rounding.DOWN,
    caps=(
        Cap(Decimal("2.5"), Window.EVENT, Measure.QUANTITY),
        Cap(Decimal(3), Window.WEEK, Measure.TIMES, Whose.HOUSEHOLD, WhenOver.REFUSE),
    ),
    complaint=Decimal("0.5"),
    expiry=YearEnd(0),
)
SCHEME = Scheme(
    Words("示例规则", "Sample rules"),
    (PLAIN,),
    classes=(Term("environment", Words("环境", "Environment")), Term("own", Words("自定", "自定"))),
    grades=(Term("one", Words("一级", "Grade one")),),
    calendar=Calendar(frozenset({date(2026, 10, 1), date(2026, 10, 2)}), frozenset()),
    wallet=Wallet(Idle(12), 30, 1500, WhenOver.REFUSE),
    spending=Spending(
        after_hours=100,
        weekdays=frozenset({6}),
        month_days=frozenset({1, 15}),
        times=(Allowance(1, Window.QUARTER),),
        points=(Allowance(50, Window.ACT), Allowance(300, Window.MONTH)),
        points_per_yuan=10,
        bill_percent=50,
        categories=frozenset({"dining"}),
        giving_on=GivingOn(True, False, Allowance(100, Window.YEAR)),
    ),
    stars=(
        Star("one", Words("一星", "One star"), 100, Words("优先", "First")),
        Star("two", Words("二星", "Two stars"), 300),
    ),
    deductions=(Deduction("litter", Words("乱扔垃圾", "Litter"), 5),),
    below_zero=True,
)


def sent(schema: type[Input], **typed: object) -> Form:
    """What a browser would send of a form that shows *typed*."""
    pairs = []
    for name, value in Form.blank(schema, **typed).typed.items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
    form = Form.read(schema, MultiDict(pairs))
    assert form.errors == {}
    return form


def rules() -> list[Rule]:
    return [
        *(one for key in presets.KEYS for one in presets.preset(key).scheme.rules),
        PLAIN,
        EVERYTHING,
        replace(PLAIN, role=Role.MULTIPLIER, amount=Factor(Decimal("1.5"))),
        replace(
            PLAIN,
            amount=Table(
                Axis.CLASS,
                Axis.GRADE,
                {("environment", "one"): Decimal(3), ("own", "one"): Decimal("0.5")},
                Per.HOUR,
                Step(Decimal(1)),
            ),
        ),
        replace(PLAIN, expiry=Never()),
        replace(PLAIN, expiry=Months(36, False)),
        replace(PLAIN, expiry=Months(12, True)),
    ]


@pytest.mark.parametrize("found", rules(), ids=lambda rule: rule.key)
def test_a_rule_is_typed_as_it_is(found: Rule) -> None:
    assert rule(found.key, sent(RuleInput, **typed_rule(found)).data) == found


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("scheme", [SCHEME, *(presets.preset(k).scheme for k in presets.KEYS)])
def test_a_part_is_typed_as_it_is(name: str, scheme: Scheme) -> None:
    part = PARTS[name]
    assert part.changed(scheme, sent(part.schema, **part.typed(scheme)).data) == scheme


def test_a_shared_limit_is_typed_as_it_is() -> None:
    limit = SharedCap(
        "all", Words("合计", "All"), Cap(Decimal(40), Window.MONTH), frozenset({"hours"})
    )
    assert shared_cap("all", sent(SharedCapInput, **typed_shared_cap(limit)).data) == limit


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"name_zh": None}, "name_zh"),
        ({"points": None}, "points"),
        ({"points": "-1"}, "points"),
        ({"points": "1000001"}, "points"),
        ({"points": "很多"}, "points"),
        ({"amount": "table"}, "cells"),
        ({"amount": "times"}, "amount"),
        ({"role": "multiplier"}, "times"),
        ({"amount": "table", "cells": [{"row": "a", "column": "b", "points": "1"}]}, "columns"),
        (
            {"amount": "table", "columns": "class", "cells": [{"row": "a", "points": "1"}]},
            "columns",
        ),
        ({"step": "0"}, "step"),
        ({"places": "长" * 81}, "places"),
        ({"since": "25:00"}, "since"),
        ({"streak_length": "1"}, "streak_length"),
        ({"weekdays": ["8"]}, "weekdays"),
        ({"expiry_kind": "month_end"}, "expiry_months"),
        ({"complaint": "2"}, "complaint"),
        ({"caps": [{"most": "3"}, {"most": "abc"}]}, "caps-1-most"),
        ({"caps": [{"most": "3", "window": "fortnight"}]}, "caps-0-window"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(wrong: dict[str, object], at: str) -> None:
    typed = typed_rule(PLAIN) | wrong
    pairs = []
    for name, value in Form.blank(RuleInput, **typed).typed.items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
    assert at in Form.read(RuleInput, MultiDict(pairs)).errors


def test_a_line_is_removed_and_a_new_one_gets_a_key_of_its_own() -> None:
    part = PARTS["classes"]
    data = {
        "terms": [
            {"key": "environment", "name_zh": "环境", "name_en": "", "remove": True},
            {"key": "own", "name_zh": "自定", "name_en": "", "remove": False},
            {"key": "", "name_zh": "新的", "name_en": "Own", "remove": False},
        ]
    }
    changed = part.changed(SCHEME, data)
    assert [(t.key, t.name.zh) for t in changed.classes] == [("own", "自定"), ("own-2", "新的")]


def test_keys_are_made_of_any_name() -> None:
    assert free_key("Hours of Service!", []) == "hours-of-service"
    assert free_key("服务", ["item"]) == "item-2"
    assert len(free_key("x" * 90, [])) <= 40


def test_the_classes_of_shops_are_those_of_the_merchants() -> None:
    assert [value for value, _ in labels.SHOPS] == [category.value for category in Category]
