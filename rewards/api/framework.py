"""flask-smorest, bent to this service: its schemas make the description, our edge the answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

import flask_smorest
import marshmallow as ma
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, g
from flask_smorest.utils import prepare_response
from webargs.flaskparser import FlaskParser

from rewards.errors import N_, Refused
from rewards.forms import Day, LocalMoment, Yuan
from rewards.ledger import Answer
from rewards.web.edge import answered

PROBLEM = "application/problem+json"


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


class Parser(FlaskParser):
    """Reads a request's parts by schema, and refuses as the rest of the service does."""

    # What a schema doesn't know is refused in a query too: a slip there would go unnoticed.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 (webargs declares it so)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,
    }

    def handle_error(
        self, error: ma.ValidationError, req: Any, schema: ma.Schema, **kwargs: Any
    ) -> NoReturn:
        parts: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        errors: dict[str, list[str]] = {}
        for by_field in parts.values():
            for name, messages in by_field.items():
                errors.setdefault("" if name == "_schema" else str(name), []).extend(
                    _flat(messages)
                )
        raise InvalidInput(errors=errors)

    def _handle_invalid_json_error(
        self, error: Any, req: Any, *args: Any, **kwargs: Any
    ) -> NoReturn:
        raise NotJson


def _flat(messages: Any) -> list[str]:
    if isinstance(messages, Mapping):
        return [m for part in messages.values() for m in _flat(part)]
    return [str(m) for m in messages] if isinstance(messages, list) else [str(messages)]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint of the API."""

    ARGUMENTS_PARSER = Parser()


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


def settled(answer: Answer) -> dict[str, Any]:
    """The operation's answer, committed; a repeat of an earlier one is marked as such."""
    g.replayed = answer.replayed
    return answered(answer)


def mark_replay(response: Response) -> Response:
    """Say in a header that this was answered before, refusals too."""
    if g.get("replayed"):
        response.headers["Idempotent-Replayed"] = "true"
    return response
