"""What must hold of every route there is, whoever added it.

Each blueprint has one guard; each guard turns away whom it should; reading writes nothing; a
form from another site writes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

import wsgi
from rewards.db import Base
from rewards.web import access, edge
from tests import world
from tests.conftest import Acting, Database, make_settings

PUBLIC = {
    "public",
    "sign_in",
    "card",
    "board",
    "places",
    "rules",
    "scheme_files",
    "seals",
    "hooks",
    "api_docs",
    "api_tokens",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Rule]:
    """Every rule but the static files'."""
    folder = tmp_path_factory.mktemp("routes")
    app = wsgi.create_app(make_settings(f"sqlite:///{folder / 'none.sqlite3'}", folder))
    return [rule for rule in app.url_map.iter_rules() if not _is_static(rule)]


def _is_static(rule: Rule) -> bool:
    return rule.endpoint == "static" or rule.endpoint.endswith(".static")


def guard(rule: Rule) -> str:
    """The name of the rule's guard."""
    return access.GUARDS[rule.endpoint.partition(".")[0]]


def addresses(rules: list[Rule], method: str) -> Iterator[tuple[Rule, str]]:
    """Each rule that knows *method*, and an address that matches it."""
    for rule in rules:
        if method in (rule.methods or ()):
            values = {name: _value(rule, name) for name in rule.arguments}
            built = rule.build(values, append_unknown=False)
            assert built is not None, rule
            yield rule, built[1]


def _value(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "x"


@pytest.fixture
def people(acting: Acting) -> world.World:
    """The small world, and a cashier who has no office anywhere."""
    with acting() as act:
        made = world.build(act)
        world.person(act, "nobody", "无职者")
    return made


def test_every_blueprint_has_a_guard(rules: list[Rule]) -> None:
    without = {r.endpoint for r in rules if r.endpoint.partition(".")[0] not in access.GUARDS}
    assert without == set()


def test_what_is_public_is_meant_to_be(rules: list[Rule]) -> None:
    opened = {r.endpoint.partition(".")[0] for r in rules if guard(r) == "public"}
    assert opened <= PUBLIC


def test_nobody_comes_in_without_signing_in(
    client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    for rule, address in addresses(rules, "GET"):
        if guard(rule) == "public":
            continue
        answer = client.get(address)
        if guard(rule).startswith("token"):
            assert answer.status_code == 401, address
        else:
            assert answer.status_code == 303, (address, answer.status_code)
            door = "/me/sign-in?" if guard(rule) == "resident" else "/sign-in?"
            assert answer.location.startswith(door), address


def test_nobody_posts_without_signing_in(
    client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    for rule, address in addresses(rules, "POST"):
        if guard(rule) != "public":
            assert client.post(address).status_code == 401, address


def test_staff_without_an_office_see_none_of_it(
    client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    world.sign_in(client, "nobody")
    for method in ("GET", "POST"):
        for rule, address in addresses(rules, method):
            if guard(rule).startswith("office") or guard(rule) == "resident":
                answer = client.open(address, method=method)
                assert answer.status_code == 403, (method, address)


def test_an_organiser_is_no_administrator(
    client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    world.sign_in(client, "organiser")
    narrow = [r for r in rules if guard(r) == "office:administrator"]
    assert narrow
    for method in ("GET", "POST"):
        for _rule, address in addresses(narrow, method):
            assert client.open(address, method=method).status_code == 403, (method, address)


def test_an_administrator_meets_no_broken_page(
    client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    """Each page of the office is drawn for rows 1, or says that there are none."""
    world.sign_in(client, "admin")
    for rule, address in addresses(rules, "GET"):
        if guard(rule).startswith("office"):
            assert client.get(address).status_code in {200, 303, 404, 409}, address


def test_reading_writes_nothing(
    app: Flask, client: FlaskClient, rules: list[Rule], people: world.World
) -> None:
    world.sign_in(client, "admin")
    with _writes() as written:
        for _rule, address in addresses(rules, "GET"):
            client.get(address)
            client.head(address)
    assert written == []
    with app.test_request_context("/"), pytest.raises(RuntimeError):
        edge.commit()


@contextmanager
def _writes() -> Iterator[list[str]]:
    """Every statement that writes, whatever connection it runs on."""
    written: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
    ids=["cross-site", "same-site", "origin", "null-origin"],
)
def test_a_form_from_another_site_does_nothing(
    client: FlaskClient,
    rules: list[Rule],
    people: world.World,
    database: Database,
    headers: dict[str, str],
) -> None:
    world.sign_in(client, "admin")
    before = _rows(database)
    for rule, address in addresses(rules, "POST"):
        if address.startswith(("/hooks/", "/api/")):
            continue  # they carry their own proof: a signature, a token, never a cookie
        answer = client.post(address, headers=headers, data={"elder": "1"})
        assert answer.status_code == 403, rule
        assert "elder=" not in answer.headers.get("Set-Cookie", "")
    assert _rows(database) == before
    assert client.get("/office").status_code == 200, "nor is anybody signed out"


def _rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }
