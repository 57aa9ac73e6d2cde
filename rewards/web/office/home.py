"""The office's first page, the movements of points behind its numbers, and the way between
communities."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import audit
from rewards.clock import local_date
from rewards.communities import Community
from rewards.errors import NotFound
from rewards.reports import expiring, movements
from rewards.reports.movements import EARNED, Wanted, Way
from rewards.reports.overview import overview
from rewards.spreadsheet import csv_file
from rewards.staff import Role
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, commit, row_id
from rewards.web.office.chart import draw, draw_months
from rewards.web.office.period import Period

bp = access.office_only(Blueprint("office", __name__, url_prefix="/office"))


@access.landings.append
def _landing(who: access.Person) -> str | None:
    at_work = who.kind == "staff" and who.roles & {Role.ORGANISER, Role.ADMINISTRATOR}
    return url_for("office.home") if at_work else None


@bp.get("")
def home() -> ResponseReturnValue:
    community = office().community
    weeks = movements.weekly(act(), community)
    return render_template(
        "office/home.html",
        numbers=overview(act(), community),
        today=local_date(act().now, community.programme.timezone),
        weeks=weeks,
        chart=draw(weeks),
        ways=way_names(),
        **_expiring(community),
    )


def _expiring(community: Community) -> dict[str, Any]:
    """What expires in the coming months, here and, for those who see all of it, everywhere."""
    here = expiring.of_community(act(), community)
    everywhere = None
    if office().whole_programme:
        everywhere = expiring.of_programme(act(), community.programme)
    return {"here": here, "everywhere": everywhere, "columns": draw_months(here.months)}


@bp.post("/community")
def switch() -> ResponseReturnValue:
    """Work in another of one's own communities from now on."""
    chosen = request.form.get("community_id", "")
    if chosen not in {str(c.id) for c in office().communities}:
        raise NotFound
    session["community_id"] = int(chosen)
    return redirect(url_for("office.home"), 303)


@bp.get("/points")
def points() -> ResponseReturnValue:
    community, wanted = office().community, _wanted()
    earned, redeemed = movements.total(act(), community, wanted)
    return render_template(
        "office/points.html",
        page=movements.page(
            act(), community, wanted, before=request.args.get("before", type=row_id)
        ),
        earned=earned,
        redeemed=redeemed,
        way=request.args.get("way", ""),
        period=Period.read(request.values),
        ways=way_names(),
    )


@bp.post("/points/export")
def export() -> ResponseReturnValue:
    """What the list shows, all pages of it. It opens names, so it is in the log."""
    ways, community = way_names(), office().community
    audit.record(act(), "points.export", f"community:{community.id}", community_id=community.id)
    rows = [
        (m.at.isoformat(), ways[m.way], m.name, m.points, m.undone, m.reason, m.other)
        for m in movements.every(act(), community, _wanted())
    ]
    commit()
    header = [
        gettext("When"),
        gettext("Way"),
        gettext("Resident"),
        gettext("Points"),
        gettext("Undone"),
        gettext("Reason"),
        gettext("Shop, cause or neighbour"),
    ]
    return csv_answer("points.csv", csv_file(header, rows))


def csv_answer(name: str, content: bytes) -> Response:
    """A file to be kept, never shown in the page."""
    return Response(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def way_names() -> dict[Way, str]:
    """Each way in the reader's words."""
    return {
        Way.VOLUNTEERING: gettext("Volunteering"),
        Way.DONATION: gettext("Donations"),
        Way.SUGGESTION: gettext("Suggestions"),
        Way.DEED: gettext("Recorded acts"),
        Way.REDEEMED: gettext("Redeemed"),
        Way.GIVEN: gettext("Given to a neighbour"),
        Way.GIVEN_TO_CAUSE: gettext("Given to a cause"),
        Way.DEDUCTED: gettext("Deducted"),
    }


def _wanted() -> Wanted:
    community, period = office().community, Period.read(request.values)
    choices: dict[str, Sequence[Way]] = {"earned": EARNED, **{way.value: [way] for way in Way}}
    return Wanted(
        ways=choices.get(request.values.get("way", ""), ()),
        since=period.since(community),
        until=period.until(community),
    )
