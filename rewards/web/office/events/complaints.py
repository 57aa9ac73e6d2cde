"""Complaints about service: recorded on a sheet's line, decided by a second person."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import Refused
from rewards.forms import Form
from rewards.ledger import AlreadySpent
from rewards.schemes.because import record
from rewards.volunteering import attendance, corrections
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.complaints import deciding, effects, listing
from rewards.volunteering.complaints.inputs import ComplaintInput, Finding, Lifting, Upholding
from rewards.volunteering.complaints.model import Complaint, Status
from rewards.volunteering.events import Event
from rewards.web.access import office, person
from rewards.web.edge import act, commit, message, new_key, row_id
from rewards.web.office.events.blueprint import bp, event_here


@bp.get("/complaints")
def complaints() -> ResponseReturnValue:
    asked = request.args.get("state", "")
    status = Status(asked) if asked in list(Status) else None
    before = request.args.get("before", type=row_id)
    return render_template(
        "office/events/complaints.html",
        page=listing.of_community(act(), office().community_id, status, before=before),
        waiting=listing.waiting(act(), office().community_id),
        status=status,
    )


@bp.get("/<int:event_id>/sheet/<int:attendance_id>/complain")
def ask_complain(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    corrections.check_begun(act(), event)
    found = attendance.load(act(), event, attendance_id)
    return _complain_page(found, Form.blank(ComplaintInput))


@bp.post("/<int:event_id>/sheet/<int:attendance_id>/complain")
def complain(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(ComplaintInput, request.form)
    found = attendance.load(act(), event, attendance_id)
    if form.valid:
        try:
            complaint = deciding.record(act(), event, found, form.data["reason"])
        except Refused as refusal:
            form.refuse(message(refusal))
    if not form.valid:
        return _complain_page(found, form)
    commit()
    flash(gettext("The complaint is recorded. A second person decides about it."), "done")
    return redirect(_address(event, complaint), 303)


@bp.get("/<int:event_id>/complaints/<int:complaint_id>")
def complaint(event_id: int, complaint_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    return _page(event, deciding.load(act(), event, complaint_id))


@bp.post("/<int:event_id>/complaints/<int:complaint_id>/uphold")
def uphold(event_id: int, complaint_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Upholding, request.form)
    found = deciding.load(act(), event, complaint_id)
    if form.valid:
        answer = deciding.uphold(act(), event, found, **form.data)
        commit()
        if answer.refusal is None:
            flash(_upheld(answer.result()), "done")
            return redirect(_address(event, found), 303)
        spent = isinstance(answer.refusal, AlreadySpent)
        form.refuse(message(answer.refusal), "owe" if spent else "")
    return _page(event, found, upholding=form)


@bp.post("/<int:event_id>/complaints/<int:complaint_id>/dismiss")
def dismiss(event_id: int, complaint_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Finding, request.form)
    found = deciding.load(act(), event, complaint_id)
    if not form.valid:
        return _page(event, found, dismissing=form)
    deciding.dismiss(act(), event, found, form.data["finding"])
    commit()
    flash(gettext("The complaint is dismissed. Hours and points stay as they were."), "done")
    return redirect(_address(event, found), 303)


@bp.post("/<int:event_id>/complaints/<int:complaint_id>/lift")
def lift(event_id: int, complaint_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Lifting, request.form)
    found = deciding.load(act(), event, complaint_id)
    if not form.valid:
        return _page(event, found, lifting=form)
    deciding.lift(act(), event, found, form.data["reason"])
    commit()
    flash(gettext("The complaint is lifted. Award the line again if points are due."), "done")
    return redirect(_address(event, found), 303)


def _address(event: Event, complaint: Complaint) -> str:
    return url_for("office_events.complaint", event_id=event.id, complaint_id=complaint.id)


def _upheld(taken: dict[str, int]) -> str:
    if taken["owed"]:
        said = gettext("Upheld. %(taken)s points taken back, %(owed)s recorded as owed.", **taken)
    elif taken["taken"]:
        said = gettext("Upheld. %(taken)s points were taken back.", taken=taken["taken"])
    else:
        said = gettext("The complaint is upheld.")
    return str(said)


def _complain_page(found: Attendance, form: Form) -> ResponseReturnValue:
    page = render_template(
        "office/events/complain.html", event=found.event, attendance=found, form=form
    )
    return page, 200 if form.valid else 422


def _page(
    event: Event,
    found: Complaint,
    *,
    upholding: Form | None = None,
    dismissing: Form | None = None,
    lifting: Form | None = None,
) -> ResponseReturnValue:
    """The complaint, and while it is open what upholding it would come to.

    Each drawing has a key of its own: a refusal must not stick to it.
    """
    who, open_ = person(), found.status == Status.RECORDED
    effect = effects.effect(act(), found.attendance) if open_ else None
    refused = next((form for form in (upholding, dismissing, lifting) if form is not None), None)
    page = render_template(
        "office/events/complaint.html",
        event=event,
        complaint=found,
        effect=effect,
        because=record(effect.worth) if effect else found.because,
        mine=who is not None and who.id == (found.recorded_by_id if open_ else found.decided_by_id),
        refused=refused,
        upholding=upholding or Form.blank(Upholding),
        dismissing=dismissing or Form.blank(Finding),
        lifting=lifting or Form.blank(Lifting),
        key=new_key(),
    )
    return page, 422 if refused else 200
