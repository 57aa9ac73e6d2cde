"""Calling PostgreSQL's own functions, several in one round trip, beside the driver's cursors.

On a short path a statement costs more to send than to run: SQLAlchemy takes 150 µs for one, the
driver's cursor 35, the library below it 10. So what is called together travels as one SELECT of
literals, with the BEGIN before it where no transaction has begun. Arguments and answers are
text: numbers, moments, JSON, and arrays by :func:`numbers` and :func:`texts`.
"""

import json
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import pq


class Called:
    """A function's answer, once it was sent for."""

    def __init__(self, calls: "Calls") -> None:
        self._calls = calls
        self.text: bytes | None = None

    def document(self) -> Any:
        """The JSON document that the function answered; to be looked at once."""
        self._calls.send()
        found, self.text = self.text, None
        return json.loads(found.decode()) if found else None


class Calls:
    """Calls that are being gathered for one connection."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._gathered: list[tuple[Called, str]] = []

    def add(self, function: str, *arguments: str) -> Called:
        # The connection takes backslashes as they are (see ``prepare_engine``).
        quoted = ", ".join(["'" + text.replace("'", "''") + "'" for text in arguments])
        called = Called(self)
        self._gathered.append((called, f"{function}({quoted})"))
        return called

    def send(self, *, commit: bool = False) -> None:
        """Send what was gathered, if anything was; with the COMMIT after it, no answer is kept.

        Raises:
            psycopg.Error: as the driver's own statements fail.
        """
        if not self._gathered:
            return
        gathered, self._gathered = self._gathered, []
        query = "SELECT " + ", ".join(call for _, call in gathered)
        library = self._connection.pgconn
        if library.transaction_status == pq.TransactionStatus.IDLE:
            query = "BEGIN; " + query
        if "\0" in query:
            raise psycopg.DataError("PostgreSQL keeps no text with a NUL in it")
        result = library.exec_((query + "; COMMIT" if commit else query).encode())
        if result.status == pq.ExecStatus.COMMAND_OK:
            return
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.error_from_result(result)
        for column, (called, _) in enumerate(gathered):
            called.text = result.get_value(0, column)


def numbers(values: Iterable[int | None]) -> str:
    """*values* as PostgreSQL writes an array."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def texts(values: Iterable[str | None]) -> str:
    """*values* as PostgreSQL writes an array, whatever stands in them."""
    return "{" + ",".join(map(_quoted, values)) + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
