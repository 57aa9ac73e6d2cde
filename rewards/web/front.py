"""The service as its server calls it: an event loop in front, and Flask in threads behind.

Sixteen threads that hand one interpreter to one another take as much time as what they do. So
what is asked for often is answered in the loop (:class:`Quick`), and only the rest goes to a
thread and to Flask. The server speaks RSGI, granian's own interface: its specification is at
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

import asyncio
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, g

from rewards.web.application import PRIVATE, Application

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

# Larger bodies are kept in a file while they come in.
IN_MEMORY = 1024 * 1024
# Nothing that is answered in the loop is larger.
QUICK_BODY = 64 * 1024


class Said(NamedTuple):
    """An answer, whole."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Unsaid(Exception):
    """Something went wrong (its cause), and Flask is to say what, as if a route had raised it."""

    def __init__(self, *, replayed: bool) -> None:
        super().__init__()
        self.replayed = replayed


class Quick(Protocol):
    """What answers the ``POST`` requests to one address in the loop."""

    async def answer(self, headers: Mapping[str, str], body: bytes) -> Said | None:
        """The answer; None if Flask is to be asked.

        *headers* are by their names in lower case.

        Raises:
            Unsaid: Flask is to say what went wrong.
        """


def quick_ones(app: Flask) -> dict[str, Quick]:
    """What answers in the loop for *app*, by address."""
    answering: dict[str, Quick] = app.extensions.setdefault("quick", {})
    return answering


class Front:
    """*app* as an application of RSGI; at most so many *threads* are in Flask at a time."""

    def __init__(self, app: Application, threads: int) -> None:
        self._app, self._quick = app, quick_ones(app)
        self._threads = ThreadPoolExecutor(threads, "flask")
        self._most: int = app.config["MAX_CONTENT_LENGTH"]

    async def __rsgi__(self, scope: "Scope", protocol: "HTTPProtocol") -> None:
        headers, quick = _headers(scope), self._quick.get(scope.path)
        length = _length(scope, headers)
        if quick and scope.method == "POST" and length is not None and length <= QUICK_BODY:
            said = await self._at_once(quick, scope, headers, await protocol())
        else:
            with SpooledTemporaryFile(IN_MEMORY) as body:
                if length is None or 0 < length <= self._most:
                    headers["content-length"] = str(await self._received(protocol, body))
                    headers.pop("transfer-encoding", None)
                said = await self._by_flask(self._app, _environ(scope, headers, body))
        protocol.response_bytes(*said)

    async def _at_once(
        self, quick: Quick, scope: "Scope", headers: Mapping[str, str], body: bytes
    ) -> Said:
        behind: WSGIApplication = self._app
        try:
            if said := await quick.answer(headers, body):
                return said._replace(headers=[*said.headers, *self._app.always, PRIVATE])
        except Unsaid as unsaid:
            behind = partial(self._app.protected, partial(_explained, self._app, unsaid))
        return await self._by_flask(behind, _environ(scope, headers, BytesIO(body)))

    async def _received(self, protocol: "HTTPProtocol", body: IO[bytes]) -> int:
        """Read the request's body, and how long it is; no more than shows that it is too long."""
        length = 0
        async for part in protocol:
            length += body.write(part)
            if length > self._most:
                break
        body.seek(0)
        return length

    async def _by_flask(self, app: WSGIApplication, environ: WSGIEnvironment) -> Said:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _answer, app, environ)


def _headers(scope: "Scope") -> dict[str, str]:
    """By their names in lower case; what was sent several times is one, as CGI has it."""
    headers: dict[str, str] = {}
    for name, value in scope.headers.items():
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ",") + value
        headers[name] = value
    return headers


def _length(scope: "Scope", headers: Mapping[str, str]) -> int | None:
    """How long the body is said to be; None if there may be one of any length."""
    if "content-length" in headers:
        # The server has refused what is no number.
        return int(headers["content-length"])
    return None if "transfer-encoding" in headers or scope.http_version == "2" else 0


def _environ(scope: "Scope", headers: Mapping[str, str], body: IO[bytes]) -> WSGIEnvironment:
    """The request as WSGI has it (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # Unquoted by now; WSGI has a letter for each byte.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in headers.items():
        # One with an underscore would look like another with a hyphen.
        if "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if (value := environ.pop(f"HTTP_{name}", None)) is not None:
            environ[name] = value
    return environ


def _answer(app: WSGIApplication, environ: WSGIEnvironment) -> Said:
    """What a WSGI application answers, read to its end: none of ours is without one."""
    began: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_error: Any) -> Any:
        began[:] = status, headers

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    status, headers = began
    return Said(int(status.split(" ", 1)[0]), headers, body)


def _explained(
    app: Application, unsaid: Unsaid, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """What Flask says of an error, as if the route had raised it."""
    error = unsaid.__cause__
    assert isinstance(error, Exception)
    with app.request_context(environ):
        g.replayed = unsaid.replayed
        try:
            said = app.finalize_request(_handled(app, error))
        except Exception as unknown:
            said = app.handle_exception(unknown)
        return said(environ, start_response)


def _handled(app: Application, error: Exception) -> Any:
    """What the handlers make of *error*, which they take for the one that was just raised."""
    try:
        raise error
    except Exception:
        return app.handle_user_exception(error)
