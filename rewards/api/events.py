"""An event's sheet, and the award for it."""

from typing import Any

from rewards import staff
from rewards.api.framework import Blueprint, mark_replay, settled
from rewards.api.shapes import AwardOut, SheetOut
from rewards.errors import NotAllowed, NotFound
from rewards.staff import Role
from rewards.volunteering import awarding, events, sheet
from rewards.volunteering.events import Event
from rewards.volunteering.inputs import AwardInput
from rewards.web import access
from rewards.web.edge import act

bp = access.token_only(
    Blueprint("api_events", __name__, url_prefix="/api/v1/events", description="Events' sheets"),
    "staff",
)
bp.after_request(mark_replay)

REPLAYED = {
    "Idempotent-Replayed": {
        "description": "“true” where this was done and answered before.",
        "schema": {"type": "string"},
    }
}


@bp.get("/<int:event_id>/sheet")
@bp.response(200, SheetOut)
def show(event_id: int) -> sheet.Sheet:
    """Read an event's sheet

    Each resident's minutes and proposed points, for the organisers of its community.
    """
    return sheet.draw(act(), _event(event_id))


@bp.post("/<int:event_id>/awards")
@bp.arguments(AwardInput)
@bp.response(200, AwardOut, headers=REPLAYED)
def award(data: dict[str, Any], event_id: int) -> dict[str, Any]:
    """Award an event's sheet

    To everybody who is ready, all or none. Send what the sheet said: the round's number is the
    award's key, so that a repeat changes nothing, and other points are refused.
    """
    return settled(awarding.award_event(act(), _event(event_id), **data))


def _event(event_id: int) -> Event:
    """The event of that id, in whichever of the caller's communities it is."""
    who = access.person()
    member = staff.load(act(), who.id if who else 0)
    offices = [
        community
        for community in staff.communities_of(act(), member)
        if staff.roles_in(member, community) & {Role.ORGANISER, Role.ADMINISTRATOR}
    ]
    if not offices:
        raise NotAllowed
    found = act().session.get(Event, event_id)
    community = next((c for c in offices if found and c.id == found.community_id), None)
    if community is None:
        raise NotFound
    return events.load(act(), event_id, community.id)
