"""Limits as they are typed: of one rule, or of several together."""

from typing import Any

from flask_babel import lazy_gettext as _l

from rewards.forms import Choice, Input, Number, Text, Ticks
from rewards.schemes.inputs import labels
from rewards.schemes.inputs.words import named, typed_name
from rewards.schemes.rules import Cap, Measure, SharedCap, WhenOver, Whose, Window

MOST = 1_000_000


class CapInput(Input):
    """At most so many points, times or units, in a window."""

    most = Number(_l("At most"), most=MOST, required=True)
    measure = Choice(_l("Of what"), labels.MEASURES, load_default=Measure.POINTS.value)
    window = Choice(_l("In which time"), labels.WINDOWS, load_default=Window.DAY.value)
    whose = Choice(_l("For whom"), labels.WHOSE, load_default=Whose.RESIDENT.value)
    when_over = Choice(_l("Of what goes over"), labels.OVER, load_default=WhenOver.TRIM.value)


class SharedCapInput(CapInput):
    """A limit of several rules together; without rules, of all."""

    name_zh = Text(_l("Name in Chinese"), longest=60, required=True)
    name_en = Text(_l("Name in English"), longest=100, load_default="")
    measure = Choice(_l("Of what"), labels.MEASURES[:2], load_default=Measure.POINTS.value)
    rules = Ticks(_l("Which rules count together"), hint=_l("None: all of them."))

    class Meta(CapInput.Meta):
        fields = ("name_zh", "name_en", "most", "measure", "window", "whose", "when_over", "rules")


def cap(data: dict[str, Any]) -> Cap:
    """The limit that *data* describes."""
    return Cap(
        data["most"],
        Window(data["window"]),
        Measure(data["measure"]),
        Whose(data["whose"]),
        WhenOver(data["when_over"]),
    )


def typed_cap(cap: Cap) -> dict[str, Any]:
    """*cap* as it would be typed."""
    return {
        "most": cap.most,
        "measure": cap.measure.value,
        "window": cap.window.value,
        "whose": cap.whose.value,
        "when_over": cap.when_over.value,
    }


def shared_cap(key: str, data: dict[str, Any]) -> SharedCap:
    return SharedCap(key, named(data), cap(data), frozenset(data["rules"]))


def typed_shared_cap(shared: SharedCap) -> dict[str, Any]:
    return {**typed_name(shared.name), **typed_cap(shared.cap), "rules": sorted(shared.rules)}
