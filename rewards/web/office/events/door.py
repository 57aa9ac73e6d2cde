"""The event's door: cards are scanned in and out, one after the other, on one page."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import Refused
from rewards.forms import Form
from rewards.volunteering import attendance, signups
from rewards.volunteering import door as doors
from rewards.volunteering.attendance import Attendance
from rewards.volunteering.events import Event
from rewards.volunteering.inputs import Passing
from rewards.web.edge import act, commit, message
from rewards.web.frame import clock_time
from rewards.web.office.events.blueprint import bp, event_here


@bp.get("/<int:event_id>/door")
def door(event_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    mode = "out" if request.args.get("mode") == "out" else "in"
    lines = [line for line in attendance.of_event(act(), event) if not line.back_filled]
    return render_template(
        "office/events/door.html",
        event=event,
        mode=mode,
        inside=[line for line in lines if line.out_missing],
        gone=[line for line in lines if not line.out_missing],
        expected=signups.taken(act(), [event.id]).get(event.id, 0),
    )


@bp.post("/<int:event_id>/door")
def pass_by(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Passing, request.form)
    mode = form.typed.get("mode", "in")
    if form.valid:
        _let_pass(event, form.data["code"], coming=mode == "in")
    else:
        flash(gettext("Scan a card, or type its code."), "problem")
    return redirect(url_for("office_events.door", event_id=event_id, mode=mode), 303)


def _let_pass(event: Event, scanned: str, *, coming: bool) -> None:
    """Let whoever holds the card in or out, and say so, or why not."""
    try:
        passing = doors.check_in if coming else doors.check_out
        line = passing(act(), event, scanned)
    except Refused as refusal:
        flash(message(refusal), "problem")
        return
    said = _welcome(event, line) if coming else _goodbye(line)
    commit()
    flash(said, "done")


def _welcome(event: Event, line: Attendance) -> str:
    facts = {"name": line.resident.masked_name, "at": clock_time(line.in_at)}
    if signups.find(act(), event, line.resident) is None:
        return str(gettext("%(name)s is in at %(at)s, without having signed up.", **facts))
    return str(gettext("%(name)s is in at %(at)s.", **facts))


def _goodbye(line: Attendance) -> str:
    sentence = gettext(
        "%(name)s is out at %(at)s, after %(minutes)s minutes.",
        name=line.resident.masked_name,
        at=clock_time(line.out_at),
        minutes=line.minutes,
    )
    return str(sentence)
