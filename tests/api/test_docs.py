"""The description covers every route, and the pages made of it stand by themselves."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from rewards.errors import Refused


def test_every_route_of_the_api_is_described(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), re.sub(r"{\w+}", "<>", path))
        for path, methods in document["paths"].items()
        for method in methods
        if method in {"get", "post", "delete"}
    }
    served = {
        (method, re.sub(r"<[^>]+>", "<>", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api_docs.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_need_nothing_from_elsewhere(client: FlaskClient, language: str) -> None:
    client.set_cookie("language", language)
    for address in ("/api/docs", "/api/problems"):
        page = client.get(address).get_data(as_text=True)
        assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in page
        assert not re.search(r'(src|href)="https?://', page)
        assert "style=" not in page


def test_the_documentation_has_an_example_of_each_operation(client: FlaskClient) -> None:
    page = client.get("/api/docs").get_data(as_text=True)
    operations = client.get("/api/v1/openapi.json").json["paths"]
    for path in operations:
        assert f"<code>POST {path}" in page or f"{path}</code>" in page
    assert page.count("curl ") == sum(
        len({"get", "post", "delete"} & set(methods)) for methods in operations.values()
    )


def test_every_refusal_has_its_line(client: FlaskClient) -> None:
    page = client.get("/api/problems").get_data(as_text=True)
    for code in Refused.by_code:
        assert f'id="{code}"' in page
    assert "%(" not in page


def test_errors_of_the_api_are_problems_and_of_pages_pages(client: FlaskClient) -> None:
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")
    wrong = client.get("/api/v1/tokens")
    assert wrong.status_code == 405 and "POST" in wrong.headers["Allow"]
    assert wrong.content_type == "application/problem+json"
    page = client.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "POST" in client.get("/sign-out").headers["Allow"]
