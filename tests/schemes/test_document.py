"""Schemes as documents: what is written is read back, what is wrong is named at its place."""

from decimal import Decimal

import pytest

from rewards.schemes import document
from rewards.schemes.document import parse, serialize
from rewards.schemes.presets import KEYS, preset
from rewards.schemes.problems import BadScheme
from rewards.schemes.rules import Axis, Table

LEAST = {"format": document.FORMAT, "name": {"zh": "最小", "en": "Least"}, "rules": []}
RULE = {
    "key": "hours",
    "name": {"zh": "服务", "en": "Service"},
    "source": "hours",
    "amount": {"points": 1, "per": "hour"},
}


def wrong(data: object) -> list[tuple[str, str]]:
    """The names and places of all that is wrong with *data*."""
    with pytest.raises(BadScheme) as refused:
        parse(data)
    return [(p.code, p.place) for p in refused.value.problems]


def with_rule(**changes: object) -> dict[str, object]:
    return LEAST | {"rules": [RULE | changes]}


@pytest.mark.parametrize("key", KEYS)
def test_presets_come_back(key: str) -> None:
    scheme = preset(key).scheme
    assert parse(serialize(scheme)) == scheme
    assert serialize(parse(serialize(scheme))) == serialize(scheme)


def test_what_is_as_it_would_be_anyway_isnt_written() -> None:
    assert serialize(parse(LEAST | {"below_zero": False, "stars": [], "wallet": {}})) == LEAST


def test_tables_come_back() -> None:
    cells = {"one": {"clean": 3, "care": "2.5"}, "two": {"clean": 5}}
    table = {"rows": "grade", "columns": "class", "cells": cells}
    written = with_rule(amount={"table": table, "per": "item"})
    amount = parse(written).rules[0].amount
    assert isinstance(amount, Table)
    assert (amount.rows, amount.columns) == (Axis.GRADE, Axis.CLASS)
    assert amount.cells["one", "care"] == Decimal("2.5")
    assert serialize(parse(written)) == written
    by_grade = with_rule(amount={"table": {"rows": "grade", "cells": {"one": 3, "two": 5}}})
    assert serialize(parse(by_grade)) == by_grade


def test_numbers_stay_exact() -> None:
    def points(value: object) -> object:
        return serialize(parse(with_rule(amount={"points": value})))["rules"][0]["amount"]["points"]

    assert [points(v) for v in (0.1, "0.10", Decimal("0.1"), 2.0, "2.50", 1_000_000)] == [
        "0.1",
        "0.1",
        "0.1",
        2,
        "2.5",
        1_000_000,
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1_000_001, "number_too_large"),
        (10**40, "number_too_large"),
        (1e300, "number_too_large"),
        (Decimal("1e999999"), "number_too_large"),
        (float("inf"), "not_a_number"),
        (float("nan"), "not_a_number"),
        (-1, "number_too_small"),
        (0.00001, "too_many_decimals"),
        ("1.23456", "not_a_number"),
        ("ten", "not_a_number"),
        ("１", "not_a_number"),
        (True, "wrong_type"),
        (None, "wrong_type"),
        ([1], "wrong_type"),
    ],
)
def test_bad_numbers_are_named(value: object, code: str) -> None:
    assert wrong(with_rule(amount={"points": value})) == [(code, "rules[0].amount.points")]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (None, ("wrong_type", "")),
        ([], ("wrong_type", "")),
        ({**LEAST, "format": "e-points-scheme/2"}, ("unknown_choice", "format")),
        ({**LEAST, "name": {"zh": "名"}}, ("missing_key", "name")),
        ({**LEAST, "name": {"zh": " ", "en": "x"}}, ("empty_text", "name.zh")),
        ({**LEAST, "name": {"zh": "长" * 201, "en": "x"}}, ("text_too_long", "name.zh")),
        ({**LEAST, "rule": []}, ("unknown_key", "rule")),
        ({**LEAST, "rules": {}}, ("wrong_type", "rules")),
        ({**LEAST, "rules": [RULE] * 201}, ("too_many", "rules")),
        (with_rule(key="Hours"), ("bad_key", "rules[0].key")),
        (with_rule(key="h" * 41), ("bad_key", "rules[0].key")),
        (with_rule(source="hour"), ("unknown_choice", "rules[0].source")),
        (with_rule(amount={}), ("which_one", "rules[0].amount")),
        (with_rule(amount={"points": 1, "times": 2}), ("which_one", "rules[0].amount")),
        (with_rule(amount={"times": 101}), ("number_too_large", "rules[0].amount.times")),
        (with_rule(when={"weekdays": [0]}), ("number_too_small", "rules[0].when.weekdays[0]")),
        (with_rule(when={"weekdays": [6, 6]}), ("listed_twice", "rules[0].when.weekdays[1]")),
        (with_rule(when={"weekdays": [1.5]}), ("not_whole", "rules[0].when.weekdays[0]")),
        (with_rule(when={"since": "24:00"}), ("bad_time", "rules[0].when.since")),
        (with_rule(when={"first_time": "yes"}), ("wrong_type", "rules[0].when.first_time")),
        (with_rule(complaint=2), ("number_too_large", "rules[0].complaint")),
        (
            with_rule(expiry={"kind": "idle", "months": 6}),
            ("unknown_choice", "rules[0].expiry.kind"),
        ),
        (with_rule(caps=[{"most": 2}]), ("missing_key", "rules[0].caps[0]")),
        (
            with_rule(amount={"table": {"rows": "grade", "columns": "class", "cells": {"a": 1}}}),
            ("wrong_cells", "rules[0].amount.table.cells"),
        ),
        ({**LEAST, "calendar": {"holidays": ["2027-02-29"]}}, ("bad_date", "calendar.holidays[0]")),
        (
            {**LEAST, "wallet": {"expiry": {"kind": "months", "months": 0, "to_month_end": True}}},
            ("number_too_small", "wallet.expiry.months"),
        ),
        (
            {**LEAST, "spending": {"times": [{"most": 1, "window": "event"}]}},
            ("unknown_choice", "spending.times[0].window"),
        ),
    ],
)
def test_what_is_wrong_is_named(data: object, problem: tuple[str, str]) -> None:
    assert wrong(data) == [problem]


def test_all_that_is_wrong_is_named_at_once() -> None:
    data = with_rule(key="?", source="?", colour="red") | {"wallet": {"limit": 0}}
    assert sorted(wrong(data)) == [
        ("bad_key", "rules[0].key"),
        ("number_too_small", "wallet.limit"),
        ("unknown_choice", "rules[0].source"),
        ("unknown_key", "rules[0].colour"),
    ]
