"""The published JSON Schema against the parser: they agree about every document's form."""

import json
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.schemes import document
from rewards.schemes.document import parse, schema
from rewards.schemes.presets import KEYS, preset, text
from rewards.schemes.problems import BadScheme

VALIDATOR = jsonschema_rs.Draft202012Validator(schema())

# What a schema can't say: numbers written as texts, dates that no month has, exactness, and the
# pairs of a table that must be there.
BEYOND = {
    "number_too_large",
    "number_too_small",
    "too_many_decimals",
    "bad_date",
    "wrong_cells",
    "empty_text",
}

FULL: dict[str, Any] = {
    "format": document.FORMAT,
    "name": {"zh": "全", "en": "Full"},
    "classes": [{"key": "environment", "name": {"zh": "环境", "en": "Environment"}}],
    "grades": [{"key": "one", "name": {"zh": "一级", "en": "Grade one"}}],
    "levels": [{"key": "high", "name": {"zh": "高", "en": "High"}}],
    "tags": [{"key": "party", "name": {"zh": "党员", "en": "Party member"}}],
    "calendar": {"holidays": ["2027-01-01"], "worked": ["2027-01-02"]},
    "rules": [
        {
            "key": "hours",
            "name": {"zh": "服务", "en": "Service"},
            "source": "hours",
            "when": {
                "classes": ["environment"],
                "grades": ["one"],
                "levels": ["high"],
                "places": ["中心花园"],
                "tags": ["party"],
                "provenances": ["back-filled", "scanned"],
                "weekdays": [6, 7],
                "days": "day_off",
                "since": "08:00",
                "until": "18:30",
                "streak": {"length": 2, "stretch": "week"},
            },
            "amount": {"points": "1.5", "per": "hour", "step": {"size": "0.5"}},
            "rounding": "half_even",
            "caps": [{"most": 4, "window": "event", "measure": "quantity"}],
            "complaint": "0.5",
            "expiry": {"kind": "months", "months": 36, "to_month_end": False},
        },
        {
            "key": "event",
            "name": {"zh": "活动", "en": "Event"},
            "source": "event",
            "amount": {
                "table": {
                    "rows": "grade",
                    "columns": "class",
                    "cells": {"one": {"environment": 3}},
                }
            },
        },
        {
            "key": "double",
            "name": {"zh": "加倍", "en": "Double"},
            "source": "hours",
            "role": "multiplier",
            "amount": {"times": 2},
        },
    ],
    "shared_caps": [
        {
            "key": "together",
            "name": {"zh": "合计", "en": "Together"},
            "cap": {"most": 50, "window": "month", "whose": "household", "when_over": "refuse"},
            "rules": ["event", "hours"],
        }
    ],
    "wallet": {"expiry": {"kind": "idle", "months": 6}, "grace_days": 7, "limit": 1500},
    "spending": {
        "after_hours": 100,
        "month_days": [1, 15],
        "times": [{"most": 1, "window": "quarter"}],
        "points": [{"most": 50, "window": "act"}],
        "points_per_yuan": 1,
        "bill_percent": 50,
        "categories": ["dining"],
        "giving_on": {"to_causes": True, "points": {"most": 10, "window": "day"}},
    },
    "stars": [
        {
            "key": "star",
            "name": {"zh": "一星", "en": "One star"},
            "hours": 100,
            "benefits": {"zh": "好处", "en": "Benefits"},
        }
    ],
    "deductions": [{"key": "late", "name": {"zh": "失约", "en": "No show"}, "points": 2}],
    "below_zero": True,
}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 1_000_001),
    st.sampled_from(["", "?", "0.5", "hours", "act", "hour", "2027-01-03", "12:00", "environment"]),
    st.sampled_from([0.5, 1.25, 1e9]),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.just("a"), SCALARS))


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in *data* where something stands."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    return [
        place
        for key, value in inside
        for place in (
            [(*path, key)] + (places(value, (*path, key)) if isinstance(value, dict | list) else [])
        )
    ]


def refusal(data: object) -> set[str]:
    """The names of what the parser finds wrong; empty if nothing."""
    try:
        parse(data)
    except BadScheme as refused:
        return {problem.code for problem in refused.problems}
    return set()


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(schema())


@pytest.mark.parametrize("key", KEYS)
def test_presets_keep_to_it(key: str) -> None:
    VALIDATOR.validate(preset(key).document)


def test_all_there_is_keeps_to_it_and_comes_back() -> None:
    VALIDATOR.validate(FULL)
    VALIDATOR.validate(FULL | {"effective_on": "2027-01-01"})
    assert document.serialize(parse(FULL)) == FULL


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_they_agree_about_whatever_is_changed(data: st.DataObject) -> None:
    changed = deepcopy(FULL)
    *above, last = data.draw(st.sampled_from(places(FULL)))
    target: Any = changed
    for part in above:
        target = target[part]
    match data.draw(st.sampled_from(["drop", "change", "add"])):
        case "drop":
            del target[last]
        case "change":
            target[last] = data.draw(VALUES)
        case _ if isinstance(target, dict):
            target[data.draw(st.sampled_from(["x", "times", "points", "limit"]))] = 1
        case _:
            target.append(data.draw(VALUES))
    found = refusal(changed)
    if VALIDATOR.is_valid(changed):
        assert found <= BEYOND, changed
    else:
        assert found, changed


def test_it_is_published(client: FlaskClient) -> None:
    answer = client.get("/schemes/e-points-scheme-1.schema.json")
    assert answer.status_code == 200
    assert json.loads(answer.text) == schema()
    assert client.get("/schemes/hailin.yaml").text == text("hailin")
    assert client.get("/schemes/nowhere.yaml").status_code == 404
