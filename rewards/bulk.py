"""Asking and writing round the ORM, many rows in one statement, the same on both databases.

The ORM spends more time on a row than the database does. Where a path is measured and short
(redemptions, awards to many), its statements are sent here: one for each table, whatever the
number of rows (they travel as JSON), on the session's own connection and in its transaction.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, any_, bindparam, func, select
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


class Asked:
    """What a query will answer. Until it is looked at, further statements may travel with it."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows, as the driver gives them; to be looked at once."""
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        self._cursor.close()
        return found


class Writer:
    """Asks and writes on a session's connection; made by :func:`writing`."""

    def __init__(self, session: Session) -> None:
        connection = session.connection()
        self.sqlite = connection.dialect.name == "sqlite"
        self._driver: Any = connection.connection
        self._cursor = self._driver.cursor()

    def ask(self, query: str, *values: Any) -> Asked:
        """Send *query*, with ``?`` where its values go."""
        cursor = self._driver.cursor()
        cursor.execute(query if self.sqlite else query.replace("?", "%s"), values)
        return Asked(cursor)

    def among(self, column: str, kind: str) -> str:
        """SQL: whether *column*, of PostgreSQL's type *kind*, is among :meth:`many` values."""
        if self.sqlite:
            return f"{column} IN (SELECT value FROM json_each(?))"
        return f"{column} = ANY(?::{kind}[])"

    def many(self, values: Collection[Any]) -> Any:
        """*values* as one, for :meth:`among`."""
        return json.dumps(list(values)) if self.sqlite else list(values)

    def next_ids(self, table: str, count: int) -> "NextIds":
        """Ids for *count* rows that are yet to be written."""
        if self.sqlite:
            # One writer at a time: what follows the highest is free until this transaction ends.
            return NextIds(self.ask(f"SELECT max(id) FROM {table}"), count)
        # The transaction has its number before its first id: sealing waits for it by that.
        drawn = (
            f"SELECT nextval('{table}_id_seq') FROM generate_series(1, ?) "
            "WHERE pg_current_xact_id() IS NOT NULL"
        )
        return NextIds(self.ask(drawn, count), None)

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

    def moment(self, moment: datetime) -> str:
        """*moment* as the database keeps it."""
        text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if self.sqlite else text + "+00"

    def at(self, kept: Any) -> datetime:
        """A moment that was asked for."""
        if isinstance(kept, str):
            return datetime.fromisoformat(kept).replace(tzinfo=UTC)
        moment: datetime = kept
        return moment.astimezone(UTC)

    def day(self, kept: Any) -> date | None:
        """A day that was asked for."""
        return date.fromisoformat(kept) if isinstance(kept, str) else kept

    def document(self, kept: Any) -> Any:
        """A JSON document that was asked for."""
        return json.loads(kept) if isinstance(kept, str) else kept

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


class NextIds:
    """Ids that were asked for; *beyond* counts them where the highest taken is answered."""

    def __init__(self, asked: Asked, beyond: int | None) -> None:
        self._asked, self._beyond = asked, beyond

    def ids(self) -> list[int]:
        """The ids; to be looked at once."""
        rows = self._asked.rows()
        if self._beyond is None:
            return [number for (number,) in rows]
        first = (rows[0][0] or 0) + 1
        return list(range(first, first + self._beyond))


@contextmanager
def writing(session: Session) -> Iterator[Writer]:
    """A writer on *session*; on PostgreSQL its statements travel together, in one round trip."""
    session.flush()
    connection = session.connection()
    writer = Writer(session)
    driver: Any = connection.connection.driver_connection
    base: Any = connection.dialect.loaded_dbapi.Error
    try:
        with nullcontext() if writer.sqlite else driver.pipeline():
            yield writer
    except base as error:
        # As SQLAlchemy's own statements fail: a lost connection leaves the pool, and the edge
        # answers a busy or full database by this error.
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "bulk", None, error, base, connection_invalidated=lost, dialect=connection.dialect
        ) from error
    finally:
        writer.close()


def next_ids(session: Session, wanted: Mapping[str, int]) -> dict[str, list[int]]:
    """Ids for rows that are yet to be written: table to how many."""
    with writing(session) as writer:
        asked = {table: writer.next_ids(table, count) for table, count in wanted.items()}
        return {table: found.ids() for table, found in asked.items()}
