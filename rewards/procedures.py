"""PostgreSQL's own functions of a short path: planned once for a connection, called by name.

They read, lock and write for a whole batch, and decide nothing: what may be done is decided in
Python, the same for both databases (SQLite needs no such path, for nothing travels). Every row
is looked up by its key, so plans are made once for any values, and never to read a whole table.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DDL, event

from rewards.bulk import Asked, Row, Writer
from rewards.calls import Called, numbers, texts
from rewards.db import Base

_LOOKING_UP = "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off"


@dataclass(frozen=True)
class Function:
    """A function by its signature; *body* is what stands between ``BEGIN`` and ``END``."""

    signature: str
    returns: str
    body: str
    declares: str = ""

    def __post_init__(self) -> None:
        made = DDL(self.statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(Base.metadata, "after_create", made.execute_if(dialect="postgresql"))

    @property
    def statement(self) -> str:
        """What makes the function, or makes it anew."""
        declared = f"DECLARE {self.declares}; " if self.declares else ""
        return (
            f"CREATE OR REPLACE FUNCTION {self.signature} RETURNS {self.returns} "
            f"LANGUAGE plpgsql {_LOOKING_UP} AS $$ {declared}BEGIN\n{self.body.strip()}\nEND $$"
        )


class Inserting:
    """Rows of one table, inserted on PostgreSQL by a function of their own.

    *columns* names those that are written, with PostgreSQL's types.
    """

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        self.table, self.columns = table, columns
        names = ", ".join(columns)
        arrays = [f"all_{name}" for name in columns]
        given = ", ".join(f"{a} {kind}[]" for a, kind in zip(arrays, columns.values(), strict=True))
        self.function = Function(
            f"insert_{table}({given})",
            "void",
            f"INSERT INTO {table} ({names}) SELECT {names} "
            f"FROM unnest({', '.join(arrays)}) AS r({names});",
        )

    def write(self, writer: Writer, rows: Sequence[Row]) -> None:
        """Insert *rows*, with all else that is sent next."""
        if writer.sqlite:
            writer.insert(self.table, self.columns, rows)
        elif rows:
            writer.call(
                f"insert_{self.table}",
                *(_array(kind, (r[name] for r in rows)) for name, kind in self.columns.items()),
            )


class Query:
    """One query with its parameters, on PostgreSQL a function of its own that answers JSON.

    *parameters* are by name PostgreSQL's types; in *rest*, all that follows SELECT's *columns*,
    each stands in braces: one value, or after a column, for an array, "is among them".
    """

    def __init__(
        self, name: str, parameters: Mapping[str, str], columns: str, rest: str, order: str
    ) -> None:
        self.name, self._parameters = name, parameters
        many = {p for p, kind in parameters.items() if kind.endswith("[]")}
        named = {p: f"= ANY({p})" if p in many else p for p in parameters}
        placed = {p: "IN (SELECT value FROM json_each(?))" if p in many else "?" for p in named}
        self._places = re.findall(r"{(\w+)}", rest)
        self._sqlite = f"SELECT {columns} {rest.format(**placed)} ORDER BY {order}"
        given = ", ".join(f"{parameter} {kind}" for parameter, kind in parameters.items())
        self.function = Function(
            f"{name}({given})",
            "json",
            f"RETURN (SELECT json_agg(json_build_array({columns}) ORDER BY {order}) "
            f"{rest.format(**named)});",
        )

    def ask(self, writer: Writer, **values: Any) -> "Rows":
        """Ask with *values* by their names; PostgreSQL is asked together with what is next."""
        if writer.sqlite:
            given = {p: self._on_sqlite(p, value) for p, value in values.items()}
            return Rows(writer.ask(self._sqlite, *(given[p] for p in self._places)))
        given = {p: _argument(kind, values[p]) for p, kind in self._parameters.items()}
        return Rows(writer.call(self.name, *given.values()))

    def _on_sqlite(self, parameter: str, value: Any) -> Any:
        return json.dumps(list(value)) if self._parameters[parameter].endswith("[]") else value


class Rows:
    """What a query answers, once it was sent for."""

    def __init__(self, answered: Asked | Called) -> None:
        self._answered = answered

    def rows(self) -> list[Any]:
        """The rows; to be looked at once."""
        if isinstance(self._answered, Asked):
            return self._answered.rows()
        return self._answered.document() or []


def _argument(kind: str, value: Any) -> str:
    return _array(kind.removesuffix("[]"), value) if kind.endswith("[]") else str(value)


def _array(kind: str, values: Iterable[Any]) -> str:
    if kind == "bigint":
        return numbers(values)
    if kind == "json":
        return texts(json.dumps(value, separators=(",", ":")) for value in values)
    return texts(values)


def make(op: Any, functions: Iterable[Function]) -> None:
    """Make *functions* in a migration, as they are now (*op* is Alembic's)."""
    if op.get_bind().dialect.name == "postgresql":
        for function in functions:
            op.execute(function.statement.replace(":", "\\:"))


def drop(op: Any, signatures: Iterable[str]) -> None:
    """Drop functions in a migration, those that there are."""
    if op.get_bind().dialect.name == "postgresql":
        for signature in signatures:
            op.execute(f"DROP FUNCTION IF EXISTS {signature}")
