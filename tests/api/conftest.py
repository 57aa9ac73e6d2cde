"""Callers of the API, before they have a token."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.api.caller import Caller


@pytest.fixture
def caller(client: FlaskClient) -> Caller:
    return Caller(client)


@pytest.fixture
def new_caller(new_client: Callable[[], FlaskClient]) -> Callable[[], Caller]:
    return lambda: Caller(new_client())
