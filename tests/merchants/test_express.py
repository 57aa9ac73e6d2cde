"""A redemption answered without Flask's frame is told just as the route behind it tells it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from rewards import cards
from rewards.api.framework import JSON
from rewards.web.application import Application
from tests import rsgi
from tests.api.caller import Caller
from tests.conftest import Acting
from tests.merchants.shop import Counter

# The same to a reader of JSON, but nothing that goes express.
BY_FLASK = "application/json; charset=utf-8"


class Till:
    """A program that sends the same thing by either way."""

    def __init__(self, app: Application, client: FlaskClient, counter: Counter) -> None:
        self.client, self.counter = rsgi.client(app), counter
        self.headers = {
            "Authorization": f"Bearer {Caller(client).sign_in('cashier').token}",
            "Idempotency-Key": "first-key",
        }

    def tea(self, **more: Any) -> dict[str, Any]:
        return {"code": self.counter.shop.card_code, "offer_id": self.counter.shop.tea_id, **more}

    def send(
        self, body: Any, headers: dict[str, str | None], content_type: str = JSON, query: str = ""
    ) -> TestResponse:
        given = {**self.headers, **headers}
        return self.client.post(
            f"/api/v1/redemptions{query}",
            data=body if isinstance(body, bytes) else json.dumps(body),
            headers={name: value for name, value in given.items() if value is not None},
            content_type=content_type,
        )


@pytest.fixture
def till(app: Application, client: FlaskClient, acting: Acting) -> Till:
    return Till(app, client, Counter(acting))


@pytest.fixture
def entered(app: Flask) -> Iterator[list[Any]]:
    """Grows with each request that enters Flask."""
    seen: list[Any] = []
    with request_started.connected_to(lambda *_args, **_kwargs: seen.append(1), app):
        yield seen


def said(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers), answer.data


def test_what_is_as_it_should_be_does_not_enter_flask(till: Till, entered: list[Any]) -> None:
    assert till.send(till.tea(), {}).status_code == 201
    assert entered == []
    assert till.send(till.tea(), {}, BY_FLASK).status_code == 201
    assert entered == [1]


Sent = Callable[[Till], tuple[Any, dict[str, str | None]]]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(lambda till: (till.tea(), {}), id="taken"),
        pytest.param(lambda till: (till.tea(expected=31), {}), id="refused"),
        pytest.param(lambda till: (till.tea(merchant_id=2**53 - 1), {}), id="no such shop"),
        pytest.param(
            lambda till: (till.tea() | {"code": cards.new_code()}, {"Accept-Language": "en"}),
            id="refused in English",
        ),
        pytest.param(lambda till: (till.tea() | {"code": "nonsense"}, {}), id="no card"),
        pytest.param(lambda till: (till.tea(tip=1), {}), id="unknown member"),
        pytest.param(lambda till: (till.tea(points=3), {"Accept-Language": "en"}), id="two"),
        pytest.param(lambda till: (b"{", {}), id="no JSON"),
        pytest.param(lambda till: (b"[" * 50_000, {}), id="too deep"),
        pytest.param(lambda till: (b"[]", {}), id="no object"),
        pytest.param(lambda till: (b"", {}), id="nothing"),
        pytest.param(lambda till: (till.tea() | {"code": "0" * 70_000}, {}), id="too long"),
        pytest.param(lambda till: (till.tea(), {"Idempotency-Key": None}), id="no key"),
        pytest.param(lambda till: (till.tea(), {"Idempotency-Key": "short"}), id="bad key"),
        pytest.param(lambda till: (till.tea(), {"Authorization": None}), id="no token"),
        pytest.param(lambda till: (till.tea(), {"Authorization": "Bearer x"}), id="bad token"),
        pytest.param(lambda till: (till.tea(), {"Authorization": "Bearer a=b"}), id="no bearer"),
        pytest.param(lambda till: (till.tea(), {"Authorization": "Bearer é"}), id="odd token"),
        pytest.param(lambda till: (till.tea(), {"Authorization": "Basic eDp5"}), id="basic"),
    ],
)
def test_both_ways_answer_the_same(till: Till, sent: Sent) -> None:
    body, headers = sent(till)
    till.send(body, headers)  # what is remembered is remembered by now
    assert said(till.send(body, headers)) == said(till.send(body, headers, BY_FLASK))
    assert till.counter.drifts() == []


def test_the_first_answers_differ_in_nothing_but_what_was_taken(till: Till) -> None:
    express = till.send(till.tea(), {})
    flask = till.send(till.tea(again=True), {"Idempotency-Key": "second-key"}, BY_FLASK)
    assert sorted(express.headers.keys()) == sorted(flask.headers.keys())
    assert list(express.json) == list(flask.json)
    assert (express.json["balance_after"], flask.json["balance_after"]) == (70, 40)


def test_a_key_used_for_something_else_is_told_alike(till: Till) -> None:
    till.send(till.tea(), {})
    other = {"code": till.counter.shop.card_code, "points": 5}
    express = till.send(other, {})
    assert express.status_code == 409
    assert said(express) == said(till.send(other, {}, BY_FLASK))


def test_a_database_that_cannot_answer_is_told_alike(app: Flask, till: Till) -> None:
    def broken() -> Any:
        raise OperationalError("bulk", None, Exception("the disk is full"))

    app.extensions["redemptions"]._begin = broken
    express = till.send(till.tea(), {})
    assert (express.status_code, express.json["code"]) == (503, "busy")
    assert said(express) == said(till.send(till.tea(), {}, BY_FLASK))


def test_other_methods_and_queries_are_the_routes_own(till: Till) -> None:
    assert till.client.get("/api/v1/redemptions").status_code == 405
    assert till.client.post("/api/v1/redemptions/", json={}).status_code == 404
    assert till.send(till.tea(), {}, query="?points=3").status_code == 201
