"""Amounts: points at a rate, points by a table, or a factor."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from rewards.schemes.described.bounds import FACTOR, MOST_POINTS, MOST_TERMS, POINTS
from rewards.schemes.rules import Axis, Factor, Per, Rate, Rounding, Step, Table
from rewards.schemes.shapes import SMALLEST, At, Choice, Number
from rewards.schemes.structures import ByKey, Record


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


class Amount:
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
