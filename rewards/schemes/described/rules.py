"""Rules: when they apply, what they bring, and the caps on them."""

from typing import Any

from rewards.schemes.described.amounts import Amount
from rewards.schemes.described.bounds import (
    KEYS,
    MOST_CAPS,
    MOST_TERMS,
    NOTHING,
    POINTS,
    WEEKDAYS,
    WHEN_OVER,
    WORDS,
)
from rewards.schemes.described.lasting import Expiry
from rewards.schemes.rules import (
    Cap,
    Days,
    Measure,
    Provenance,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Streak,
    Stretch,
    When,
    Whose,
    Window,
)
from rewards.schemes.shapes import KEY, TIME, Choice, Flag, Number, Text, Whole
from rewards.schemes.structures import Record, Set, Several

WHEN = Record(
    When,
    classes=KEYS,
    grades=KEYS,
    levels=KEYS,
    places=(Set(Text(80), MOST_TERMS), NOTHING),
    tags=KEYS,
    provenances=(Set(Choice(Provenance), len(Provenance)), NOTHING),
    weekdays=WEEKDAYS,
    days=(Choice(Days), None),
    since=(TIME, None),
    until=(TIME, None),
    first_time=(Flag(), False),
    streak=(Record(Streak, length=Whole(2, 366), stretch=Choice(Stretch)), None),
)

CAP: dict[str, Any] = {
    "most": POINTS,
    "window": Choice(Window),
    "measure": (Choice(Measure), Measure.POINTS),
    "whose": (Choice(Whose), Whose.RESIDENT),
    "when_over": WHEN_OVER,
}

RULE = Record(
    Rule,
    key=KEY,
    name=WORDS,
    source=Choice(Source),
    role=(Choice(Role), Role.BASE),
    when=(WHEN, When()),
    amount=Amount(),
    rounding=(Choice(Rounding), Rounding.HALF_UP),
    caps=(Several(Record(Cap, **CAP), MOST_CAPS), ()),
    complaint=(Number(0, 1), None),
    expiry=(Expiry("never", "months", "year_end"), None),
)

_SHARED = CAP | {"measure": (Choice(Measure, (Measure.POINTS, Measure.TIMES)), Measure.POINTS)}
SHARED_CAP = Record(SharedCap, key=KEY, name=WORDS, cap=Record(Cap, **_SHARED), rules=KEYS)
