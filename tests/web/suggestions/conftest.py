"""Browsers of a resident, of the office and of anyone, around one set of suggestions."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from rewards import suggestions
from rewards.act import Act
from rewards.settings import Settings
from rewards.suggestions import Suggestion
from tests import world
from tests.conftest import Acting
from tests.suggestions.conftest import Desk


@pytest.fixture
def desk(acting: Acting, settings: Settings) -> Desk:
    """The same short names, on the application's own shelf of photos."""
    return Desk(acting, settings.instance / "photos")


def enter(client: FlaskClient, resident_id: int) -> FlaskClient:
    """Sign a resident in as the door behind the card does."""
    with client.session_transaction() as session:
        session["_user_id"] = f"resident:{resident_id}:1"
    return client


@pytest.fixture
def resident(desk: Desk, new_client: Callable[[], FlaskClient]) -> FlaskClient:
    return enter(new_client(), desk.world.resident_ids[0])


@pytest.fixture
def neighbour(desk: Desk, new_client: Callable[[], FlaskClient]) -> FlaskClient:
    return enter(new_client(), desk.world.resident_ids[1])


@pytest.fixture
def organiser(desk: Desk, new_client: Callable[[], FlaskClient]) -> FlaskClient:
    client = new_client()
    world.sign_in(client, "organiser")
    return client


@pytest.fixture
def elsewhere(desk: Desk, acting: Acting, new_client: Callable[[], FlaskClient]) -> FlaskClient:
    """An organiser of the other community."""
    with acting() as act:
        member = world.person(act, "elsewhere", "组织者丙")
        world.staff.grant(
            act, member, world.Role.ORGANISER, community_id=desk.world.other_community_id
        )
    client = new_client()
    world.sign_in(client, "elsewhere")
    return client


def send(client: FlaskClient, *photos: tuple[str, bytes], **changed: Any) -> TestResponse:
    """Post the form as a browser does, with the photos that were chosen."""
    data = {
        "key": "the-forms-own-key",
        "text": "东门的路灯不亮",
        "category": "safety",
        "place": "东门",
        **changed,
    }
    files = [FileStorage(BytesIO(content), name) for name, content in photos or [("", b"")]]
    # Encoded in memory: the client's own way leaves a file open behind it.
    boundary, body = encode_multipart(MultiDict({**data, "photos": files}))
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post("/me/suggest/new", data=body, content_type=kind)


def only(act: Act, desk: Desk) -> Suggestion:
    """The one suggestion that there is."""
    page = suggestions.listed(act, community_id=desk.world.community_id)
    [found] = page.rows
    return found


def how_many(desk: Desk) -> int:
    with desk.acting() as act:
        return suggestions.listed(act, community_id=desk.world.community_id).count
