"""Scheme files: read strictly, with the line of what is wrong; written so that they come back."""

import json
from datetime import date

import pytest

from rewards.schemes.files import MOST_BYTES, Form, dump, load
from rewards.schemes.presets import KEYS, preset
from rewards.schemes.problems import MESSAGES, NAMES, BadScheme, Problem

HEAD = """\
format: e-points-scheme/1
name: {zh: 例, en: Sample}
classes:
  - {key: environment, name: {zh: 环境, en: Environment}}
rules:
  - key: hours
    name: {zh: 服务, en: Service}
    source: hours
    amount: {points: 1, per: hour}
"""


def wrong(text: str | bytes, today: date | None = None) -> list[tuple[str, str, int | None]]:
    """The names, places and lines of all that is wrong with a file."""
    return [(p.code, p.place, p.line) for p in _problems(text, today)]


def _problems(text: str | bytes, today: date | None = None) -> tuple[Problem, ...]:
    with pytest.raises(BadScheme) as refused:
        load(text, today)
    return refused.value.problems


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", Form)
def test_what_is_written_comes_back(key: str, form: Form) -> None:
    loaded = preset(key)
    assert load(dump(loaded.document, form)) == loaded
    day = date(2027, 3, 1)
    dated = load(dump(loaded.document, form, day), today=day)
    assert (dated.scheme, dated.effective_on) == (loaded.scheme, day)


def test_bytes_with_a_mark_in_front_are_read() -> None:
    assert load(b"\xef\xbb\xbf" + HEAD.encode()) == load(HEAD)


def test_json_is_read_however_it_is_indented_or_escaped() -> None:
    data = preset("hailin").document | {"name": {"zh": "好👍", "en": 'A "quoted" one'}}
    for text in (json.dumps(data), json.dumps(data, indent="\t"), json.dumps(data, indent=4)):
        loaded = load(text)
        assert loaded.document == data
    assert "\\ud83d" in json.dumps(data)


def test_texts_that_other_readers_take_for_something_else_stay_texts() -> None:
    text = HEAD + "    when: {since: 08:30, until: 18:30, places: [no, 中心花园]}\n"
    when = load(text).scheme.rules[0].when
    assert (f"{when.since}", f"{when.until}") == ("08:30:00", "18:30:00")
    assert when.places == {"no", "中心花园"}


def test_numbers_stay_exact() -> None:
    rule = load(HEAD.replace("points: 1,", "points: 0.1,")).document["rules"][0]
    assert rule["amount"]["points"] == "0.1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # Cycles and other references.
        ("a: &x [*x]\n", ("file_has_alias", "a", 1)),
        ("a: 1\nb: *x\n", ("file_has_alias", "b", 2)),
        (HEAD + "    <<: &base {rounding: down}\n", ("file_has_alias", "rules[0].<<", 10)),
        ("a: &a [x]\nb: &b [*a, *a]\n", ("file_has_alias", "a", 1)),
        # Names.
        (HEAD + "colour: red\n", ("unknown_key", "colour", 10)),
        (HEAD + "    colour: red\n", ("unknown_key", "rules[0].colour", 10)),
        (HEAD + "    source: hours\n", ("duplicate_key", "rules[0].source", 10)),
        ('{\n\t"a": 1,\n\t"a": 2\n}', ("duplicate_key", "a", 3)),
        # Numbers.
        (
            HEAD.replace("points: 1,", "points: 1e999999999,"),
            ("number_too_large", "rules[0].amount.points", 9),
        ),
        (
            HEAD.replace("points: 1,", f"points: {'9' * 5000},"),
            ("number_too_large", "rules[0].amount.points", 9),
        ),
        (
            HEAD.replace("points: 1,", "points: .inf,"),
            ("not_a_number", "rules[0].amount.points", 9),
        ),
        (HEAD + "wallet:\n  limit: 1_000\n", ("wrong_type", "wallet.limit", 11)),
        # Dates.
        ("effective_on: 2027-02-30\n" + HEAD, ("bad_date", "effective_on", 1)),
        ("effective_on: 2026-11-22\n" + HEAD, ("past_date", "effective_on", 1)),
        # A deleted class.
        (
            HEAD + "    when:\n      classes:\n        - environment\n        - elders\n",
            ("unknown_term", "rules[0].when.classes.elders", 13),
        ),
        # The file itself.
        ("", ("file_empty", "", 1)),
        ("# nothing but a remark\n", ("file_empty", "", 1)),
        ("null\n", ("wrong_type", "", 1)),
        ("- 1\n", ("wrong_type", "", 1)),
        ("a: [1\nb: 2\n", ("file_not_readable", "", 2)),
        ("a:\n\tb: 1\n", ("file_not_readable", "", 2)),
        ("a: 1\nb: \x00\n", ("file_not_readable", "", 2)),
        ("--- 1\n--- 2\n", ("file_has_documents", "", 2)),
        ("a: !!python/object/apply:os.system [true]\n", ("file_has_tag", "a", 1)),
        ("a: " + "[" * 60 + "]" * 60, ("too_deep", "a[0][0]", 1)),
        ("? [a, b]\n: 1\n", ("wrong_type", "", 1)),
        (b"a: 1\nb: \xff\xfe", ("file_not_utf8", "", 2)),
        (HEAD.encode("gb18030"), ("file_not_utf8", "", 2)),
        ("#" * (MOST_BYTES + 1), ("file_too_large", "", 1)),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    text: str | bytes, problem: tuple[str, str, int]
) -> None:
    assert wrong(text, today=date(2026, 11, 23)) == [problem]


def test_a_day_on_which_a_version_begins_is_named_with_its_line() -> None:
    text, day = HEAD + "effective_on: 2026-11-23\n", date(2026, 11, 23)
    with pytest.raises(BadScheme) as refused:
        load(text, day, {day: 7})
    [found] = refused.value.problems
    assert (found.code, found.line) == ("overlapping_versions", len(HEAD.splitlines()) + 1)
    assert found.facts == {"day": "2026-11-23", "number": "7"}
    assert load(text, day, {date(2026, 11, 24): 7}).effective_on == day


def test_the_day_itself_may_still_come() -> None:
    day = date(2026, 11, 22)
    assert load("effective_on: 2026-11-22\n" + HEAD, today=day).effective_on == day


def test_all_problems_come_in_the_order_of_their_lines() -> None:
    text = HEAD.replace("source: hours", "source: hour") + "stars: 1\nextra: 2\n"
    assert wrong(text) == [
        ("unknown_choice", "rules[0].source", 8),
        ("wrong_type", "stars", 10),
        ("unknown_key", "extra", 11),
    ]


def test_what_only_a_whole_scheme_shows_has_its_line_too() -> None:
    rule = HEAD[HEAD.index("  - key: hours") :].replace("key: hours", "key: again")
    assert wrong(HEAD + rule) == [("unreachable_rule", "rules[1]", 10)]


def test_problems_are_worded() -> None:
    [unknown] = _problems(HEAD + "    when: {classes: [elders]}\n")
    assert unknown.worded() == "“elders” isn't among the scheme's classes. Add it there first."
    again = HEAD[HEAD.index("  - key: hours") :].replace("key: hours", "key: again")
    [second] = _problems(HEAD + again)
    assert second.worded() == (
        "This rule never comes to pay: whatever it is for, “Service” above it pays already."
    )
    assert "“服务”" in second.worded(language="zh")
    assert second.json()["other"] == {"zh": "服务", "en": "Service"}
    [cycle] = _problems("a: &x [*x]\n")
    assert cycle.worded() == (
        "The file refers back to itself by “&x”, which can go round in a circle. Write out what "
        "is meant instead."
    )


def test_every_word_for_a_fact_is_there() -> None:
    for code, message in MESSAGES.items():
        facts = {name: next(iter(names)) for name, names in NAMES.items()}
        others = dict.fromkeys(_gaps(message), "x")
        assert "%(" not in Problem(code, facts=others | facts).worded()


def _gaps(message: str) -> list[str]:
    return [part.partition(")")[0] for part in message.split("%(")[1:]]
