"""The event's points: checked, awarded to all at once, and taken back with a reason."""

from secrets import token_urlsafe
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards import awards
from rewards.errors import NotFound, Refused
from rewards.forms import Form
from rewards.volunteering import attendance, awarding
from rewards.volunteering import sheet as sheets
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.events import Event
from rewards.volunteering.inputs import AwardInput, ReversalInput
from rewards.volunteering.sheet import State
from rewards.web.edge import act, answered, message
from rewards.web.office.events.blueprint import bp, event_here


@bp.get("/<int:event_id>/award")
def check(event_id: int) -> ResponseReturnValue:
    """What the award would give to whom, before it does."""
    event = event_here(event_id)
    drawn = sheets.draw(act(), event)
    awarding.check_awardable(act(), event, event.rounds + 1, drawn.points_ready)
    return render_template("office/events/award.html", event=event, sheet=drawn)


@bp.post("/<int:event_id>/award")
def award(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(AwardInput, request.form)
    if not form.valid:
        raise awarding.SheetChanged
    given = answered(awarding.award_event(act(), event, **form.data))
    return redirect(url_for("office_events.awarded", event_id=event_id, number=given["round"]), 303)


@bp.get("/<int:event_id>/awarded/<int:number>")
def awarded(event_id: int, number: int) -> ResponseReturnValue:
    event = event_here(event_id)
    if not 1 <= number <= event.rounds:
        raise NotFound
    drawn = sheets.draw(act(), event)
    return render_template("office/events/awarded.html", event=event, sheet=drawn, number=number)


@bp.get("/<int:event_id>/reverse")
def ask_reverse(event_id: int) -> ResponseReturnValue:
    return _reversal_page(event_here(event_id), Form.blank(ReversalInput))


@bp.post("/<int:event_id>/reverse")
def reverse(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(ReversalInput, request.form)
    if not form.valid:
        return _reversal_page(event, form)
    undone = answered(awarding.reverse_event(act(), event, **form.data))
    _say_undone(event, undone)
    return redirect(url_for("office_events.sheet", event_id=event_id), 303)


@bp.get("/<int:event_id>/sheet/<int:attendance_id>/reverse")
def ask_reverse_line(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    found = attendance.load(act(), event, attendance_id)
    return _reversal_page(event, Form.blank(ReversalInput), found)


@bp.post("/<int:event_id>/sheet/<int:attendance_id>/reverse")
def reverse_line(event_id: int, attendance_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(ReversalInput, request.form)
    found = attendance.load(act(), event, attendance_id)
    if form.valid:
        try:
            undone = answered(awarding.reverse_line(act(), event, found, **form.data))
        except Refused as refusal:
            form.refuse(message(refusal))
    if not form.valid:
        return _reversal_page(event, form, found)
    flash(
        gettext(
            "%(points)s points were taken back from %(name)s.",
            points=undone["points"],
            name=found.resident.name,
        ),
        "done",
    )
    return redirect(
        url_for("office_events.line", event_id=event_id, attendance_id=attendance_id), 303
    )


def _reversal_page(
    event: Event, form: Form, found: Attendance | None = None
) -> ResponseReturnValue:
    """Asks for the reason. Each drawing has a key of its own: a refusal must not stick to it."""
    standing = sheets.draw(act(), event).of(State.AWARDED)
    if found is not None:
        standing = [line for line in standing if line.attendance.id == found.id]
    if not standing:
        raise awarding.NotAwarded
    looks = awards.outlook(act(), [line.award for line in standing if line.award])
    page = render_template(
        "office/events/reverse.html",
        event=event,
        form=form,
        found=found,
        standing=standing,
        total=sum(look.left for look in looks.values()),
        spent=[line for line in standing if line.award and looks[line.award.id].spent],
        outlook=next(iter(looks.values())) if found else None,
        key=token_urlsafe(16),
    )
    return page, 200 if form.valid else 422


def _say_undone(event: Event, undone: dict[str, Any]) -> None:
    flash(
        ngettext(
            "%(points)s points were taken back from %(num)s resident.",
            "%(points)s points were taken back from %(num)s residents.",
            undone["residents"],
            points=undone["points"],
        ),
        "done" if undone["residents"] else "note",
    )
    left = [attendance.load(act(), event, line_id) for line_id in undone["spent_lines"]]
    if left:
        names = gettext(", ").join(line.resident.name for line in left)
        flash(
            gettext("Left as it was, because the points were spent: %(names)s.", names=names),
            "look",
        )
