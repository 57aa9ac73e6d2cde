"""The session lives in a cookie, so the last answer to arrive decides what stands in it."""

from flask.testing import FlaskClient

from tests import world
from tests.conftest import Acting


def test_an_answer_that_changes_nothing_leaves_the_session_alone(
    client: FlaskClient, acting: Acting
) -> None:
    """Else a slow file would undo a sign-out, or forget the customer at the counter."""
    with acting() as act:
        world.build(act)
    world.sign_in(client, "organiser")
    for path in ("/static/scan.js", "/office"):
        with client.get(path) as answer:
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers, path
    assert "Set-Cookie" in client.post("/sign-out").headers
