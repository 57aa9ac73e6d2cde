"""Calling PostgreSQL's own functions, several in one round trip, beside the driver's cursors.

On a short path a statement costs more to send than to run: SQLAlchemy takes 150 µs for one, the
driver's cursor 35, the library below it 10. So calls travel through the library's pipeline, all
that wait as one statement that the connection has prepared, with the BEGIN before it where no
transaction has begun. Arguments and answers are text: numbers, moments, JSON, and arrays by
:func:`numbers` and :func:`texts`.
"""

import itertools
import select
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import pq

from rewards.documents import from_json

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult


class Prepared:
    """The statements that a connection has prepared: PostgreSQL reads and plans one once.

    After a failure none of them is counted on, and each is prepared anew under another name.
    """

    def __init__(self) -> None:
        self._names: dict[str, bytes] = {}
        self._numbers = itertools.count()

    def name(self, query: str) -> bytes | None:
        """The name that *query* was prepared under, if it was."""
        return self._names.get(query)

    def new_name(self, query: str) -> bytes:
        """A name to prepare *query* under."""
        self._names[query] = b"calls_%d" % next(self._numbers)
        return self._names[query]

    def forget(self) -> None:
        """Count on none of them any more."""
        self._names.clear()


class Called:
    """A function's answer, once it was sent for."""

    def __init__(self, calls: "Calls", function: str, arguments: Sequence[str]) -> None:
        self._calls = calls
        self.function, self.arguments = function, arguments
        self.text: bytes | None = None

    def document(self) -> Any:
        """The JSON document that the function answered; to be looked at once."""
        self._calls.send()
        found, self.text = self.text, None
        return from_json(found) if found else None


class Calls:
    """Calls to be made on one connection, whose statements *prepared* knows.

    They wait until an answer is looked at, or until they are sent, and then are made in their
    order. Should one fail, those behind it are not made.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", prepared: Prepared) -> None:
        self._connection, self._prepared = connection, prepared
        self._waiting: list[Called] = []

    def add(self, function: str, *arguments: str) -> Called:
        """Call *function*, in a transaction that begins with it if none has."""
        if "\0" in "".join(arguments):
            raise psycopg.DataError("PostgreSQL keeps no text with a NUL in it")
        called = Called(self, function, arguments)
        self._waiting.append(called)
        return called

    def drop(self) -> None:
        """Make none of the calls that wait."""
        self._waiting = []

    def send(self, *, commit: bool = False) -> None:
        """Make the calls that wait, if any do, and with *commit* a COMMIT behind them.

        Raises:
            psycopg.Error: as the driver's own statements fail.
        """
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        query = _selecting(tuple((called.function, len(called.arguments)) for called in waiting))
        given = [argument.encode() for called in waiting for argument in called.arguments]
        library = self._connection.pgconn
        library.enter_pipeline_mode()
        if library.transaction_status == pq.TransactionStatus.IDLE:
            self._post("BEGIN", ())
        self._post(query, given)
        if commit:
            self._post("COMMIT", ())
        library.pipeline_sync()
        results = list(_until_the_end(library))
        library.exit_pipeline_mode()
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                self._prepared.forget()
                raise psycopg.errors.error_from_result(result)
            if result.status == pq.ExecStatus.TUPLES_OK:
                for column, called in enumerate(waiting):
                    called.text = result.get_value(0, column)

    def _post(self, query: str, arguments: Sequence[bytes]) -> None:
        name = self._prepared.name(query)
        if name is None:
            name = self._prepared.new_name(query)
            self._connection.pgconn.send_prepare(name, query.encode())
        self._connection.pgconn.send_query_prepared(name, arguments)


@lru_cache
def _selecting(calls: tuple[tuple[str, int], ...]) -> str:
    """The statement that makes these *calls*: each a function, and how many arguments it takes.

    PostgreSQL works a row's columns out from left to right; what a function does for its effect
    each of its own statements sees, for it takes a snapshot of its own.
    """
    numbers = itertools.count(1)
    columns = (
        f"{function}({', '.join(f'${next(numbers)}' for _ in range(given))})"
        for function, given in calls
    )
    return f"SELECT {', '.join(columns)}"


def _until_the_end(library: "PGconn") -> "Iterator[PGresult]":
    """The results of a pipeline. While they are waited for, other threads run.

    Raises:
        psycopg.OperationalError: the connection is lost.
    """
    socket = select.poll()
    socket.register(library.socket, select.POLLIN | select.POLLOUT)
    while library.flush():
        socket.poll()
        library.consume_input()
    socket.modify(library.socket, select.POLLIN)
    while True:
        while library.is_busy():
            socket.poll()
            library.consume_input()
        result = library.get_result()
        if result is None:  # the end of one statement's
            if library.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError(library.get_error_message())
        elif result.status == pq.ExecStatus.PIPELINE_SYNC:
            return
        else:
            yield result


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
