"""Trying a draft of the rules out on the past, before it is approved."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import previews
from rewards.clock import local_date
from rewards.db import db
from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.previews import Preview, Show, Status
from rewards.previews.inputs import PreviewInput
from rewards.residents import Resident
from rewards.schemes import drafts
from rewards.schemes.drafts import Draft
from rewards.schemes.facts import Kind
from rewards.schemes.problems import BadScheme
from rewards.schemes.wording import explain
from rewards.spreadsheet import csv_file
from rewards.staff import Role
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, clock, commit, language, message
from rewards.web.office.deed_words import KINDS
from rewards.web.office.home import csv_answer
from rewards.web.office.preview_chart import draw
from rewards.web.office.schemes.blueprint import for_the_programme

bp = access.office_only(
    Blueprint("office_previews", __name__, url_prefix="/office/schemes/drafts/<int:draft_id>"),
    Role.ADMINISTRATOR,
)

# While it is being worked out the page asks again after so many seconds, script or not.
AGAIN = 2


@bp.get("/preview")
@for_the_programme
def show(draft_id: int) -> ResponseReturnValue:
    draft = _draft(draft_id)
    preview = previews.latest(act(), draft.id)
    first, last = (preview.first, preview.last) if preview else _last_month()
    return _page(draft, preview, Form.blank(PreviewInput, first=first, last=last))


@bp.post("/preview")
@for_the_programme
def ask(draft_id: int) -> ResponseReturnValue:
    draft, form = _draft(draft_id), Form.read(PreviewInput, request.form)
    if form.valid:
        try:
            preview, new = previews.ask(act(), draft, form.data["first"], form.data["last"])
        except BadScheme:
            form.refuse(gettext("Put right what is wrong with the rules first."))
        except Refused as refusal:
            form.refuse(message(refusal), "last")
        else:
            preview_id = preview.id
            commit()
            if new:
                previews.begin(db.engine, preview_id, clock())
            return redirect(url_for("office_previews.show", draft_id=draft_id), 303)
    return _page(draft, previews.latest(act(), draft.id), form)


@bp.get("/preview/residents")
@for_the_programme
def residents(draft_id: int) -> ResponseReturnValue:
    draft = _draft(draft_id)
    preview, wanted = _finished(draft), _wanted()
    page = previews.page(act(), preview, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "office/previews/residents.html", draft=draft, preview=preview, page=page, show=wanted
    )


@bp.get("/preview/residents.csv")
@for_the_programme
def export(draft_id: int) -> ResponseReturnValue:
    """The residents that the filter leaves, with what they had and would have had."""
    preview = _finished(_draft(draft_id))
    rows = [
        (line.resident.name, line.acts, line.was, line.would, line.change, line.over)
        for line in previews.every(act(), preview, _wanted())
    ]
    header = [
        gettext("Name"),
        gettext("How often"),
        *_columns(),
        gettext("Change"),
        gettext("No room for"),
    ]
    return csv_answer("preview.csv", csv_file(header, rows))


def _page(draft: Draft, preview: Preview | None, form: Form) -> ResponseReturnValue:
    now = act().now
    works = preview is not None and preview.works(now)
    result = preview.result if preview is not None else None
    page = render_template(
        "office/previews/show.html",
        draft=draft,
        preview=preview,
        form=form,
        works=works,
        stopped=preview is not None and (preview.status == Status.FAILED or preview.is_stale(now)),
        result=result,
        chart=draw(result["spans"]) if result else None,
        outliers=_outliers(result["outliers"]) if result else [],
        kinds=kind_names(),
        day_of=date.fromisoformat,
    )
    answer = make_response(page, 200 if form.valid else 422)
    if works:
        answer.headers["Refresh"] = str(AGAIN)
    return answer


def _outliers(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The acts with the largest changes, with who did them and why it would be so many."""
    found = []
    for one in told:
        resident = act().session.get_one(Resident, one["resident_id"])
        at, why = datetime.fromisoformat(one["at"]), explain(one["because"], language())
        found.append({**one, "resident": resident, "at": at, "why": why})
    return found


def kind_names() -> dict[str, str]:
    """Each kind of act in the reader's words."""
    return {
        Kind.SERVICE.value: gettext("Volunteering"),
        Kind.MONEY.value: gettext("Donations of money"),
        Kind.GOODS.value: gettext("Donations of goods"),
        Kind.SUGGESTION.value: gettext("Adopted suggestions"),
        **{kind.value: str(name) for kind, name in KINDS.items()},
    }


def _columns() -> list[str]:
    return [gettext("Given"), gettext("By the draft")]


def _draft(draft_id: int) -> Draft:
    return drafts.load(act(), draft_id, office().community.programme_id)


def _finished(draft: Draft) -> Preview:
    preview = previews.latest(act(), draft.id)
    if preview is None or preview.status != Status.DONE:
        raise NotFound
    return preview


def _wanted() -> Show | None:
    asked = request.args.get("show", "")
    return Show(asked) if asked in list(Show) else None


def _last_month() -> tuple[date, date]:
    """The days of the month before this one."""
    today = local_date(act().now, office().community.programme.timezone)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
