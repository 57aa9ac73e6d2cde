"""A scheme's rules as plain sentences, in both languages."""

from pathlib import Path
from typing import Any

import pytest

from rewards.schemes import document, sentences
from rewards.schemes.files import load
from rewards.schemes.presets import KEYS, preset
from rewards.schemes.scheme import Scheme

BARE: dict[str, Any] = {
    "format": document.FORMAT,
    "name": {"zh": "例", "en": "Sample"},
    "classes": [
        {"key": "environment", "name": {"zh": "环境", "en": "Environment"}},
        {"key": "elders", "name": {"zh": "助老", "en": "Help for older people"}},
    ],
    "grades": [
        {"key": "one", "name": {"zh": "一级", "en": "grade one"}},
        {"key": "two", "name": {"zh": "二级", "en": "grade two"}},
    ],
    "tags": [{"key": "party", "name": {"zh": "党员", "en": "Party member"}}],
    "rules": [],
}
NAME = {"zh": "规则", "en": "Rule"}
WEEKENDS = {
    "source": "hours",
    "amount": {"points": 15, "per": "hour"},
    "when": {"classes": ["environment"], "weekdays": [6, 7]},
    "caps": [{"most": 45, "window": "day"}],
}


def scheme(**parts: Any) -> Scheme:
    return document.parse(BARE | parts)


RULES: list[tuple[dict[str, Any], str, str]] = [
    (
        WEEKENDS,
        "周末环境类服务每小时 15 分，每日至多 45 分。",
        "Service of the class Environment at weekends: 15 points an hour, at most 45 points a day.",
    ),
    (
        {"source": "hours", "amount": {"points": 1, "per": "hour"}},
        "志愿服务每小时 1 分。",
        "Volunteering: 1 point an hour.",
    ),
    (
        {
            "source": "hours",
            "amount": {"points": "0.5", "per": "hour", "step": {"size": "0.5"}},
            "when": {"since": "22:00", "until": "06:00", "days": "workday", "tags": ["party"]},
            "complaint": 0,
        },
        "身份为党员的居民工作日 22:00 至次日 06:00 志愿服务每小时 0.5 分，"
        "每满 0.5 小时计一次，投诉成立的不计分。",
        "Volunteering by residents tagged Party member on workdays from 22:00 to 06:00 of the next "
        "day: 0.5 points an hour, counted by every full 0.5 hours, nothing after an upheld "
        "complaint.",
    ),
    (
        {
            "source": "event",
            "amount": {
                "table": {
                    "rows": "grade",
                    "columns": "class",
                    "cells": {"one": {"environment": 3, "elders": 4}, "two": {"elders": 8}},
                }
            },
        },
        "参加活动每次按等级和类别计分：一级环境 3 分、一级助老 4 分、二级助老 8 分。",
        "Taking part in an event: each time by grade and class, grade one Environment 3 points, "
        "grade one Help for older people 4 points and grade two Help for older people 8 points.",
    ),
    (
        {
            "source": "hours",
            "role": "bonus",
            "amount": {"points": 2, "per": "hour"},
            "when": {"places": ["中心花园"], "provenances": ["scanned"], "first_time": True},
            "caps": [
                {"most": 4, "window": "month", "measure": "quantity", "whose": "household"},
                {"most": 8, "window": "year", "when_over": "refuse"},
            ],
        },
        "在中心花园首次扫码签到的志愿服务每小时另加 2 分，每户每月至多计 4 小时，"
        "每年至多 8 分，超出的整次不计。",
        "Volunteering at 中心花园 for the first time (checked in by a scanner): 2 points more an "
        "hour, at most 4 hours a month for a household count, at most 8 points a year, and "
        "nothing where it is more.",
    ),
    (
        {
            "source": "hours",
            "role": "multiplier",
            "amount": {"times": "1.5"},
            "when": {"streak": {"length": 3, "stretch": "week"}, "weekdays": [1, 3]},
        },
        "周一、周三连续 3 周的志愿服务积分按 1.5 倍计。",
        "Volunteering on Mondays and Wednesdays for 3 weeks in a row: the points times 1.5.",
    ),
    (
        {
            "source": "money",
            "amount": {"points": 1, "per": "yuan", "step": {"size": 10, "rounding": "half_up"}},
            "rounding": "down",
            "expiry": {"kind": "year_end", "years": 1},
        },
        "捐款每元 1 分，按 10 元四舍五入计，不足 1 分的不计，这些积分次年年底到期。",
        "Donations of money: 1 point a yuan, counted to the nearest ¥10, rounded down, these "
        "points expire at the end of the year after the one they are earned in.",
    ),
    (
        {
            "source": "suggestion",
            "amount": {"points": 20},
            "caps": [{"most": 1, "window": "month", "measure": "times"}],
            "complaint": "0.5",
        },
        "建言采纳每次 20 分，每月至多 1 次，投诉成立的按 0.5 倍计。",
        "Adopted suggestions: 20 points each time, at most 1 time a month, times 0.5 after an "
        "upheld complaint.",
    ),
]


@pytest.mark.parametrize(("rule", "chinese", "english"), RULES)
def test_rules(rule: dict[str, Any], chinese: str, english: str) -> None:
    made = scheme(rules=[{"key": "rule", "name": NAME} | rule])
    assert sentences.of_rule(made.rules[0], made, "zh") == chinese
    assert sentences.of_rule(made.rules[0], made, "en") == english


def test_caps_on_several_rules() -> None:
    rules = [
        {"key": key, "name": {"zh": zh, "en": en}} | WEEKENDS
        for key, zh, en in (("a", "甲", "A"), ("b", "乙", "B"))
    ]
    cap = {"most": 100, "window": "month", "whose": "household"}
    made = scheme(
        rules=rules,
        shared_caps=[
            {"key": "two", "name": NAME, "cap": cap, "rules": ["a", "b"]},
            {"key": "all", "name": NAME, "cap": {"most": 3, "window": "day", "measure": "times"}},
        ],
    )
    said = [
        [sentences.of_shared_cap(shared, made, language) for shared in made.shared_caps]
        for language in ("zh", "en")
    ]
    assert said == [
        ["甲、乙合计每户每月至多 100 分。", "所有规则合计每日至多 3 次。"],
        [
            "A and B together: at most 100 points a month for a household.",
            "All rules together: at most 3 times a day.",
        ],
    ]


@pytest.mark.parametrize(
    ("wallet", "chinese", "english"),
    [
        ({}, ["积分永久有效。"], ["Points never expire."]),
        (
            {
                "expiry": {"kind": "months", "months": 36, "to_month_end": False},
                "grace_days": 7,
                "limit": 1500,
            },
            [
                "积分自获得之日起 36 个月内有效。",
                "撤销兑换退回的过期积分可再用 7 天。",
                "每张卡至多存 1,500 分，存不下的部分不再发放。",
            ],
            [
                "Points can be spent for 36 months from the day they are earned.",
                "Points of an undone purchase whose last day is over can be spent for 7 days more.",
                "A card holds at most 1,500 points; what doesn't fit isn't given.",
            ],
        ),
        (
            {"expiry": {"kind": "idle", "months": 6}, "limit": 50, "when_full": "refuse"},
            [
                "积分连续 6 个月没有收支时到期。",
                "每张卡至多存 50 分，存不下时整次不发放。",
            ],
            [
                "Points expire when nothing is earned or spent for 6 months.",
                "A card holds at most 50 points; an award that doesn't fit isn't given.",
            ],
        ),
    ],
)
def test_how_long_points_last(
    wallet: dict[str, Any], chinese: list[str], english: list[str]
) -> None:
    made = scheme(wallet=wallet).wallet
    assert sentences.of_wallet(made, "zh") == chinese
    assert sentences.of_wallet(made, "en") == english


@pytest.mark.parametrize(
    ("spending", "chinese", "english"),
    [
        (
            {},
            ["在合作商户随时可以兑换。", "积分不能转赠。"],
            [
                "Points can be spent at the partner shops at any time.",
                "Points can't be given to others.",
            ],
        ),
        (
            {
                "after_hours": 100,
                "weekdays": [6, 7],
                "month_days": [1, 15],
                "times": [{"most": 1, "window": "quarter"}],
                "points": [{"most": 50, "window": "day"}],
                "points_per_yuan": 1,
                "bill_percent": 50,
                "categories": ["dining", "medical"],
                "giving_on": {
                    "to_neighbours": True,
                    "to_causes": True,
                    "points": {"most": 100, "window": "month"},
                },
            },
            [
                "服务满 100 小时后可以兑换。",
                "只在周六、周日可以兑换。",
                "只在每月 1、15 日可以兑换。",
                "只在餐饮、医疗类商户可以兑换。",
                "每人每季度至多兑换 1 次。",
                "每人每日至多兑换 50 分。",
                "在所有商户，1 分抵 1 元。",
                "积分至多支付账单的 50%。",
                "积分可以转赠邻居或捐给公益项目，每人每月至多转出 100 分。",
            ],
            [
                "Points can be spent once 100 hours were served.",
                "Points can be spent on Saturdays and Sundays only.",
                "Points can be spent on day 1 and 15 of a month only.",
                "Points can be spent at shops for dining and medical services only.",
                "Points can be spent at most 1 time a quarter.",
                "At most 50 points can be spent a day.",
                "A yuan costs 1 point at every shop.",
                "Points pay for at most 50% of a bill.",
                "Points can be given to a neighbour or a cause, at most 100 points a month.",
            ],
        ),
    ],
)
def test_spending(spending: dict[str, Any], chinese: list[str], english: list[str]) -> None:
    made = scheme(spending=spending).spending
    assert sentences.of_spending(made, "zh") == chinese
    assert sentences.of_spending(made, "en") == english


def test_stars_and_deductions() -> None:
    benefits = {"zh": "优先参加外出活动。", "en": "Goes first on outings."}
    made = scheme(
        stars=[{"key": "one", "name": NAME, "hours": 1500, "benefits": benefits}],
        deductions=[{"key": "late", "name": {"zh": "失约", "en": "No show"}, "points": 2}],
    )
    said = {
        language: [list(s.sentences) for s in sentences.of_scheme(made, language)[-2:]]
        for language in ("zh", "en")
    }
    assert said["zh"] == [
        ["服务满 1,500 小时评为规则。优先参加外出活动。"],
        ["失约扣 2 分，须经他人批准。", "不够扣的扣完为止。"],
    ]
    assert said["en"] == [
        ["After 1,500 hours of service: Rule. Goes first on outings."],
        [
            "No show: 2 points are taken off, once somebody else approves.",
            "No more is taken off than is there.",
        ],
    ]


def test_the_example_in_the_documentation_is_what_it_says() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "schemes.md").read_text("utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    made = load(example).scheme
    said = sentences.of_rule(made.rules[0], made, "zh")
    assert said == "周末环境类服务每小时 15 分，每日至多 45 分。"
    assert f"# {said}" in example


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_preset_can_be_said(key: str, language: str) -> None:
    sections = sentences.of_scheme(preset(key).scheme, language)
    said = [sentence for section in sections for sentence in section.sentences]
    assert {"earning", "keeping", "spending"} <= {section.key for section in sections}
    assert all(sentence.endswith("。" if language == "zh" else ".") for sentence in said)
    assert not any("{" in sentence for sentence in said)
