"""A scheme as a document: plain JSON that is kept, sent as a file and described by JSON Schema."""

from typing import Any

from rewards.schemes.described.bounds import (
    MOST_CAPS,
    MOST_DAYS,
    MOST_POINTS,
    MOST_RULES,
    MOST_TERMS,
    NOTHING,
    TERMS,
    WORDS,
)
from rewards.schemes.described.rules import RULE, SHARED_CAP
from rewards.schemes.described.spending import SPENDING, WALLET
from rewards.schemes.problems import BadScheme
from rewards.schemes.rules import Words
from rewards.schemes.scheme import (
    NO_WORDS,
    Calendar,
    Deduction,
    Scheme,
    Spending,
    Star,
    Wallet,
)
from rewards.schemes.shapes import DAY, KEY, At, Const, Flag, Text, Whole, Wrong
from rewards.schemes.structures import Record, Set, Several

FORMAT = "e-points-scheme/1"

SCHEME: dict[str, Any] = {
    "name": WORDS,
    "classes": (TERMS, ()),
    "grades": (TERMS, ()),
    "levels": (TERMS, ()),
    "tags": (TERMS, ()),
    "calendar": (
        Record(
            Calendar, holidays=(Set(DAY, MOST_DAYS), NOTHING), worked=(Set(DAY, MOST_DAYS), NOTHING)
        ),
        Calendar(),
    ),
    "rules": Several(RULE, MOST_RULES),
    "shared_caps": (Several(SHARED_CAP, MOST_CAPS), ()),
    "wallet": (WALLET, Wallet()),
    "spending": (SPENDING, Spending()),
    "stars": (
        Several(
            Record(
                Star,
                key=KEY,
                name=WORDS,
                hours=Whole(1, MOST_POINTS),
                benefits=(Record(Words, zh=Text(400), en=Text(400)), NO_WORDS),
            ),
            10,
        ),
        (),
    ),
    "deductions": (
        Several(Record(Deduction, key=KEY, name=WORDS, points=Whole(1, MOST_POINTS)), MOST_TERMS),
        (),
    ),
    "below_zero": (Flag(), False),
}


def _made(format: str, **parts: Any) -> Scheme:
    return Scheme(**parts)


DOCUMENT = Record(_made, format=Const(FORMAT), **SCHEME)


# What a file may say besides: the day on which it is meant to take effect.
EFFECT: dict[str, Any] = {"effective_on": (DAY, None)}
SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """What a scheme's file may hold, as JSON Schema; what else has to be true, checking says."""
    described = Record(dict, **EFFECT, **DOCUMENT.fields).schema()
    return {
        "$schema": SCHEMA,
        "$id": f"urn:{FORMAT.replace('/', ':')}",
        "title": FORMAT,
    } | described


def parse(data: object) -> Scheme:
    """The scheme that *data* (JSON values) describes.

    Raises:
        BadScheme: it describes none; all that is wrong with its form is named.
    """
    at = At()
    try:
        scheme: Scheme = DOCUMENT.read(data, at)
    except Wrong:
        raise BadScheme(at.problems) from None
    return scheme


def serialize(scheme: Scheme) -> dict[str, Any]:
    """The scheme as JSON, without what is as it would be anyway; :func:`parse` reads it back."""
    return {"format": FORMAT} | Record(Scheme, **SCHEME).write(scheme)
