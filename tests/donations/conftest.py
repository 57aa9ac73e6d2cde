import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Acting
from tests.donations.giving import Giving
from tests.stripe_double import StripeDouble


@pytest.fixture
def double(app: Flask) -> StripeDouble:
    """Stripe's far side, in place of the network."""
    double = StripeDouble()
    app.extensions["stripe_http_client"] = double
    return double


@pytest.fixture
def giving(acting: Acting, client: FlaskClient, double: StripeDouble) -> Giving:
    return Giving(acting, client, double)
