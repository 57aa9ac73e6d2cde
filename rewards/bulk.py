"""Many rows in one statement, the same way on both databases: the rows travel as JSON.

The ORM spends more time on a row than the database does. Where a path is measured and short
(redemptions, awards to many), its rows are written by the statements here: one for each table,
whatever the number of rows, on the session's own connection and in its transaction.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def among(
    session: Session, column: ColumnElement[int], ids: Collection[int]
) -> ColumnElement[bool]:
    """Whether *column* is one of *ids*, however many they are: they travel as one value."""
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(ids))).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(None, list(ids), type_=ARRAY(BigInteger)))


class Writer:
    """Writes rows on a session's connection; made by :func:`writing`."""

    def __init__(self, session: Session) -> None:
        connection = session.connection()
        self.sqlite = connection.dialect.name == "sqlite"
        self._cursor = connection.connection.cursor()

    def moment(self, moment: datetime) -> str:
        """*moment* as the database keeps it."""
        text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if self.sqlite else text + "+00"

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Insert *rows*; *columns* names those that are written, with PostgreSQL's types."""
        if rows:
            names = ", ".join(columns)
            self._run(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM {self._rows(columns)}", rows
            )

    def update(
        self, table: str, changes: str, on: str, columns: Mapping[str, str], rows: Sequence[Row]
    ) -> None:
        """Set *changes* where *on* holds, both in terms of the table and of the rows, ``r``."""
        if rows:
            self._run(f"UPDATE {table} SET {changes} FROM {self._rows(columns)} WHERE {on}", rows)

    def upsert(
        self,
        table: str,
        on: str,
        changes: str,
        returning: str,
        columns: Mapping[str, str],
        rows: Sequence[Row],
    ) -> list[tuple[Any, ...]]:
        """Insert *rows*, or make *changes* to those that stand there *on* the same columns."""
        names = ", ".join(columns)
        # "WHERE true" tells SQLite that no join's ON follows.
        self._run(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {self._rows(columns)} WHERE true "
            f"ON CONFLICT ({on}) DO UPDATE SET {changes} RETURNING {returning}",
            rows,
        )
        return list(self._cursor.fetchall())

    def _rows(self, columns: Mapping[str, str]) -> str:
        if self.sqlite:
            picked = ", ".join(f"value ->> '{name}' AS {name}" for name in columns)
            return f"(SELECT {picked} FROM json_each(?)) AS r"
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        return f"json_to_recordset(%s::json) AS r({typed})"

    def _run(self, statement: str, rows: Sequence[Row]) -> None:
        self._cursor.execute(statement, (json.dumps(rows, separators=(",", ":")),))

    def close(self) -> None:
        self._cursor.close()


@contextmanager
def writing(session: Session) -> Iterator[Writer]:
    """A writer on *session*; on PostgreSQL its statements travel together, in one round trip."""
    session.flush()
    connection = session.connection()
    writer = Writer(session)
    driver: Any = connection.connection.driver_connection
    base: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        with nullcontext() if writer.sqlite else driver.pipeline():
            yield writer
    except base as error:
        # As SQLAlchemy's own statements fail: the edge answers a busy or full database by it.
        raise DBAPIError.instance("bulk", None, error, base, dialect=connection.dialect) from error
    finally:
        writer.close()


def next_ids(session: Session, wanted: Mapping[str, int]) -> dict[str, list[int]]:
    """Ids for rows that are yet to be written: table to how many, in one statement."""
    if session.get_bind().dialect.name == "sqlite":
        # One writer at a time: what follows the highest is free until this transaction ends.
        highest = session.execute(
            text("SELECT " + ", ".join(f"(SELECT max(id) FROM {table})" for table in wanted))
        ).one()
        return {
            table: list(range((top or 0) + 1, (top or 0) + 1 + count))
            for (table, count), top in zip(wanted.items(), highest, strict=True)
        }
    drawn = session.execute(
        text(
            "SELECT "
            + ", ".join(
                f"ARRAY(SELECT nextval('{table}_id_seq') FROM generate_series(1, :{table}))"
                for table in wanted
            )
        ),
        dict(wanted),
    ).one()
    return {table: list(ids) for table, ids in zip(wanted, drawn, strict=True)}
