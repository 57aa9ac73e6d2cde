"""The event's sheet of hours: looked at, put right, added to and attested."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import Refused
from rewards.forms import Form
from rewards.schemes.because import record
from rewards.volunteering import attendance, awarding, corrections, desk, events
from rewards.volunteering import sheet as sheets
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.events import Event
from rewards.volunteering.inputs import Attestation, Forgotten, Minutes
from rewards.volunteering.sheet import State
from rewards.web.access import office
from rewards.web.edge import act, commit, message
from rewards.web.office.events.blueprint import bp, event_here

# The field that a refusal of the sheet is shown at; any other stands above the form.
FIELDS = {"too_many_minutes": "minutes", "correction_reason_missing": "reason"}


@bp.get("/<int:event_id>/sheet")
def sheet(event_id: int) -> ResponseReturnValue:
    drawn = sheets.draw(act(), event_here(event_id))
    asked = request.args.get("state", "")
    state = State(asked) if asked in list(State) else None
    return render_template(
        "office/events/sheet.html",
        sheet=drawn,
        event=drawn.event,
        state=state,
        lines=drawn.of(state) if state else drawn.lines,
        finished=awarding.is_finished(act(), drawn),
        begun=act().now >= drawn.event.starts_at,
        me=act().actor.reference,
    )


@bp.get("/<int:event_id>/sheet/<int:attendance_id>")
def line(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    found = attendance.load(act(), event, attendance_id)
    return _line_page(found, Form.blank(Minutes, minutes=found.minutes))


@bp.post("/<int:event_id>/sheet/<int:attendance_id>")
def correct(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Minutes, request.form)
    found = attendance.load(act(), event, attendance_id)
    if form.valid:
        try:
            corrections.correct(act(), event, found, **form.data)
        except Refused as refusal:
            form.refuse(message(refusal), FIELDS.get(refusal.code, ""))
    if not form.valid:
        return _line_page(found, form)
    commit()
    flash(gettext("The line of %(name)s is corrected.", name=found.resident.name), "done")
    return redirect(url_for("office_events.sheet", event_id=event_id), 303)


@bp.get("/<int:event_id>/sheet/add")
def ask_add(event_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    events.check_published(event)
    return _add_page(event, Form.blank(Forgotten))


@bp.post("/<int:event_id>/sheet/add")
def add(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Forgotten, request.form)
    if form.valid:
        data = dict(form.data)
        try:
            resident = desk.find_resident(act(), office().community, data.pop("who"))
            corrections.add_forgotten(act(), event, resident, **data)
        except Refused as refusal:
            form.refuse(message(refusal), FIELDS.get(refusal.code, "who"))
    if not form.valid:
        return _add_page(event, form)
    commit()
    flash(
        gettext("%(name)s is added. A colleague has to attest the hours.", name=resident.name),
        "done",
    )
    return redirect(url_for("office_events.sheet", event_id=event_id), 303)


@bp.post("/<int:event_id>/sheet/<int:attendance_id>/attest")
def attest(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Attestation, request.form)
    found = attendance.load(act(), event, attendance_id)
    if not form.valid:
        raise corrections.NothingToAttest
    corrections.attest(act(), event, found, form.data["correction"])
    commit()
    flash(gettext("The hours of %(name)s are attested.", name=found.resident.name), "done")
    return redirect(url_for("office_events.sheet", event_id=event_id), 303)


def _line_page(found: Attendance, form: Form) -> ResponseReturnValue:
    line = sheets.line_of(act(), found)
    page = render_template(
        "office/events/line.html",
        event=found.event,
        line=line,
        because=_because(line),
        form=form,
        begun=act().now >= found.event.starts_at,
        me=act().actor.reference,
    )
    return page, 200 if form.valid else 422


def _because(line: sheets.Line) -> dict[str, Any]:
    """The arithmetic that holds now: after a complaint that of what is left of the award."""
    upheld = line.attendance.upheld
    if line.award is None:
        return record(line.worth)
    return upheld.because if upheld and upheld.because else line.award.because


def _add_page(event: Event, form: Form) -> ResponseReturnValue:
    page = render_template("office/events/add.html", event=event, form=form)
    return page, 200 if form.valid else 422
