"""Files for browsers: kept for good, under an address that changes with them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from rewards.web import application
from rewards.web.application import Application

# No database is asked.
pytestmark = pytest.mark.one_database

FOR_GOOD = "public, max-age=31536000, immutable"


def made(folder: Path) -> Application:
    application._fingerprint.cache_clear()
    return Application(__name__, folder)


def test_a_page_s_files_are_kept_for_good(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    files = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert {Path(file).name for file in files} >= {"base.css", "forms.js", "seal.svg"}
    for file in files:
        with client.get(file) as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_GOOD), file
            # Else they would be asked for anew whenever the session changes.
            assert "Vary" not in answer.headers, file


def test_what_files_name_beside_them_has_an_address_of_this_release(app: Flask) -> None:
    """A style's picture, a script's module: none by an address of its own, kept for too long."""
    assert app.static_folder is not None
    for file in Path(app.static_folder).glob("*.*"):
        assert "/static/" not in file.read_text("utf-8"), file.name


def test_another_content_or_name_is_another_address(tmp_path: Path) -> None:
    (tmp_path / "icons").mkdir()
    style = tmp_path / "icons" / "a.css"
    style.write_text("first")
    addresses = [made(tmp_path).static_url_path, made(tmp_path).static_url_path]
    style.write_text("later")
    addresses.append(made(tmp_path).static_url_path)
    style.rename(tmp_path / "icons" / "b.css")
    addresses.append(made(tmp_path).static_url_path)
    assert addresses[0] == addresses[1]
    assert len(set(addresses)) == 3


def test_a_page_of_an_earlier_release_is_led_to_today_s_file(
    app: Flask, client: FlaskClient
) -> None:
    answer = client.get("/static/0123456789ab/vendor/README.md")
    assert answer.status_code == 302
    assert answer.location == f"{app.static_url_path}/vendor/README.md"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["none.css", "../wsgi.py", "%2e%2e/wsgi.py"])
def test_what_is_not_there_is_not_found_and_not_kept(
    app: Flask, client: FlaskClient, name: str
) -> None:
    answer = client.get(f"{app.static_url_path}/{name}")
    assert answer.status_code == 404
    assert "max-age" not in answer.headers.get("Cache-Control", "")
