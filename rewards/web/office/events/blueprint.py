"""The one blueprint of the event pages, and the one way in which they find their event."""

from flask import Blueprint

from rewards.volunteering import events
from rewards.volunteering.events import Event
from rewards.web import access
from rewards.web.edge import act

bp = access.office_only(Blueprint("office_events", __name__, url_prefix="/office/events"))


def event_here(event_id: int) -> Event:
    """The event of that id in the community at hand.

    Raises:
        NotFound: there is none, or it is another community's.
    """
    return events.load(act(), event_id, access.office().community_id)
