"""Short ways to a resident's card and through the residents' door, for tests of pages."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rewards import cards
from rewards.settings import Settings
from tests import world
from tests.conftest import Acting

PIN = "602914"


def issue(acting: Acting, resident_id: int) -> str:
    """A new card of the resident's, not activated; answers its code."""
    with acting() as act:
        return cards.issue(act, world.resident(act, resident_id)).code


def slip(acting: Acting, settings: Settings, code: str) -> str:
    """The activation code that would be printed for this card now."""
    with acting() as act:
        return cards.activation_code(
            cards.find(act, code), cards.activation_key(settings.secret_key)
        )


def activated(acting: Acting, settings: Settings, resident_id: int) -> str:
    """A card whose holder has set :data:`PIN`; answers its code."""
    code = issue(acting, resident_id)
    key = cards.activation_key(settings.secret_key)
    with acting() as act:
        card = cards.find(act, code)
        assert cards.activate(act, card, cards.activation_code(card, key), PIN, key) is None
    return code


def enter(client: FlaskClient, code: str, pin: str = PIN, **more: str) -> TestResponse:
    """Type the PIN at the card's door."""
    return client.post(f"/c/{code}", data={"pin": pin, **more})
