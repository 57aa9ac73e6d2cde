"""Asking and writing round the ORM, many rows in one statement, the same on both databases.

The ORM spends more time on a row than the database does. Where a path is measured and short
(redemptions, awards to many), its statements are sent here: one for each table, whatever the
number of rows, on the session's own connection and in its transaction.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from rewards.calls import Called, Calls, Prepared
from rewards.documents import from_json, to_json

Row = Mapping[str, Any]

# SQLite's driver keeps a statement for each number of rows up to it, ready to be run again.
MOST_ROWS = 64


# All that one act writes bears the same moment.
@lru_cache(maxsize=64)
def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ", "microseconds")


class Asked:
    """What a query answers."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows, as the driver gives them; to be looked at once."""
        found: list[tuple[Any, ...]] = self._cursor.fetchall()
        self._cursor.close()
        return found


class Writer:
    """Asks and writes in a transaction; made by :func:`writing` or :func:`transaction`."""

    def __init__(self, connection: Connection, session: Session | None = None) -> None:
        self.sqlite = connection.dialect.name == "sqlite"
        self._connection, self._session = connection, session
        self._driver: Any = connection.connection
        driver: Any = self._driver.driver_connection
        self._calls = Calls(driver, connection.info.setdefault("prepared", Prepared()))
        self._together: list[tuple[str, tuple[Any, ...]]] = []

    @property
    def session(self) -> Session:
        """A session in this transaction, for what is seldom asked: it costs as much as a batch."""
        self._calls.send()
        if self._session is None:
            self._session = Session(self._connection)
        return self._session

    def call(self, function: str, *arguments: str) -> Called:
        """Call a *function* of PostgreSQL: when its answer is looked at, or with :meth:`send`."""
        return self._calls.add(function, *arguments)

    def ask(self, query: str, *values: Any) -> Asked:
        """Send *query*, with ``?`` where its values go, after all that was called."""
        self._calls.send()
        return self._execute(query, *values)

    def _execute(self, query: str, *values: Any) -> Asked:
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
        return to_json(list(values)) if self.sqlite else list(values)

    def next_ids(self, wanted: Mapping[str, int]) -> "NextIds":
        """Ids for rows that are yet to be written: table to how many."""
        if self.sqlite:
            # One writer at a time: what follows the highest is free until this transaction ends.
            highest = ", ".join(f"(SELECT max(id) FROM {table})" for table in wanted)
            return NextIds(self.ask(f"SELECT {highest}"), wanted)
        # The transaction takes its own number first: sealing waits for those that might yet
        # write a transfer, and knows them by it.
        drawn = ", ".join(
            f"ARRAY(SELECT nextval('{table}_id_seq') FROM generate_series(1, ?))"
            for table in wanted
        )
        query = f"SELECT {drawn} WHERE pg_current_xact_id() IS NOT NULL"
        return NextIds(self.ask(query, *wanted.values()), wanted)

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Insert *rows*; *columns* names those that are written, with PostgreSQL's types."""
        names = ", ".join(columns)
        self._write(f"INSERT INTO {table} ({names}) SELECT {names} FROM r", columns, rows)

    def update(
        self, table: str, key: str, changes: str, columns: Mapping[str, str], rows: Sequence[Row]
    ) -> None:
        """Set *changes*, in terms of the table and of the rows, ``r``, where *key* is the same.

        No row of the table may be changed twice by one writer.
        """
        self._write(
            f"UPDATE {table} SET {changes} FROM r WHERE {table}.{key} = r.{key}", columns, rows
        )

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
        self.send()
        names = ", ".join(columns)
        # "WHERE true" tells SQLite that no join's ON follows.
        statement = (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM r WHERE true "
            f"ON CONFLICT ({on}) DO UPDATE SET {changes} RETURNING {returning}"
        )
        return [
            row
            for given, values in self._given(columns, rows)
            for row in self.ask(f"WITH {given} {statement}", *values).rows()
        ]

    def _write(self, statement: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        """Write now, or on PostgreSQL with all else that is to be written, as one statement."""
        for given, values in self._given(columns, rows):
            if self.sqlite:
                self.ask(f"WITH {given} {statement}", *values)
            else:
                self._together.append((f"WITH {given} {statement}", values))

    def _given(
        self, columns: Mapping[str, str], rows: Sequence[Row]
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """*rows* as the statement's table ``r``, and the values that it takes; in parts."""
        if not rows:
            return
        if not self.sqlite:
            typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            # The limit limits nothing, but tells PostgreSQL how few rows there are: it takes any
            # JSON for a hundred, and would read all of a small table to find them.
            given = f"r AS (SELECT * FROM json_to_recordset(?::json) AS j({typed}) LIMIT ?)"
            yield given, (to_json(rows), len(rows))
            return
        names, one = ", ".join(columns), ", ".join("?" * len(columns))
        documents = [name for name, kind in columns.items() if kind == "json"]
        for first in range(0, len(rows), MOST_ROWS):
            part: Sequence[Row] = rows[first : first + MOST_ROWS]
            for name in documents:
                part = [{**row, name: to_json(row[name])} for row in part]
            values = [row[name] for row in part for name in columns]
            yield f"r({names}) AS (VALUES {', '.join([f'({one})'] * len(part))})", tuple(values)

    def send(self) -> None:
        """Send all that is to be written; the end of a :func:`writing` block does so by itself."""
        self._send_together()
        self._calls.send()

    def commit(self) -> None:
        """Send all that is to be written, and with it the COMMIT."""
        if self._session is not None:
            self._session.flush()
        self._send_together()
        self._calls.send(commit=True)
        self._connection.commit()

    def close(self) -> None:
        """Let the session go that was made for this writer."""
        if self._session is not None:
            self._session.close()

    def drop(self) -> None:
        """Let be what is not sent yet."""
        self._together = []
        self._calls.drop()

    def _send_together(self) -> None:
        if self._together:
            self._calls.send()
            parts = ", ".join(f"w{n} AS ({part})" for n, (part, _) in enumerate(self._together))
            values = [value for _, given in self._together for value in given]
            self._together = []
            self._execute(f"WITH {parts} SELECT", *values)

    def moment(self, moment: datetime) -> str:
        """*moment* as the database keeps it."""
        text = _in_utc(moment)
        return text[:26] if self.sqlite else text

    def at(self, kept: Any) -> datetime:
        """A moment that was asked for."""
        moment: datetime = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def day(self, kept: Any) -> date | None:
        """A day that was asked for."""
        return date.fromisoformat(kept) if isinstance(kept, str) else kept

    def document(self, kept: Any) -> Any:
        """A JSON document that was asked for."""
        return from_json(kept) if isinstance(kept, str) else kept


class NextIds:
    """Ids that were asked for."""

    def __init__(self, asked: Asked, wanted: Mapping[str, int]) -> None:
        self._asked, self._wanted = asked, wanted

    def ids(self) -> dict[str, list[int]]:
        """The ids by table; to be looked at once."""
        [found] = self._asked.rows()
        return {
            table: given if isinstance(given, list) else _following(given or 0, count)
            for (table, count), given in zip(self._wanted.items(), found, strict=True)
        }


def _following(highest: int, count: int) -> list[int]:
    return list(range(highest + 1, highest + 1 + count))


@contextmanager
def writing(session: Session) -> Iterator[Writer]:
    """A writer on *session*; on PostgreSQL what it inserts and updates travels together."""
    session.flush()
    connection = session.connection()
    writer = Writer(connection, session)
    with _failing_alike(connection, writer):
        yield writer
        writer.send()


@contextmanager
def transaction(engine: Engine) -> Iterator[Writer]:
    """A writer in a transaction of its own, which ends with its :meth:`Writer.commit`.

    Without that, nothing was written. There is no session unless somebody asks for it.
    """
    with engine.connect() as connection:
        connection.begin()
        writer = Writer(connection)
        try:
            with _failing_alike(connection, writer):
                yield writer
        finally:
            writer.close()


@contextmanager
def _failing_alike(connection: Connection, writer: Writer) -> Iterator[None]:
    """Let the driver's errors be raised as SQLAlchemy's own statements raise them.

    A lost connection leaves the pool, and the edge answers a busy or full database by this
    error.
    """
    base: Any = connection.dialect.loaded_dbapi.Error
    try:
        try:
            yield
        except BaseException:
            writer.drop()
            raise
    except base as error:
        driver: Any = connection.connection.driver_connection
        lost = connection.dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "bulk", None, error, base, connection_invalidated=lost, dialect=connection.dialect
        ) from error


def next_ids(session: Session, wanted: Mapping[str, int]) -> dict[str, list[int]]:
    """Ids for rows that are yet to be written: table to how many."""
    with writing(session) as writer:
        return writer.next_ids(wanted).ids()
