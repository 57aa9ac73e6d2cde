"""The blueprint that the card pages share, and the desk's business day."""

from datetime import date

from flask import Blueprint

from rewards.clock import local_date
from rewards.web import access
from rewards.web.edge import act

bp = access.office_only(Blueprint("office_cards", __name__))


def today() -> date:
    """The business day at the desk."""
    return local_date(act().now, access.office().community.programme.timezone)
