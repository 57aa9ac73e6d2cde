"""Fields with several values load the same from a form as from JSON, and errors find their line."""

from datetime import date, time
from decimal import Decimal

import marshmallow as ma
import pytest
from werkzeug.datastructures import MultiDict

from rewards.forms import DayList, Form, Input, Lines, Number, Ticks, TimeOfDay, Whole, spelt


class Cap(Input):
    most = Whole("Most", required=True)
    window = Number("Window", load_default=None)


class Sheet(Input):
    kinds = Ticks("Kinds", [("a", "A"), ("b", "B")])
    share = Number("Share", most=1, load_default=None)
    since = TimeOfDay("Since", load_default=None)
    caps = Lines("Caps", Cap, needs=("most",), most=3)


def read(*pairs: tuple[str, str]) -> Form:
    return Form.read(Sheet, MultiDict(pairs))


def test_a_form_and_json_load_the_same() -> None:
    form = read(
        ("kinds", "a"),
        ("kinds", "b"),
        ("share", "０．25"),
        ("since", "9:30"),
        ("caps-0-most", "3"),
        ("caps-2-most", "5"),
        ("caps-2-window", "1.5"),
        ("caps-3-window", "7"),
    )
    assert form.errors == {}
    assert form.data == Sheet().load(
        {
            "kinds": ["a", "b"],
            "share": "0.25",
            "since": "09:30",
            "caps": [{"most": 3}, {"most": 5, "window": "1.5"}],
        }
    )
    assert form.data["share"] == Decimal("0.25") and form.data["since"] == time(9, 30)


@pytest.mark.parametrize(
    ("pair", "at"),
    [
        (("kinds", "c"), "kinds"),
        (("share", "1.5"), "share"),
        (("share", "0.12345"), "share"),
        (("share", "1e3"), "share"),
        (("since", "24:00"), "since"),
        (("since", "09:30:15"), "since"),
        (("caps-2-most", "many"), "caps-2-most"),
    ],
)
def test_an_error_stands_at_its_field(pair: tuple[str, str], at: str) -> None:
    form = read(("caps-0-most", "3"), pair)
    assert list(form.errors) == [at]
    assert at in form and form[at].errors == form.errors[at]


def test_too_many_lines_are_an_error_of_the_field() -> None:
    assert list(read(*((f"caps-{n}-most", "1") for n in range(4))).errors) == ["caps"]


def test_what_was_there_is_drawn_with_a_spare_line() -> None:
    form = Form.blank(Sheet, kinds=["b"], since=time(9, 30), caps=[{"most": 3, "window": None}])
    assert form["kinds"].values == ["b"] and form["since"].value == "09:30"
    first, spare = form.lines("caps")
    assert (first["most"].name, first["most"].value) == ("caps-0-most", "3")
    assert (spare["most"].name, spare["most"].value) == ("caps-1-most", "")
    again = read(("caps-0-most", "3"), ("caps-1-most", ""), ("more", "caps"))
    assert [line.number for line in again.lines("caps")] == [0, 1, 2, 3, 4]


def test_days_are_read_one_by_one_or_as_spans() -> None:
    field = DayList("Days")
    days = field.deserialize("2026-10-01 - 2026-10-03\n2026-09-25，2026-10-10")
    assert spelt(days) == "2026-09-25\n2026-10-01 - 2026-10-03\n2026-10-10"
    assert field.deserialize(spelt(days)) == days and date(2026, 10, 2) in days
    for wrong in ("2026-02-30", "2026-10-03 - 2026-10-01", "1 - 2 - 3", "2020-01-01 - 2026-01-01"):
        with pytest.raises(ma.ValidationError):
            field.deserialize(wrong)
