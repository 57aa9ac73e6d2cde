"""Why an award is what it is, in sentences of both languages."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from rewards.schemes.because import record
from rewards.schemes.evaluate import evaluate_all
from rewards.schemes.facts import Kind
from rewards.schemes.rules import (
    Measure,
    Per,
    Rate,
    Role,
    Rounding,
    SharedCap,
    Source,
    Step,
    WhenOver,
    Whose,
    Window,
    Words,
)
from rewards.schemes.tongues import CHINESE, ENGLISH
from rewards.schemes.wording import explain
from tests.schemes.test_evaluate import SERVED, bonus, cap, rule, scheme, times

HOURS = Words("周末环境服务", "Weekend environment service")
PART = Words("参加活动", "Taking part")
TOGETHER = Words("每日上限", "Daily limit")


def said(*rules, deed=SERVED, before=(), caps=(), **facts) -> tuple[list[str], list[str]]:
    *_, outcome = evaluate_all(scheme(*rules, caps=caps), [*before, deed])
    because = json.loads(json.dumps(record(outcome, 7))) | facts
    return explain(because, "zh_Hans"), explain(because, "en")


def hours(points: str, **more):
    return replace(rule("h", points, **more), name=HOURS)


TWO_AND_A_HALF = replace(SERVED, minutes=150)


def test_one_rule_says_its_arithmetic_and_what_was_rounded():
    assert said(hours("15"), deed=TWO_AND_A_HALF) == (
        ["周末环境服务：服务 2 小时 30 分钟，每小时 15 分，得 38 分（37.5 四舍五入）。"],
        [
            "Weekend environment service: 2 hours 30 minutes of service at 15 points an hour, "
            "makes 38 points (37.5 rounded)."
        ],
    )


def test_a_fraction_without_an_end_is_given_roughly():
    zh, en = said(hours("1", rounding=Rounding.DOWN), deed=replace(SERVED, minutes=100))
    assert "得 1 分（≈1.67 舍去小数）" in zh[0]
    assert "makes 1 point (≈1.67 rounded down)" in en[0]


def test_the_cap_that_bit_says_what_it_left():
    zh, en = said(hours("15", caps=(cap("45"),)), before=[TWO_AND_A_HALF], deed=TWO_AND_A_HALF)
    assert zh[0].endswith("得 38 分（37.5 四舍五入），每日至多 45 分，这次计 7 分。")
    assert en[0].endswith("at most 45 points a day, so 7 points of it count.")


@pytest.mark.parametrize(
    ("a_cap", "zh", "en"),
    [
        (
            cap("2", Window.EVENT, measure=Measure.QUANTITY),
            "每小时 15 分，每项活动至多 2 小时，已经用完，这次不计分。",
            "an hour, at most 2 hours an event, and that is used up, so nothing is given.",
        ),
        (
            cap("3", Window.MONTH, measure=Measure.QUANTITY, when_over=WhenOver.REFUSE),
            "每月至多 3 小时，放不下这次的 2 小时 30 分钟，不计分。",
            "at most 3 hours a month, and the whole 2 hours 30 minutes don't fit in, so nothing "
            "is given.",
        ),
        (
            cap("1", Window.QUARTER, measure=Measure.TIMES),
            "每小时 15 分，每季度至多 1 次，已经用完，这次不计分。",
            "an hour, at most 1 time a quarter, and that is used up, so nothing is given.",
        ),
        (
            cap("38", Window.WEEK, whose=Whose.HOUSEHOLD),
            "每户每周至多 38 分，已经用完，这次不计分。",
            "at most 38 points a week for a household, and that is used up, so nothing is given.",
        ),
    ],
)
def test_what_a_cap_refuses_is_said(a_cap, zh, en):
    chinese, english = said(
        hours("15", caps=(a_cap,)), before=[TWO_AND_A_HALF], deed=TWO_AND_A_HALF
    )
    assert chinese[0].endswith(zh)
    assert english[0].endswith(en)


def test_steps_and_quantities_are_said_in_their_order():
    halves = Rate(Decimal(2), Per.HOUR, Step(Decimal("0.5")))
    most = cap("1", measure=Measure.QUANTITY)
    zh, en = said(hours("0", amount=halves, caps=(most,)), deed=replace(SERVED, minutes=100))
    assert zh == [
        "周末环境服务：服务 1 小时 40 分钟，每小时 2 分，按 30 分钟取整，计 1 小时 30 分钟，"
        "每日至多 1 小时，这次计 1 小时，得 2 分。"
    ]
    assert "counted in steps of 30 minutes as 1 hour 30 minutes, at most 1 hour a day" in en[0]


def test_several_rules_and_a_shared_cap_end_with_the_total():
    part = replace(bonus("p", "3", source=Source.EVENT), role=Role.BASE, name=PART)
    together = SharedCap("together", TOGETHER, cap("12"))
    assert said(part, hours("10"), caps=(together,)) == (
        [
            "参加活动：每次 3 分，得 3 分。",
            "周末环境服务：服务 1 小时，每小时 10 分，得 10 分。",
            "每日上限：合计每日至多 12 分，这次计 12 分。",
            "一共 12 分。",
        ],
        [
            "Taking part: 3 points each time, makes 3 points.",
            "Weekend environment service: 1 hour of service at 10 points an hour, makes 10 points.",
            "Daily limit: together at most 12 points a day, so 12 points of it count.",
            "12 points in all.",
        ],
    )


def test_a_multiplier_says_what_it_adds_or_takes():
    more, less = times("m", "1.5"), times("l", "0.5", complaint=Decimal("0"))
    zh, en = said(hours("10"), more, less)
    assert zh[1:] == [
        "规则：以上 10 分按 1.5 倍计，多得 5 分。",
        "规则：以上 15 分按 0.5 倍计，少得 7 分。",
        "一共 8 分。",
    ]
    assert en[1] == "Rule: the 10 points above times 1.5, adds 5 points."
    assert en[2] == "Rule: the 15 points above times 0.5, takes off 7 points."


def test_a_complaint_is_named():
    zh, en = said(hours("10", complaint=Decimal(0)), deed=replace(SERVED, complaint=True))
    assert zh[0].endswith("因投诉成立按 0 倍计，得 0 分。")
    assert "times 0 because a complaint was upheld, makes 0 points." in en[0]


def test_money_and_things_are_counted_in_their_own_words():
    money = replace(hours("0.1"), source=Source.MONEY, amount=Rate(Decimal("0.1"), Per.YUAN))
    goods = replace(hours("2"), source=Source.GOODS, amount=Rate(Decimal(2), Per.ITEM))
    gift = replace(SERVED, kind=Kind.MONEY, fen=123_450)
    assert (
        "价值 1,234.5 元，每元 0.1 分，得 123 分（123.45 四舍五入）" in said(money, deed=gift)[0][0]
    )
    brought = replace(SERVED, kind=Kind.GOODS, items=3)
    assert said(goods, deed=brought)[1][0].endswith("3 items at 2 points each, makes 6 points.")


def test_a_full_wallet_and_an_act_without_a_rule_are_said():
    assert said(hours("10"), trimmed=4, wallet_limit=1500)[0][-1] == (
        "每张卡最多可存 1,500 分，所以有 4 分未能存入。"
    )
    assert said(hours("10"), deed=replace(SERVED, kind=Kind.VISIT)) == (
        ["没有规则给这次计分。"],
        ["No rule gives points for this."],
    )


def test_both_languages_have_the_same_phrases():
    assert set(CHINESE.phrases) == set(ENGLISH.phrases)
