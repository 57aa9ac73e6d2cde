"""Input: one schema for the JSON API and for the HTML form."""

from rewards.forms.fields import (
    LARGEST,
    Choice,
    Day,
    Key,
    LocalMoment,
    LongText,
    Phone,
    Secret,
    Text,
    Tick,
    TimeOfDay,
    phone_number,
    plain,
)
from rewards.forms.form import Drawn, Form, Input
from rewards.forms.numbers import Number, Whole, Yuan
from rewards.forms.several import DayList, Lines, Ticks, spelt

__all__ = [
    "LARGEST",
    "Choice",
    "Day",
    "DayList",
    "Drawn",
    "Form",
    "Input",
    "Key",
    "Lines",
    "LocalMoment",
    "LongText",
    "Number",
    "Phone",
    "Secret",
    "Text",
    "Tick",
    "Ticks",
    "TimeOfDay",
    "Whole",
    "Yuan",
    "phone_number",
    "plain",
    "spelt",
]
