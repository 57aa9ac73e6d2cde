"""Rules for spending as they are typed."""

from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Lines, Text, Tick, Ticks, Whole, plain
from rewards.schemes.inputs import labels
from rewards.schemes.rules import Window
from rewards.schemes.scheme import Allowance, GivingOn, Spending

MOST_POINTS = 1_000_000


class TimesInput(Input):
    """At most so many purchases in a window."""

    most = Whole(_l("At most"), most=MOST_POINTS, required=True)
    window = Choice(_l("In which time"), labels.TURNS, load_default=Window.MONTH.value)


class PointsInput(TimesInput):
    """At most so many points in a window, or for one purchase."""

    window = Choice(
        _l("In which time"), [labels.WINDOWS[0], *labels.TURNS], load_default=Window.MONTH.value
    )


class SpendingInput(Input):
    """When, where and how much of their points residents may spend."""

    after_hours = Whole(
        _l("Open after so many hours served"),
        least=0,
        most=MOST_POINTS,
        load_default=0,
        hint=_l("0: from the beginning."),
    )
    weekdays = Ticks(_l("Only on"), labels.WEEKDAYS, hint=_l("None: every day of the week."))
    month_days = Text(
        _l("Only on these days of the month"),
        hint=_l("Such as 1, 15. Empty: every day."),
        load_default="",
    )
    times = Lines(_l("How often somebody may spend"), TimesInput, needs=("most",), most=5)
    points = Lines(_l("How many points somebody may spend"), PointsInput, needs=("most",), most=6)
    points_per_yuan = Whole(
        _l("Points for a yuan"),
        most=MOST_POINTS,
        load_default=None,
        hint=_l("The same in every shop. Empty: as agreed with each shop."),
    )
    bill_percent = Whole(_l("Most of a bill that points may pay"), most=100, load_default=100)
    categories = Ticks(_l("Only in shops for"), labels.SHOPS, hint=_l("None: in every shop."))
    to_neighbours = Tick(_l("Residents may give points to a neighbour"))
    to_causes = Tick(_l("Residents may give points to a cause"))
    giving_most = Whole(
        _l("At most so many points given on"),
        most=MOST_POINTS,
        load_default=None,
        hint=_l("Empty: no limit."),
    )
    giving_window = Choice(
        _l("In which time"), [labels.WINDOWS[0], *labels.TURNS], load_default="month"
    )

    @ma.validates_schema(skip_on_field_errors=True)
    def _days_of_a_month(self, data: dict[str, Any], **kwargs: Any) -> None:
        days = _numbers(data["month_days"])
        if not all(day.isdecimal() and 1 <= int(day) <= 31 for day in days):
            raise ma.ValidationError(
                str(_l("Write days from 1 to 31, with commas between.")), "month_days"
            )


def _numbers(text: str) -> list[str]:
    return plain(text).replace(",", " ").replace("、", " ").split()


def spending(data: dict[str, Any]) -> Spending:
    """What *data*, loaded by :class:`SpendingInput`, allows."""
    most = data["giving_most"]
    giving = GivingOn(
        data["to_neighbours"],
        data["to_causes"],
        Allowance(most, Window(data["giving_window"])) if most else None,
    )
    return Spending(
        after_hours=data["after_hours"],
        weekdays=frozenset(int(value) for value in data["weekdays"]),
        month_days=frozenset(int(day) for day in _numbers(data["month_days"])),
        times=_allowances(data["times"]),
        points=_allowances(data["points"]),
        points_per_yuan=data["points_per_yuan"],
        bill_percent=data["bill_percent"],
        categories=frozenset(data["categories"]),
        giving_on=giving,
    )


def _allowances(lines: list[dict[str, Any]]) -> tuple[Allowance, ...]:
    return tuple(Allowance(line["most"], Window(line["window"])) for line in lines)


def typed_spending(spending: Spending) -> dict[str, Any]:
    """*spending* as it would be typed."""
    giving = spending.giving_on.points
    return {
        "after_hours": spending.after_hours,
        "weekdays": sorted(spending.weekdays),
        "month_days": ", ".join(str(day) for day in sorted(spending.month_days)),
        "times": [_typed(allowance) for allowance in spending.times],
        "points": [_typed(allowance) for allowance in spending.points],
        "points_per_yuan": spending.points_per_yuan,
        "bill_percent": spending.bill_percent,
        "categories": sorted(spending.categories),
        "to_neighbours": spending.giving_on.to_neighbours,
        "to_causes": spending.giving_on.to_causes,
        "giving_most": giving.most if giving else None,
        "giving_window": giving.window.value if giving else Window.MONTH.value,
    }


def _typed(allowance: Allowance) -> dict[str, Any]:
    return {"most": allowance.most, "window": allowance.window.value}
