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
    Whole,
    Yuan,
    phone_number,
    plain,
)
from rewards.forms.form import Drawn, Form, Input

__all__ = [
    "LARGEST",
    "Choice",
    "Day",
    "Drawn",
    "Form",
    "Input",
    "Key",
    "LocalMoment",
    "LongText",
    "Phone",
    "Secret",
    "Text",
    "Tick",
    "Whole",
    "Yuan",
    "phone_number",
    "plain",
]
