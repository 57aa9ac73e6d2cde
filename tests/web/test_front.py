"""What the server hears reaches Flask as WSGI has it, and what Flask says reaches the server."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Response, request

from rewards.web.application import Application
from rewards.web.front import IN_MEMORY, QUICK_BODY, Front, Said, Unsaid, quick_ones
from tests.rsgi import Headers, Protocol, Scope, ask

MOST = 3 * IN_MEMORY


class Quick:
    """Answers in the loop what isn't asked for Flask."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def answer(self, headers: Any, body: bytes) -> Said | None:
        self.bodies.append(body)
        if body == b"broken":
            raise Unsaid(replayed=True) from KeyError("lost")
        return None if body == b"flask" else Said(201, [("X-Quick", headers["x-who"])], b"quick")


@pytest.fixture
def quick() -> Quick:
    return Quick()


@pytest.fixture
def front(quick: Quick, tmp_path: Path) -> Front:
    app = Application(__name__, tmp_path)
    app.config.update(MAX_CONTENT_LENGTH=MOST, PROPAGATE_EXCEPTIONS=False)
    quick_ones(app)["/quick"] = quick

    @app.route("/quick", methods=["GET", "POST"])
    @app.route("/heard/<path:rest>", methods=["GET", "POST", "PUT"])
    def heard(rest: str = "") -> Response:
        data = request.get_data()
        facts = {
            "method": request.method,
            "rest": rest,
            "query": request.args.to_dict(),
            "cookies": request.cookies.to_dict(),
            "url": request.url,
            "from": request.remote_addr,
            "many": request.headers.get("X-Many"),
            "low": request.headers.get("X-Low"),
            "type": request.content_type,
            "length": len(data),
            "last": data[-1:].decode(),
        }
        answer = app.json.response(facts)
        answer.set_cookie("first", "1")
        answer.set_cookie("second", "2")
        return answer

    return Front(app, threads=1)


def said(protocol: Protocol) -> tuple[int, list[tuple[str, str]], bytes]:
    [answer] = protocol.said
    return answer  # type: ignore[no-any-return]


def facts(protocol: Protocol) -> dict[str, Any]:
    status, _, body = said(protocol)
    assert status == 200, body
    return Response(body, content_type="application/json").get_json()  # type: ignore[no-any-return]


def test_a_request_is_heard_as_it_was_sent(front: Front) -> None:
    headers = [
        ("host", "points.example"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-many", "one"),
        ("x-many", "two"),
        ("x_low", "spoofed"),
        ("content-type", "text/plain"),
        ("content-length", "3"),
    ]
    scope = Scope("PUT", "/heard/你 好/x", Headers(headers), "q=%E7%82%B9&r=1")
    assert facts(ask(front, scope, b"ab", b"c")) == {
        "method": "PUT",
        "rest": "你 好/x",
        "query": {"q": "点", "r": "1"},
        "cookies": {"a": "1", "b": "2"},
        "url": "http://points.example/heard/你%20好/x?q=点&r=1",
        "from": "192.0.2.7",
        "many": "one,two",
        "low": None,
        "type": "text/plain",
        "length": 3,
        "last": "c",
    }


def test_an_answer_is_told_as_flask_gave_it(front: Front) -> None:
    status, headers, body = said(ask(front, Scope("GET", "/heard/x", Headers([]))))
    assert (status, dict(headers)["Content-Length"]) == (200, str(len(body)))
    cookies = [value for name, value in headers if name == "Set-Cookie"]
    assert [cookie[:5] for cookie in cookies] == ["first", "secon"]
    assert dict(headers)["X-Content-Type-Options"] == "nosniff"


def test_a_head_has_no_body(front: Front) -> None:
    status, _, body = said(ask(front, Scope("HEAD", "/heard/x", Headers([]))))
    assert (status, body) == (200, b"")


@pytest.mark.parametrize(
    ("version", "headers"),
    [("1.1", [("transfer-encoding", "chunked")]), ("2", [])],
    ids=["chunked", "HTTP/2"],
)
def test_a_body_of_unknown_length(
    front: Front, version: str, headers: list[tuple[str, str]]
) -> None:
    scope = Scope("POST", "/heard/x", Headers(headers), http_version=version)
    scope.authority = "points.example" if version == "2" else None
    told = facts(ask(front, scope, b"x" * IN_MEMORY, b"y" * IN_MEMORY))
    assert (told["length"], told["last"]) == (2 * IN_MEMORY, "y")
    assert ("points.example" in told["url"]) == (version == "2")


def test_a_body_that_is_said_to_be_too_long_is_not_read(front: Front) -> None:
    headers = Headers([("content-length", str(MOST + 1))])
    protocol = ask(front, Scope("POST", "/heard/x", headers), b"x" * (MOST + 1))
    assert (said(protocol)[0], protocol.read) == (413, 0)


def test_a_body_that_grows_too_long_is_read_no_further(front: Front) -> None:
    parts = [b"x" * IN_MEMORY] * 6
    scope = Scope("POST", "/heard/x", Headers([("transfer-encoding", "chunked")]))
    protocol = ask(front, scope, *parts)
    assert (said(protocol)[0], protocol.read) == (413, MOST + IN_MEMORY)


def quickly(front: Front, body: bytes, method: str = "POST") -> tuple[int, dict[str, str], bytes]:
    headers = Headers([("content-length", str(len(body))), ("x-who", "me")])
    status, told, answer = said(ask(front, Scope(method, "/quick", headers), body))
    return status, dict(told), answer


def test_what_is_quick_does_not_reach_flask(front: Front) -> None:
    status, headers, body = quickly(front, b"ask")
    assert (status, headers["X-Quick"], body) == (201, "me", b"quick")
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_left_to_flask_reaches_it_whole(front: Front, quick: Quick) -> None:
    assert b'"length":5' in quickly(front, b"flask")[2].replace(b" ", b"")
    assert quickly(front, b"", "GET")[0] == 200
    assert quick.bodies == [b"flask"]


def test_a_long_body_is_not_for_the_quick(front: Front, quick: Quick) -> None:
    assert quickly(front, b"x" * (QUICK_BODY + 1))[0] == 200
    assert quick.bodies == []


def test_flask_says_what_went_wrong(front: Front) -> None:
    status, headers, body = quickly(front, b"broken")
    assert (status, headers["X-Content-Type-Options"]) == (500, "nosniff")
    assert b"Internal Server Error" in body


def test_what_an_answer_holds_open_is_closed(front: Front) -> None:
    class Parts(BytesIO):
        pass

    parts = Parts(b"all of it\n")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return parts

    front._app.wsgi_app = app  # type: ignore[method-assign, assignment]
    assert said(ask(front, Scope("GET", "/x", Headers([]))))[2] == b"all of it\n"
    assert parts.closed
