"""What keeps a scheme from taking effect although its form is right."""

from typing import Any

import pytest

from rewards.schemes import checking, document
from rewards.schemes.presets import KEYS, preset

NAME = {"zh": "例", "en": "Sample"}


def term(key: str) -> dict[str, Any]:
    return {"key": key, "name": NAME}


BARE: dict[str, Any] = {
    "format": document.FORMAT,
    "name": NAME,
    "classes": [term("environment"), term("elders"), term("culture")],
    "grades": [term("one"), term("two")],
    "tags": [term("party"), term("head")],
}
HOUR = {"points": 10, "per": "hour"}


def rule(key: str = "a", **parts: Any) -> dict[str, Any]:
    return {"key": key, "name": NAME, "source": "hours", "amount": HOUR} | parts


def table(cells: Any, rows: str = "grade", columns: str | None = None) -> dict[str, Any]:
    return {"table": {"rows": rows, "cells": cells} | ({"columns": columns} if columns else {})}


def found(*rules: dict[str, Any], **parts: Any) -> list[tuple[str, str]]:
    """The names and places of what is wrong with a scheme of these rules."""
    scheme = document.parse(BARE | {"rules": list(rules)} | parts)
    return [(p.code, p.place) for p in checking.problems(scheme)]


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_wrong_with_the_presets(key: str) -> None:
    assert checking.problems(preset(key).scheme) == []


def when(**condition: Any) -> dict[str, Any]:
    return {"when": condition}


# Two conditions of base rules of one source, the first above the second.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {}, "unreachable_rule"),
    ({}, {"classes": ["elders"]}, "unreachable_rule"),
    ({"classes": ["elders"]}, {}, None),
    ({"classes": ["elders", "culture"]}, {"classes": ["elders"]}, "unreachable_rule"),
    ({"classes": ["elders"]}, {"classes": ["culture"]}, None),
    ({"classes": ["elders"]}, {"grades": ["one"]}, "overlapping_rules"),
    ({"classes": ["elders"]}, {"classes": ["elders", "culture"]}, None),
    (
        {"classes": ["elders", "culture"]},
        {"classes": ["environment", "elders"]},
        "overlapping_rules",
    ),
    ({"weekdays": [6, 7]}, {"days": "day_off"}, "unreachable_rule"),
    ({"days": "day_off"}, {"weekdays": [6, 7]}, "unreachable_rule"),
    ({"weekdays": [6, 7]}, {"days": "workday"}, None),
    ({"weekdays": [5, 6]}, {"days": "workday"}, "overlapping_rules"),
    ({"since": "08:00", "until": "12:00"}, {"since": "12:00", "until": "18:00"}, None),
    (
        {"since": "08:00", "until": "12:01"},
        {"since": "12:00", "until": "18:00"},
        "overlapping_rules",
    ),
    ({"since": "22:00", "until": "06:00"}, {"until": "05:00"}, "unreachable_rule"),
    ({"since": "22:00", "until": "06:00"}, {"since": "06:00", "until": "22:00"}, None),
    ({"tags": ["party"]}, {"tags": ["head"]}, "overlapping_rules"),
    ({"tags": ["party", "head"]}, {"tags": ["head"]}, "unreachable_rule"),
    ({"tags": ["head"]}, {"tags": ["party", "head"]}, None),
    ({"first_time": True}, {}, None),
    ({"first_time": True}, {"classes": ["elders"]}, "overlapping_rules"),
    ({"first_time": True}, {"streak": {"length": 2, "stretch": "day"}}, None),
    (
        {"streak": {"length": 3, "stretch": "week"}},
        {"streak": {"length": 2, "stretch": "week"}},
        None,
    ),
    (
        {"streak": {"length": 2, "stretch": "week"}},
        {"streak": {"length": 3, "stretch": "week"}},
        "unreachable_rule",
    ),
    (
        {"streak": {"length": 9, "stretch": "day"}},
        {"streak": {"length": 2, "stretch": "week"}},
        "overlapping_rules",
    ),
    ({"provenances": ["scanned"]}, {"provenances": ["back-filled"]}, None),
    ({"places": ["甲"]}, {"places": ["乙"]}, None),
    ({"places": ["甲", "乙"]}, {"places": ["乙"]}, "unreachable_rule"),
]


@pytest.mark.parametrize(("first", "second", "code"), PAIRS)
def test_base_rules_are_told_apart(
    first: dict[str, Any], second: dict[str, Any], code: str | None
) -> None:
    problems = found(rule("a", when=first), rule("b", when=second))
    assert problems == ([(code, "rules[1]")] if code else [])


def test_rules_of_other_sources_and_bonuses_are_no_rivals() -> None:
    assert not found(
        rule("a"),
        rule("b", source="event", amount={"points": 3}),
        rule("c", role="bonus"),
        rule("d", role="bonus"),
    )


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (table({"one": 3}), table({"two": 5}), None),
        (table({"one": 3}), table({"one": 5, "two": 5}), None),
        (table({"one": 3, "two": 3}), table({"two": 5}), "unreachable_rule"),
        (
            table({"one": {"elders": 3}}, columns="class"),
            table({"elders": {"two": 3}}, rows="class", columns="grade"),
            None,
        ),
        (
            table({"one": {"elders": 3, "culture": 4}}, columns="class"),
            table({"elders": {"one": 3}}, rows="class", columns="grade"),
            "unreachable_rule",
        ),
        (
            table({"one": {"elders": 3}, "two": {"culture": 3}}, columns="class"),
            table({"one": {"culture": 3}, "two": {"culture": 3}}, columns="class"),
            "overlapping_rules",
        ),
        (
            table({"one": {"elders": 3}, "two": {"culture": 3}}, columns="class"),
            table({"elders": 3}, rows="class"),
            "overlapping_rules",
        ),
        (table({"one": {"elders": 3}}, columns="class"), {"points": 1}, None),
        ({"points": 1}, table({"one": {"elders": 3}}, columns="class"), "unreachable_rule"),
    ],
)
def test_tables_are_told_apart(
    first: dict[str, Any], second: dict[str, Any], code: str | None
) -> None:
    problems = found(
        rule("a", source="event", amount=first), rule("b", source="event", amount=second)
    )
    assert problems == ([(code, "rules[1]")] if code else [])


def test_a_worked_saturday_makes_saturdays_and_workdays_meet() -> None:
    rules = (rule("a", when={"weekdays": [6]}), rule("b", when={"days": "workday"}))
    assert not found(*rules)
    assert found(*rules, calendar={"worked": ["2027-01-30"]}) == [("overlapping_rules", "rules[1]")]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (when(classes=["gone"]), ("unknown_term", "rules[0].when.classes.gone")),
        (when(tags=["gone"]), ("unknown_term", "rules[0].when.tags.gone")),
        (
            {"source": "event", "amount": table({"gone": 1})},
            ("unknown_term", "rules[0].amount.table.cells.gone"),
        ),
        (
            {"source": "event", "amount": table({"one": {"gone": 1}}, columns="class")},
            ("unknown_term", "rules[0].amount.table.cells.one.gone"),
        ),
        (when(days="holiday"), ("never_met", "rules[0].when")),
        (when(days="workday", weekdays=[7]), ("never_met", "rules[0].when")),
        (
            {"source": "event", "amount": table({"one": 1}), **when(grades=["two"])},
            ("never_met", "rules[0].when"),
        ),
        ({"amount": {"times": 2}}, ("times_multiply", "rules[0].amount")),
        (
            {"amount": {"points": 2, "per": "yuan"}},
            ("unit_doesnt_fit", "rules[0].amount.per"),
        ),
        (
            {"source": "event", "amount": table({"one": {"one": 1}}, columns="grade")},
            ("same_axis", "rules[0].amount.table.columns"),
        ),
        (
            {"amount": HOUR | {"step": {"size": "0.3333"}}},
            ("step_not_whole", "rules[0].amount.step.size"),
        ),
        (
            {"source": "suggestion", "amount": {"points": 1}, **when(provenances=["scanned"])},
            ("no_provenance", "rules[0].when.provenances"),
        ),
    ],
)
def test_rules_wrong_in_themselves(parts: dict[str, Any], problem: tuple[str, str]) -> None:
    assert found(rule(**parts)) == [problem]


def test_no_time_at_all_and_first_in_a_row() -> None:
    assert found(rule(when={"since": "08:00", "until": "08:00"})) == [
        ("empty_time", "rules[0].when.until"),
        ("never_met", "rules[0].when"),
    ]
    streak = {"length": 2, "stretch": "day"}
    assert found(rule(when={"first_time": True, "streak": streak})) == [
        ("first_in_a_row", "rules[0].when.first_time"),
        ("never_met", "rules[0].when"),
    ]


def test_multipliers_need_something_above_them() -> None:
    double = rule("b", role="multiplier", amount={"times": 2})
    assert not found(rule("a"), double)
    assert found(double, rule("a")) == [("nothing_above", "rules[0]")]
    elders = rule("a", when={"classes": ["elders"]})
    assert found(elders, double | when(classes=["culture"])) == [("nothing_above", "rules[1]")]
    assert found(rule("a"), rule("b", role="multiplier")) == [
        ("multiplier_has_times", "rules[1].amount")
    ]


@pytest.mark.parametrize(
    ("amount", "cap", "code"),
    [
        (HOUR, {"most": 9, "window": "day"}, "cap_below_one_act"),
        (HOUR, {"most": 10, "window": "day"}, None),
        (HOUR | {"step": {"size": 2}}, {"most": 19, "window": "day"}, "cap_below_one_act"),
        (HOUR | {"step": {"size": "0.5"}}, {"most": 5, "window": "day"}, None),
        (HOUR, {"most": "0.5", "window": "event", "measure": "quantity"}, "cap_below_one_act"),
        (HOUR, {"most": "1.5", "window": "event", "measure": "quantity"}, None),
        (HOUR, {"most": "1.001", "window": "event", "measure": "quantity"}, "cap_not_whole"),
        (HOUR, {"most": "12.5", "window": "day"}, "cap_not_whole"),
        (HOUR, {"most": 0, "window": "month", "measure": "times"}, "cap_below_one_act"),
        (HOUR, {"most": 1, "window": "month", "measure": "times"}, None),
        ({"points": 20}, {"most": 19, "window": "year"}, "cap_below_one_act"),
        (table({"one": 3, "two": 8}), {"most": 7, "window": "month"}, "cap_below_one_act"),
        (table({"one": 3, "two": 8}), {"most": 8, "window": "month"}, None),
    ],
)
def test_caps_leave_room_for_one_act(
    amount: dict[str, Any], cap: dict[str, Any], code: str | None
) -> None:
    problems = found(rule(amount=amount, caps=[cap]))
    assert problems == ([(code, "rules[0].caps[0].most")] if code else [])
    if cap.get("measure") != "quantity":
        shared = [{"key": "s", "name": NAME, "cap": cap, "rules": ["a"]}]
        problems = found(rule(amount=amount), shared_caps=shared)
        assert problems == ([(code, "shared_caps[0].cap.most")] if code else [])


def test_caps_by_event_need_events() -> None:
    cap = {"most": 50, "window": "event"}
    gift = rule(source="money", amount={"points": 1, "per": "yuan"}, caps=[cap])
    assert found(gift) == [("no_event", "rules[0].caps[0].window")]
    assert not found(rule(caps=[cap]))


def test_caps_on_rules_that_arent_there() -> None:
    shared = {"key": "s", "name": NAME, "cap": {"most": 50, "window": "day"}, "rules": ["a", "z"]}
    assert found(rule(), shared_caps=[shared]) == [("unknown_rule", "shared_caps[0].rules.z")]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"classes": [term("a"), term("a")]}, ("key_used_twice", "classes[1].key")),
        (
            {"rules": [rule("a"), rule("a", source="event", amount={"points": 1})]},
            ("key_used_twice", "rules[1].key"),
        ),
        (
            {
                "rules": [rule("a")],
                "shared_caps": [{"key": "a", "name": NAME, "cap": {"most": 50, "window": "day"}}],
            },
            ("key_used_twice", "shared_caps[0].key"),
        ),
        (
            {"calendar": {"holidays": ["2027-01-02"], "worked": ["2027-01-02"]}},
            ("holiday_and_worked", "calendar.worked.2027-01-02"),
        ),
        ({"calendar": {"worked": ["2027-01-04"]}}, ("worked_anyway", "calendar.worked.2027-01-04")),
        (
            {"spending": {"times": [{"most": 1, "window": "day"}, {"most": 2, "window": "day"}]}},
            ("window_twice", "spending.times[1].window"),
        ),
        (
            {
                "stars": [
                    term("one") | {"hours": 100},
                    term("two") | {"hours": 300},
                    term("three") | {"hours": 300},
                ]
            },
            ("stars_not_rising", "stars[2].hours"),
        ),
    ],
)
def test_schemes_wrong_as_a_whole(parts: dict[str, Any], problem: tuple[str, str]) -> None:
    scheme = document.parse(BARE | {"rules": []} | parts)
    assert [(p.code, p.place) for p in checking.problems(scheme)] == [problem]
    assert all(p.worded() for p in checking.problems(scheme))
