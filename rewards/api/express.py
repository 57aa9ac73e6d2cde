"""Express: one address of the API answered without Flask's frame around it.

A request that is as it should be is read by its route's own schemas, asked and answered here.
Whatever is not, from a missing header to a refusal, is left to Flask and the route of the same
address, so that there is one wording of it, and one description.
"""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import marshmallow as ma
from flask import Flask, g

from rewards.api.framework import JSON, REPLAY_MARK, encoded
from rewards.forms import Input
from rewards.ledger import Answer

Json = dict[str, Any]

# More than that is for Flask to refuse.
LARGEST_BODY = 64 * 1024


class Express:
    """What stands before *app* for a ``POST`` of JSON to *path* by whoever shows a token.

    *ask* is given the token, what the schema *headers* read and what *body* read; its answer is
    committed, and told with 201.
    """

    def __init__(
        self,
        app: Flask,
        path: str,
        headers: Input,
        body: Input,
        ask: Callable[[str, Json, Json], Answer],
    ) -> None:
        self._app, self._behind, self._path = app, app.wsgi_app, path
        self._headers, self._body, self._ask = headers, body, ask
        names = [field.data_key or name for name, field in headers.load_fields.items()]
        self._names = [(name, f"HTTP_{name.upper().replace('-', '_')}") for name in names]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = self._read(environ) if environ.get("PATH_INFO") == self._path else None
        if asked is None:
            return self._behind(environ, start_response)
        replayed = False
        try:
            answer = self._ask(*asked)
            replayed = answer.replayed
            body = encoded(answer.result()).encode()
        except Exception as error:
            return self._explained(error, replayed, environ, start_response)
        headers = [("Content-Type", JSON), ("Content-Length", str(len(body)))]
        if replayed:
            headers.append(REPLAY_MARK)
        start_response("201 CREATED", headers)
        return [body]

    def _read(self, environ: WSGIEnvironment) -> tuple[str, Json, Json] | None:
        """The token, the headers and the body; None if there is something to say about them."""
        kind, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        length = environ.get("CONTENT_LENGTH") or ""
        if (
            environ["REQUEST_METHOD"] != "POST"
            or environ.get("CONTENT_TYPE") != JSON
            or kind != "Bearer"
            or not token.isascii()
            or not token.replace("_", "").replace("-", "").isalnum()
            or not length.isdecimal()
            or int(length) > LARGEST_BODY
        ):
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)
        given = {name: environ[key] for name, key in self._names if key in environ}
        try:
            return token, self._headers.load(given), self._body.load(json.loads(body))
        except (ma.ValidationError, ValueError, RecursionError):
            return None

    def _explained(
        self,
        error: Exception,
        replayed: bool,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """What Flask says of *error*, as if the route had raised it."""
        with self._app.request_context(environ):
            g.replayed = replayed
            said = self._app.finalize_request(self._app.handle_user_exception(error))
            return said(environ, start_response)
