"""The audit log: who did what, when and why, for the administrators of the community."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import audit
from rewards.audit import Filter
from rewards.spreadsheet import csv_file
from rewards.staff import Role
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, commit, row_id
from rewards.web.office import audit_words
from rewards.web.office.audit_words import detail_words
from rewards.web.office.home import csv_answer
from rewards.web.office.period import Period

bp = access.office_only(
    Blueprint("office_audit", __name__, url_prefix="/office/audit"), Role.ADMINISTRATOR
)


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "office/audit.html",
        page=audit.page(act(), _wanted(), before=request.args.get("before", type=row_id)),
        wanted=_wanted(),
        period=Period.read(request.values),
        words=audit_words,
    )


@bp.post("/export")
def export() -> ResponseReturnValue:
    """All entries that the filter leaves. To take the log out is itself in the log."""
    here = office().community
    audit.record(act(), "audit.export", f"community:{here.id}", community_id=here.id)
    rows = [
        (e.at.isoformat(), e.actor, e.actor_name, e.action, e.subject, detail_words(e.detail))
        for e in audit.every(act(), _wanted())
    ]
    commit()
    header = [
        gettext("When"),
        gettext("Who"),
        gettext("Name"),
        gettext("Act"),
        gettext("On what"),
        gettext("Details"),
    ]
    return csv_answer("audit.csv", csv_file(header, rows))


def _wanted() -> Filter:
    at, period = office(), Period.read(request.values)
    return Filter(
        community_id=at.community_id,
        programme_id=at.community.programme_id if at.whole_programme else None,
        family=request.values.get("family", ""),
        who=request.values.get("who", "").strip(),
        since=period.since(at.community),
        until=period.until(at.community),
    )
