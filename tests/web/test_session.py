"""The session lives in a cookie, so the last answer to arrive decides what stands in it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import world
from tests.conftest import Acting

# Pages: what the databases do differently is tested below them.
pytestmark = pytest.mark.one_database


def test_an_answer_that_changes_nothing_leaves_the_session_alone(
    app: Flask, client: FlaskClient, acting: Acting
) -> None:
    """Else a slow file would undo a sign-out, or forget the customer at the counter."""
    with acting() as act:
        world.build(act)
    world.sign_in(client, "organiser")
    for path in (f"{app.static_url_path}/scan.js", "/office"):
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers, path
    assert "Set-Cookie" in client.post("/sign-out").headers


def test_a_form_too_large_to_be_kept_through_the_door_is_called_too_large(
    client: FlaskClient,
) -> None:
    size = {"CONTENT_LENGTH": str(70 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data"}
    answer = client.post("/me/suggest/new", environ_overrides=size)
    assert answer.status_code == 413
    assert "10 MB" in answer.get_data(as_text=True)
