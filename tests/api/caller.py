"""A program that calls the API, as a person with a token or as nobody."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rewards import cards
from rewards.act import Act
from tests import world

KEY = b"activation key for tests"
PIN = "280417"


class Caller:
    """Sends JSON, with a token once it has one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token: str | None = None

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def post(
        self, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> TestResponse:
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers(headers))

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(f"/api/v1{path}", headers=self._headers({}))

    def sign_in(self, username: str) -> "Caller":
        return self.take({"username": username, "password": world.PASSWORD})

    def take(self, credentials: dict[str, str]) -> "Caller":
        """Get a token, and show it from now on."""
        answer = self.post("/tokens", credentials)
        assert answer.status_code == 201, answer.json
        self.token = answer.json["token"]
        return self

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        shown = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**shown, **{name.replace("_", "-"): value for name, value in more.items()}}


def activate(act: Act, code: str) -> None:
    """Set the PIN of the card's holder to :data:`PIN`."""
    card = cards.find(act, code)
    assert cards.activate(act, card, cards.activation_code(card, KEY), PIN, KEY) is None
