"""The words of a scheme's choices, as an administrator picks them."""

from typing import Any

from flask_babel import lazy_gettext as _l

from rewards.schemes.rulechecks import UNITS_OF
from rewards.schemes.rules import (
    Axis,
    Days,
    Measure,
    Per,
    Provenance,
    Role,
    Rounding,
    Source,
    Stretch,
    WhenOver,
    Whose,
    Window,
)

Choices = list[tuple[str, Any]]


def counts(source: Source) -> list[Per]:
    """What points of *source* can be counted by, the most natural first."""
    return [per for per in (Per.HOUR, Per.YUAN, Per.ITEM) if per in UNITS_OF[source]] + [Per.ACT]


SOURCES: Choices = [
    (Source.EVENT.value, _l("Taking part in an event")),
    (Source.HOURS.value, _l("Hours of service")),
    (Source.MONEY.value, _l("Donations in money")),
    (Source.GOODS.value, _l("Donations in goods")),
    (Source.SUGGESTION.value, _l("Adopted suggestions")),
    (Source.PHOTO_REPORT.value, _l("Photo reports")),
    (Source.REFERRAL.value, _l("Referring a volunteer")),
    (Source.VISIT.value, _l("Visits")),
    (Source.TEAM.value, _l("Team awards")),
    (Source.MANUAL.value, _l("Other approved acts")),
]

ROLES: Choices = [
    (Role.BASE.value, _l("Pays for it")),
    (Role.BONUS.value, _l("Adds to it")),
    (Role.MULTIPLIER.value, _l("Multiplies it")),
]
ROLE_HINTS = {
    Role.BASE.value: _l("Of these rules, the first that fits counts."),
    Role.BONUS.value: _l("Each that fits is added, such as a first time or a holiday."),
    Role.MULTIPLIER.value: _l("Changes what the rules above it come to, such as twice."),
}

PERS: Choices = [
    (Per.ACT.value, _l("So many points each time")),
    (Per.HOUR.value, _l("So many points an hour")),
    (Per.YUAN.value, _l("So many points a yuan")),
    (Per.ITEM.value, _l("So many points a piece")),
]
TABLE, TIMES = "table", "times"
AMOUNTS: Choices = [
    *PERS,
    (TABLE, _l("By a table, such as by class and grade")),
    (TIMES, _l("So many times what stands above")),
]
UNITS: Choices = [
    (Per.ACT.value, _l("each time")),
    (Per.HOUR.value, _l("an hour")),
    (Per.YUAN.value, _l("a yuan")),
    (Per.ITEM.value, _l("a piece")),
]
AXES: Choices = [
    (Axis.CLASS.value, _l("Class")),
    (Axis.GRADE.value, _l("Grade")),
    (Axis.LEVEL.value, _l("Level")),
]

ROUNDINGS: Choices = [
    (Rounding.DOWN.value, _l("Always down")),
    (Rounding.HALF_UP.value, _l("To the nearest; a half goes up")),
    (Rounding.HALF_EVEN.value, _l("To the nearest; a half goes to the even number")),
]

MEASURES: Choices = [
    (Measure.POINTS.value, _l("points")),
    (Measure.TIMES.value, _l("times")),
    (Measure.QUANTITY.value, _l("hours, yuan or pieces")),
]
WINDOWS: Choices = [
    (Window.ACT.value, _l("each time")),
    (Window.EVENT.value, _l("for one event")),
    (Window.DAY.value, _l("a day")),
    (Window.WEEK.value, _l("a week")),
    (Window.MONTH.value, _l("a month")),
    (Window.QUARTER.value, _l("a quarter")),
    (Window.YEAR.value, _l("a year")),
]
TURNS: Choices = [w for w in WINDOWS if w[0] not in (Window.ACT, Window.EVENT)]
WHOSE: Choices = [
    (Whose.RESIDENT.value, _l("each resident")),
    (Whose.HOUSEHOLD.value, _l("each household together")),
]
OVER: Choices = [
    (WhenOver.TRIM.value, _l("give what still fits")),
    (WhenOver.REFUSE.value, _l("give nothing")),
]
FULL: Choices = [
    (WhenOver.TRIM.value, _l("Give as many points as fit")),
    (WhenOver.REFUSE.value, _l("Refuse the whole award")),
]

DAYS: Choices = [
    (Days.WORKDAY.value, _l("Workdays")),
    (Days.DAY_OFF.value, _l("Days off: weekends and public holidays")),
    (Days.HOLIDAY.value, _l("Public holidays")),
]
WEEKDAYS: Choices = [
    ("1", _l("Monday")),
    ("2", _l("Tuesday")),
    ("3", _l("Wednesday")),
    ("4", _l("Thursday")),
    ("5", _l("Friday")),
    ("6", _l("Saturday")),
    ("7", _l("Sunday")),
]
PROVENANCES: Choices = [
    (Provenance.SCANNED.value, _l("Scanned at the door")),
    (Provenance.TYPED.value, _l("Typed in at the door")),
    (Provenance.BACK_FILLED.value, _l("Filled in afterwards")),
]
STRETCHES: Choices = [
    (Stretch.DAY.value, _l("days in a row")),
    (Stretch.WEEK.value, _l("weeks in a row")),
    (Stretch.MONTH.value, _l("months in a row")),
]

# The classes of shop as the merchants name them.
SHOPS: Choices = [
    ("dining", _l("Dining")),
    ("entertainment", _l("Entertainment")),
    ("education", _l("Education")),
    ("medical", _l("Medical")),
]
