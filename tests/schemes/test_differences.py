"""Two schemes side by side: what is new, gone, different, or has been overtaken."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from rewards.schemes import presets
from rewards.schemes.differences import Change, between, changed
from rewards.schemes.rules import Cap, Rate, SharedCap, Window, Words
from rewards.schemes.scheme import Calendar, Scheme

SIMPLE = presets.preset("simple").scheme


def found(before: Scheme | None, after: Scheme) -> dict[tuple[str, str], Change]:
    return {(d.part, d.key): d.change for d in changed(between(before, after, "zh"))}


def test_nothing_is_different_from_itself() -> None:
    assert found(SIMPLE, SIMPLE) == {}
    assert {d.change for d in between(SIMPLE, SIMPLE, "en")} == {Change.SAME}


def test_without_rules_before_all_is_new() -> None:
    differences = changed(between(None, SIMPLE, "zh"))
    assert {d.change for d in differences} == {Change.ADDED}
    assert all(d.before == () and d.after for d in differences)


def test_a_rate_that_changed_is_said_on_both_sides() -> None:
    first, *rest = SIMPLE.rules
    assert isinstance(first.amount, Rate)
    dearer = replace(first, amount=replace(first.amount, points=Decimal(12)))
    [difference] = changed(between(SIMPLE, replace(SIMPLE, rules=(dearer, *rest)), "zh"))
    assert (difference.part, difference.key) == ("rules", "hours")
    assert "10 分" in difference.before[0] and "12 分" in difference.after[0]
    [english] = changed(between(SIMPLE, replace(SIMPLE, rules=(dearer, *rest)), "en"))
    assert "10 points" in english.before[0] and "12 points" in english.after[0]


def test_rules_come_and_go_in_their_places() -> None:
    hours, money, *rest = SIMPLE.rules
    extra = replace(hours, key="extra")
    after = replace(SIMPLE, rules=(hours, extra, *rest))
    assert found(SIMPLE, after) == {
        ("rules", "extra"): Change.ADDED,
        ("rules", money.key): Change.REMOVED,
    }
    order = [d.key for d in between(SIMPLE, after, "zh") if d.part == "rules"]
    assert order[:3] == ["hours", money.key, "extra"]


def test_a_rule_that_another_has_overtaken_has_moved() -> None:
    hours, *rest = SIMPLE.rules
    narrow = replace(hours, key="narrow")
    before = replace(SIMPLE, rules=(narrow, hours, *rest))
    after = replace(SIMPLE, rules=(hours, narrow, *rest))
    assert found(before, after) == {("rules", "narrow"): Change.MOVED}
    # The order of rules for different things changes nothing.
    assert found(SIMPLE, replace(SIMPLE, rules=(*rest, hours))) == {}


def test_limits_and_parts() -> None:
    limit = SharedCap("all", Words("合计", "All"), Cap(Decimal(40), Window.MONTH))
    holidays = Calendar(frozenset({date(2027, 1, 1), date(2027, 1, 2)}))
    after = replace(SIMPLE, shared_caps=(limit,), calendar=holidays)
    assert found(SIMPLE, after) == {
        ("limits", "all"): Change.ADDED,
        ("calendar", "calendar"): Change.ADDED,
    }
    assert found(after, SIMPLE) == {
        ("limits", "all"): Change.REMOVED,
        ("calendar", "calendar"): Change.REMOVED,
    }


def test_rules_that_change_only_what_is_unsaid_are_different() -> None:
    hours, *rest = SIMPLE.rules
    renamed = replace(hours, name=Words("别名", "Another name"))
    assert found(SIMPLE, replace(SIMPLE, rules=(renamed, *rest))) == {
        ("rules", "hours"): Change.CHANGED
    }
