"""A scheme as a document: plain JSON that is kept, sent as a file and described by JSON Schema."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from rewards.ledger import expiry
from rewards.schemes.problems import BadScheme
from rewards.schemes.rules import (
    Axis,
    Cap,
    Days,
    Factor,
    Measure,
    Per,
    Provenance,
    Rate,
    Role,
    Rounding,
    Rule,
    SharedCap,
    Source,
    Step,
    Streak,
    Stretch,
    Table,
    Term,
    When,
    WhenOver,
    Whose,
    Window,
    Words,
)
from rewards.schemes.scheme import (
    NEVER,
    NO_WORDS,
    Allowance,
    Calendar,
    Deduction,
    GivingOn,
    Scheme,
    ShopClass,
    Spending,
    Star,
    Wallet,
)
from rewards.schemes.shapes import (
    DAY,
    KEY,
    SMALLEST,
    TIME,
    At,
    Choice,
    Const,
    Flag,
    Number,
    Shape,
    Text,
    Whole,
    Wrong,
)
from rewards.schemes.structures import ByKey, Record, Set, Several

FORMAT = "e-points-scheme/1"
MOST_POINTS = 1_000_000
MOST_TIMES = 100
LONGEST_GRACE = 366
MOST_RULES, MOST_TERMS, MOST_CAPS, MOST_DAYS = 200, 200, 20, 400
NOTHING: frozenset[Any] = frozenset()

WORDS = Record(Words, zh=Text(200), en=Text(200))
TERMS = Several(Record(Term, key=KEY, name=WORDS), MOST_TERMS)
KEYS = (Set(KEY, MOST_TERMS), NOTHING)
POINTS = Number(0, MOST_POINTS)
FACTOR = Number(0, MOST_TIMES)
WEEKDAYS = (Set(Whole(1, 7), 7), NOTHING)
WHEN_OVER = (Choice(WhenOver), WhenOver.TRIM)

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


class _Cells:
    """The cells of a table: points by row and column key, or by row key alone."""

    def __init__(self) -> None:
        self._row = ByKey(POINTS, MOST_TERMS)

    def read(self, data: object, at: At) -> dict[tuple[str, str], Decimal]:
        nested = isinstance(data, Mapping) and any(isinstance(v, Mapping) for v in data.values())
        rows = ByKey(self._row if nested else POINTS, MOST_TERMS).read(data, at)
        if not nested:
            return {(row, ""): points for row, points in rows.items()}
        return {
            (r, column): points for r, cells in rows.items() for column, points in cells.items()
        }

    def write(self, value: Mapping[tuple[str, str], Decimal]) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for (row, column), points in value.items():
            if column:
                written.setdefault(row, {})[column] = POINTS.write(points)
            else:
                written[row] = POINTS.write(points)
        return written

    def schema(self) -> dict[str, Any]:
        return {
            "anyOf": [
                ByKey(POINTS, MOST_TERMS).schema(),
                ByKey(self._row, MOST_TERMS).schema(),
            ]
        }


_STEP = Record(Step, size=Number(SMALLEST, MOST_POINTS), rounding=(Choice(Rounding), Rounding.DOWN))
_PER: dict[str, Any] = {"per": (Choice(Per), Per.ACT), "step": (_STEP, None)}


class _Amount:
    """Points at a rate, by a table, or times what stands above: told apart by their names."""

    _table = Record(dict, rows=Choice(Axis), columns=(Choice(Axis), None), cells=_Cells())
    _quantity = Record(dict, **_PER)
    _forms: ClassVar[dict[str, Record]] = {
        "points": Record(Rate, points=POINTS, **_PER),
        "table": Record(dict, table=_table, **_PER),
        "times": Record(Factor, times=FACTOR),
    }

    def read(self, data: object, at: At) -> Rate | Table | Factor:
        named = [name for name in self._forms if isinstance(data, Mapping) and name in data]
        if len(named) != 1:
            raise at.wrong("which_one", known=", ".join(self._forms))
        made = self._forms[named[0]].read(data, at)
        if isinstance(made, Rate | Factor):
            return made
        table = made.pop("table")
        columns = {column for _, column in table["cells"]}
        if ("" in columns) != (table["columns"] is None):
            raise (at / "table" / "cells").wrong("wrong_cells")
        return Table(**table, **made)

    def write(self, value: Rate | Table | Factor) -> dict[str, Any]:
        match value:
            case Rate():
                return self._forms["points"].write(value)
            case Factor():
                return self._forms["times"].write(value)
            case Table():
                return {"table": self._table.write(value)} | self._quantity.write(value)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [form.schema() for form in self._forms.values()]}


class _Expiry:
    """A policy of :mod:`rewards.ledger.expiry`; its kind says which names go with it."""

    _months = Whole(1, expiry.LONGEST_MONTHS)
    _forms: ClassVar[dict[str, tuple[type[expiry.Policy], dict[str, Shape]]]] = {
        "never": (expiry.Never, {}),
        "months": (expiry.Months, {"months": _months, "to_month_end": Flag()}),
        "year_end": (expiry.YearEnd, {"years": Whole(0, expiry.LONGEST_YEARS)}),
        "idle": (expiry.Idle, {"months": _months}),
    }

    def __init__(self, *kinds: str) -> None:
        self._records = {kind: self._record(kind) for kind in kinds or self._forms}

    def _record(self, kind: str) -> Record:
        made, fields = self._forms[kind]

        def policy(kind: str, **lengths: Any) -> expiry.Policy:
            return made(**lengths)

        return Record(policy, kind=Const(kind), **fields)

    def read(self, data: object, at: At) -> expiry.Policy:
        kind = data.get("kind") if isinstance(data, Mapping) else None
        if not isinstance(kind, str) or kind not in self._records:
            place = at / "kind" if kind is not None else at
            known = ", ".join(self._records)
            raise place.wrong("unknown_choice", value=str(kind or "")[:40], known=known)
        policy: expiry.Policy = self._records[kind].read(data, at)
        return policy

    def write(self, value: expiry.Policy) -> dict[str, Any]:
        return expiry.serialize(value)

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [record.schema() for record in self._records.values()]}


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
    amount=_Amount(),
    rounding=(Choice(Rounding), Rounding.HALF_UP),
    caps=(Several(Record(Cap, **CAP), MOST_CAPS), ()),
    complaint=(Number(0, 1), None),
    expiry=(_Expiry("never", "months", "year_end"), None),
)

_SHARED = CAP | {"measure": (Choice(Measure, (Measure.POINTS, Measure.TIMES)), Measure.POINTS)}
SHARED_CAP = Record(SharedCap, key=KEY, name=WORDS, cap=Record(Cap, **_SHARED), rules=KEYS)

WALLET = Record(
    Wallet,
    expiry=(_Expiry(), NEVER),
    grace_days=(Whole(0, LONGEST_GRACE), 0),
    limit=(Whole(1, MOST_POINTS), None),
    when_full=WHEN_OVER,
)

_TURNS = (Window.DAY, Window.WEEK, Window.MONTH, Window.QUARTER, Window.YEAR)
_TIMES = Record(Allowance, most=Whole(1, MOST_POINTS), window=Choice(Window, _TURNS))
_POINTS = Record(
    Allowance, most=Whole(1, MOST_POINTS), window=Choice(Window, (Window.ACT, *_TURNS))
)

SPENDING = Record(
    Spending,
    after_hours=(Whole(0, MOST_POINTS), 0),
    weekdays=WEEKDAYS,
    month_days=(Set(Whole(1, 31), 31), NOTHING),
    times=(Several(_TIMES, len(_TURNS)), ()),
    points=(Several(_POINTS, len(_TURNS) + 1), ()),
    points_per_yuan=(Whole(1, MOST_POINTS), None),
    bill_percent=(Whole(1, 100), 100),
    categories=(Set(Choice(ShopClass), len(ShopClass)), NOTHING),
    giving_on=(
        Record(
            GivingOn,
            to_neighbours=(Flag(), False),
            to_causes=(Flag(), False),
            points=(_POINTS, None),
        ),
        GivingOn(),
    ),
)

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
