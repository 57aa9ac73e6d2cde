"""Days, as rules look at them: their kind, and the window or stretch that they fall in."""

from datetime import date, timedelta

from rewards.schemes.rules import Days, Stretch, Window
from rewards.schemes.scheme import Calendar

SATURDAY = 6


def is_kind(calendar: Calendar, day: date, kind: Days) -> bool:
    """Whether the day is of that kind: a workday is whatever isn't a day off."""
    holiday = day in calendar.holidays
    if kind is Days.HOLIDAY:
        return holiday
    weekend = day.isoweekday() >= SATURDAY and day not in calendar.worked
    return (holiday or weekend) is (kind is Days.DAY_OFF)


def first_day(window: Window, day: date) -> date:
    """The day that the window around *day* begins on: its Monday, its month's first, …"""
    match window:
        case Window.WEEK:
            return day - timedelta(days=day.weekday())
        case Window.MONTH:
            return day.replace(day=1)
        case Window.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Window.YEAR:
            return date(day.year, 1, 1)
    return day


def number_of(stretch: Stretch, day: date) -> int:
    """The number of the day, week or month, so that neighbours' numbers differ by one."""
    match stretch:
        case Stretch.WEEK:
            return (day.toordinal() - 1) // 7
        case Stretch.MONTH:
            return day.year * 12 + day.month - 1
    return day.toordinal()


def reaches_back(stretch: Stretch, length: int, day: date) -> date:
    """The first day of the *length* stretches in a row that end with that of *day*."""
    match stretch:
        case Stretch.WEEK:
            return first_day(Window.WEEK, day) - timedelta(weeks=length - 1)
        case Stretch.MONTH:
            month = number_of(stretch, day) - (length - 1)
            return date(month // 12, month % 12 + 1, 1)
    return day - timedelta(days=length - 1)
