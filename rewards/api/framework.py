"""flask-smorest, bent to this service: its schemas make the description, our edge the answers."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, g, request
from flask_smorest.utils import prepare_response

from rewards.documents import to_json
from rewards.errors import N_, Refused
from rewards.forms import Day, LocalMoment, Yuan
from rewards.ledger import Answer
from rewards.web.edge import answered

JSON = "application/json"
PROBLEM = "application/problem+json"

# Says that this was answered before.
REPLAY_MARK = ("Idempotent-Replayed", "true")

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class InvalidInput(Refused):
    """The request's parts are not what the schema says; ``errors`` names each part."""

    code = "invalid_input"
    status = 422
    message = N_("Something in the request isn't right; “errors” says what.")


class NotJson(Refused):
    """The request's body isn't a JSON object."""

    code = "not_json"
    status = 400
    message = N_("Send a JSON object, with Content-Type: application/json.")


class Problem(ma.Schema):
    """What went wrong (RFC 9457). Some problems have further members, such as ``missing``."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.String(required=True, metadata={"format": "uri-reference"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    errors = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.List(ma.fields.String()))


class Reader:
    """Reads a request's parts by schema, and refuses as the rest of the service does.

    It stands where flask-smorest has webargs, which for each request finds out once more what
    a route takes, and makes its schema anew: a third of what a short answer costs.
    """

    DEFAULT_VALIDATION_STATUS = InvalidInput.status

    def use_args(self, schema: ma.Schema | type[ma.Schema], *, location: str) -> Decorator:
        """Give a view what stands at *location* (``json``, ``headers``, ``query``)."""
        made = schema() if isinstance(schema, type) else schema
        part = {"json": _json, "headers": _headers, "query": _query}[location]

        def reading(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def with_part(*args: Any, **kwargs: Any) -> Any:
                try:
                    data = made.load(part(made))
                except ma.ValidationError as error:
                    raise InvalidInput(errors=_by_field(error)) from None
                return view(*args, data, **kwargs)

            return with_part

        return reading


def _json(schema: ma.Schema) -> Any:
    """The body; without one, as good as an empty object."""
    body = request.get_data() if request.is_json else b""
    try:
        return json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise NotJson from None


def _headers(schema: ma.Schema) -> dict[str, str]:
    """Those headers that the schema knows: every request has others."""
    names = (field.data_key or name for name, field in schema.load_fields.items())
    found = ((name, request.headers.get(name)) for name in names)
    return {name: value for name, value in found if value is not None}


def _query(schema: ma.Schema) -> Mapping[str, str]:
    """All of the query: a slip in a name would go unnoticed."""
    return request.args


def _by_field(error: ma.ValidationError) -> dict[str, list[str]]:
    by_name: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return {
        "" if name == "_schema" else str(name): _flat(messages)
        for name, messages in by_name.items()
    }


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        return [m for part in messages.values() for m in _flat(part)]
    return [str(m) for m in messages] if isinstance(messages, list) else [str(messages)]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint of the API."""

    ARGUMENTS_PARSER = Reader()


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The API and its description. Errors are answered by ``web.refusals``, as everywhere."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave pages their own errors: smorest would answer all of them in JSON."""

    def _register_pagination_header(self) -> None:
        """Leave it out: pages are asked for by the last line's id."""

    def _register_responses(self) -> None:
        known = {status.name: status.phrase for status in HTTPStatus if status >= 400}
        for name, phrase in {**known, "DEFAULT_ERROR": "Any other problem."}.items():
            response = {"description": phrase, "schema": Problem}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(name, response, lazy=True)


def make(app: Flask) -> Api:
    """An API in *app*, without any address yet."""
    app.config.update(API_TITLE="E-Points", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = Api(
        app,
        spec_kwargs={
            "info": {
                "description": "Points for neighbourhood volunteering: balances, redemptions "
                "at shops and awards after events. Every error is a problem document.",
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
            "security": [{"bearer": []}],
        },
    )
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_field(Yuan, "string", None)
    api.register_field(Day, "string", "date")
    api.register_field(LocalMoment, "string", "date-time")
    api.ma_plugin.converter.add_attribute_function(_words)
    api.ma_plugin.converter.add_attribute_function(_pattern)
    return api


def _words(self: OpenAPIConverter, field: ma.fields.Field[Any], **kwargs: Any) -> dict[str, str]:
    """A form's label and hint say what the field is in the API too."""
    words = [field.metadata.get(part) for part in ("label", "hint")]
    said = " ".join(f"{str(w).rstrip('.')}." for w in words if w)
    return {"description": said} if said else {}


def _pattern(self: OpenAPIConverter, field: ma.fields.Field[Any], **kwargs: Any) -> dict[str, str]:
    """A regular expression as JSON Schema writes it: it knows no ``\\Z``, and needs anchors."""
    for check in field.validators:
        if isinstance(check, ma.validate.Regexp):
            pattern = str(check.regex.pattern)
            return {"pattern": "^" + pattern.removesuffix(r"\Z") + "$"}
    return {}


def told(answer: Answer) -> Response:
    """The committed answer as it is kept, which is JSON already; a repeat is marked as such.

    Raises:
        Refused: that is what was answered.
    """
    g.replayed = answer.replayed
    return Response(to_json(answer.result()), 201, content_type=JSON)


def settled(answer: Answer) -> dict[str, Any]:
    """The operation's answer, committed; a repeat of an earlier one is marked as such."""
    g.replayed = answer.replayed
    return answered(answer)


def mark_replay(response: Response) -> Response:
    """Say in a header that this was answered before, refusals too."""
    if g.get("replayed"):
        response.headers.set(*REPLAY_MARK)
    return response
