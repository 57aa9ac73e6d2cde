"""Calling PostgreSQL's own functions, several in one round trip, beside the driver's cursors.

On a short path a statement costs more to send than to run: SQLAlchemy takes 150 µs for one, the
driver's cursor 35, the library below it 10. So calls travel through the library's pipeline, as
statements that the connection has prepared, with the BEGIN before them where no transaction has
begun. Arguments and answers are text: numbers, moments, JSON, and arrays by :func:`numbers` and
:func:`texts`.
"""

import itertools
import json
import select
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import pq

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

    def __init__(self, calls: "Calls") -> None:
        self._calls = calls
        self.text: bytes | None = None

    def document(self) -> Any:
        """The JSON document that the function answered; to be looked at once."""
        self._calls.send()
        found, self.text = self.text, None
        return json.loads(found.decode()) if found else None


class Calls:
    """Calls that are under way on one connection, whose statements *prepared* knows.

    Each is sent when it is made, so that PostgreSQL is at work on it while the next is put
    together; none is waited for until an answer is looked at. Meanwhile the connection is not
    the driver's. Should one fail, those behind it are not done.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", prepared: Prepared) -> None:
        self._connection, self._prepared = connection, prepared
        # One for each result that will come: None where nobody looks at it.
        self._under_way: list[Called | None] = []

    @property
    def _library(self) -> "PGconn":
        return self._connection.pgconn

    def add(self, function: str, *arguments: str) -> Called:
        """Call *function*, in a transaction that begins with it if none has."""
        if "\0" in "".join(arguments):
            raise psycopg.DataError("PostgreSQL keeps no text with a NUL in it")
        if not self._under_way:
            self._library.enter_pipeline_mode()
            if self._library.transaction_status == pq.TransactionStatus.IDLE:
                self._post("BEGIN", (), None)
        called = Called(self)
        places = ", ".join([f"${number}" for number in range(1, len(arguments) + 1)])
        given = [argument.encode() for argument in arguments]
        self._post(f"SELECT {function}({places})", given, called)
        self._library.flush()
        return called

    def _post(self, query: str, arguments: Sequence[bytes], called: Called | None) -> None:
        name = self._prepared.name(query)
        if name is None:
            name = self._prepared.new_name(query)
            self._library.send_prepare(name, query.encode())
            self._under_way.append(None)
        self._library.send_query_prepared(name, arguments)
        self._under_way.append(called)

    def send(self, *, commit: bool = False) -> None:
        """Wait for the answers to what was called, if anything was; with *commit* for a COMMIT.

        Raises:
            psycopg.Error: as the driver's own statements fail.
        """
        if not self._under_way:
            return
        if commit:
            self._post("COMMIT", (), None)
        for result in self._results():
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise psycopg.errors.error_from_result(result)

    def drop(self) -> None:
        """Wait for what is under way, whatever it comes to: the connection is the driver's again.

        Raises:
            psycopg.OperationalError: the connection is lost.
        """
        if self._under_way:
            self._results()

    def _results(self) -> "list[PGresult]":
        under_way, self._under_way = self._under_way, []
        self._library.pipeline_sync()
        results = list(_until_the_end(self._library))
        self._library.exit_pipeline_mode()
        for called, result in zip(under_way, results, strict=True):
            if called is not None and result.status == pq.ExecStatus.TUPLES_OK:
                called.text = result.get_value(0, 0)
        if any(result.status == pq.ExecStatus.FATAL_ERROR for result in results):
            self._prepared.forget()
        return results


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
