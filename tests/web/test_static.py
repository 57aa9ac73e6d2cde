"""Files for browsers: kept for good, under an address that changes with them."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from rewards.web.application import Application

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database

FOR_GOOD = "public, max-age=31536000, immutable"


def address(folder: Path, name: str, content: str) -> str:
    """Under which address a folder with that one file is served."""
    file = folder / "icons" / name
    file.parent.mkdir(parents=True)
    file.write_text(content)
    return str(Application(__name__, folder).static_url_path)


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
    first = address(tmp_path / "1", "a.css", "first")
    assert address(tmp_path / "2", "a.css", "first") == first
    later = address(tmp_path / "3", "a.css", "later")
    renamed = address(tmp_path / "4", "b.css", "first")
    assert len({first, later, renamed}) == 3


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
    assert answer.headers["Cache-Control"] == "private, no-store"
