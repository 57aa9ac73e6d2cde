"""PostgreSQL's own functions of a short path: planned once for a connection, called by name.

They read, lock and write for a whole batch, and decide nothing: what may be done is decided in
Python, the same for both databases (SQLite needs no such path, for nothing travels). Every row
is looked up by its key, so plans are made once for any values, and never to read a whole table.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import DDL, event

from rewards.bulk import Asked, Row, Writer
from rewards.calls import Called, numbers, texts
from rewards.db import Base
from rewards.documents import to_json

# A type, of one value or of an array; or the types of several columns.
Kind = str | Mapping[str, str]

_LOOKING_UP = (
    "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off "
    # While a table is small, PostgreSQL would rather read all of it through an index than look
    # ten rows up, and do so still when it has grown.
    "SET enable_hashjoin = off SET enable_mergejoin = off"
)


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
        self._values = itemgetter(*columns)
        self._arrays = [_array(kind) for kind in columns.values()]
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
            columns = zip(*map(self._values, rows), strict=True)
            arrays = [array(column) for array, column in zip(self._arrays, columns, strict=True)]
            writer.call(f"insert_{self.table}", *arrays)


class Query:
    """One query with its parameters, on PostgreSQL a function of its own that answers JSON.

    *parameters* are by name PostgreSQL's types; in *rest*, all that follows SELECT's *columns*,
    each stands in braces: one value; or, for an array, what follows a column that is to be among
    them; or, for several columns (``{"shop": "bigint", …}``), a table of rows of that name.
    """

    def __init__(
        self, name: str, parameters: Mapping[str, Kind], columns: str, rest: str, order: str
    ) -> None:
        self.name, self._parameters = name, parameters
        self._places = re.findall(r"{(\w+)}", rest)
        on_sqlite = rest.format(**{p: _on_sqlite(p, kind) for p, kind in parameters.items()})
        self._sqlite = f"SELECT {columns} {on_sqlite} ORDER BY {order}"
        given = ", ".join(
            f"{p} {kind}"
            if isinstance(kind, str)
            else ", ".join(f"{p}_{column} {one}[]" for column, one in kind.items())
            for p, kind in parameters.items()
        )
        on_postgresql = {p: _on_postgresql(p, kind) for p, kind in parameters.items()}
        self.function = Function(
            f"{name}({given})",
            "json",
            f"RETURN (SELECT json_agg(json_build_array({columns}) ORDER BY {order}) "
            f"{rest.format(**on_postgresql)});",
        )

    def ask(self, writer: Writer, **values: Any) -> "Rows":
        """Ask with *values* by their names; PostgreSQL is asked together with what is next."""
        if writer.sqlite:
            given = (values[place] for place in self._places)
            return Rows(
                writer.ask(
                    self._sqlite, *(v if isinstance(v, str) else to_json(list(v)) for v in given)
                )
            )
        arguments = [a for p, kind in self._parameters.items() for a in _arguments(kind, values[p])]
        return Rows(writer.call(self.name, *arguments))


def _on_sqlite(parameter: str, kind: Kind) -> str:
    if isinstance(kind, str):
        return "IN (SELECT value FROM json_each(?))" if kind.endswith("[]") else "?"
    columns = ", ".join(f"value ->> {n} AS {column}" for n, column in enumerate(kind))
    return f"(SELECT {columns} FROM json_each(?)) AS {parameter}"


def _on_postgresql(parameter: str, kind: Kind) -> str:
    if isinstance(kind, str):
        return f"= ANY({parameter})" if kind.endswith("[]") else parameter
    arrays = ", ".join(f"{parameter}_{column}" for column in kind)
    return f"unnest({arrays}) AS {parameter}({', '.join(kind)})"


def _arguments(kind: Kind, value: Any) -> list[str]:
    if not isinstance(kind, str):
        columns = zip(kind.values(), zip(*value, strict=True), strict=True)
        return [_array(one)(column) for one, column in columns]
    return [_array(kind.removesuffix("[]"))(value) if kind.endswith("[]") else str(value)]


class Rows:
    """What a query answers, once it was sent for."""

    def __init__(self, answered: Asked | Called) -> None:
        self._answered = answered

    def rows(self) -> list[Any]:
        """The rows; to be looked at once."""
        if isinstance(self._answered, Asked):
            return self._answered.rows()
        return self._answered.document() or []


def _array(kind: str) -> Callable[[Iterable[Any]], str]:
    """What writes values of PostgreSQL's type *kind* as an array."""
    return {"bigint": numbers, "json": _documents}.get(kind, texts)


def _documents(values: Iterable[Any]) -> str:
    return texts(map(to_json, values))


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
