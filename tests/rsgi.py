"""A client of the front: what it sends goes through the event loop, as the server would have it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import Client

from rewards.web.application import Application
from rewards.web.front import Front


@dataclass
class Headers:
    """What was sent, with names in lower case, each as often as it was."""

    sent: list[tuple[str, str]]

    def items(self) -> list[tuple[str, str]]:
        return self.sent


@dataclass
class Scope:
    """A request's head, as granian tells it."""

    method: str
    path: str
    headers: Headers
    query_string: str = ""
    proto: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "192.0.2.7:40000"
    scheme: str = "http"
    authority: str | None = None


@dataclass
class Protocol:
    """A request's body, in parts, and what was answered."""

    parts: list[bytes]
    read: int = 0
    said: list[Any] = field(default_factory=list)

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            self.read += len(part)
            yield part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.said.append((status, headers, body))


def ask(front: Front, scope: Scope, *parts: bytes) -> Protocol:
    """Have the front answer one request."""
    protocol = Protocol([*parts])
    asyncio.run(front.__rsgi__(scope, protocol))  # type: ignore[arg-type]
    return protocol


def client(app: Application) -> Client:
    """A client whose requests reach *app* by its front."""
    front = Front(app, threads=1)

    def through(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = [
            (name.removeprefix("HTTP_").replace("_", "-").lower(), value)
            for name, value in environ.items()
            if name.startswith("HTTP_") or (name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
        ]
        path = environ["PATH_INFO"].encode("latin-1").decode()
        scope = Scope(
            environ["REQUEST_METHOD"], path, Headers(headers), environ.get("QUERY_STRING", "")
        )
        [(status, said, body)] = ask(front, scope, environ["wsgi.input"].read()).said
        start_response(f"{status} {HTTP_STATUS_CODES[status]}", said)
        return [body]

    return Client(through)
