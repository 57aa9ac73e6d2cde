"""A resident's events: what is to come, a place at it, and the hours served."""

from math import ceil

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards.errors import Refused
from rewards.schemes.because import record
from rewards.volunteering import attendance, events, sheet, signups
from rewards.volunteering.events import EventStatus, Which
from rewards.web import access, rules
from rewards.web.access import me
from rewards.web.edge import act, commit, message

bp = access.residents_only(Blueprint("me_events", __name__, url_prefix="/me/events"))

SIZE = 20


@bp.get("")
def index() -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    mine = signups.ahead(act(), me())
    found = events.listing(
        act(),
        me().community_id,
        Which.UPCOMING,
        excluding=[event.id for event in mine],
        page=page,
    )
    return render_template(
        "resident/events/index.html",
        mine=mine if found.page == 1 else [],
        found=found,
        taken=signups.taken(act(), [event.id for event in found.events]),
    )


@bp.get("/<int:event_id>")
def show(event_id: int) -> ResponseReturnValue:
    event = events.load_shown(act(), event_id, me().community_id)
    line = attendance.find(act(), event, me())
    return render_template(
        "resident/events/show.html",
        event=event,
        place=signups.find(act(), event, me()),
        line=line,
        worth=record(sheet.line_of(act(), line).worth) if line and line.upheld else None,
        taken=signups.taken(act(), [event.id]).get(event.id, 0),
        open=event.status == EventStatus.PUBLISHED and event.ends_at > act().now,
        begun=event.starts_at <= act().now,
        said=rules.of_event(act(), event),
        terms=rules.terms(act(), me().community),
    )


@bp.post("/<int:event_id>/sign-up")
def sign_up(event_id: int) -> ResponseReturnValue:
    event = events.load_shown(act(), event_id, me().community_id)
    try:
        signups.sign_up(act(), event, me())
    except signups.SignedUpAlready:
        pass  # a second tap: what was wanted is so
    except Refused as refusal:
        flash(message(refusal), "problem")
        return redirect(url_for("me_events.show", event_id=event_id), 303)
    commit()
    flash(gettext("You have a place. Bring your card and scan it when you come and go."), "done")
    return redirect(url_for("me_events.show", event_id=event_id), 303)


@bp.post("/<int:event_id>/withdraw")
def withdraw(event_id: int) -> ResponseReturnValue:
    event = events.load_shown(act(), event_id, me().community_id)
    try:
        signups.withdraw(act(), event, me())
    except Refused as refusal:
        flash(message(refusal), "problem")
        return redirect(url_for("me_events.show", event_id=event_id), 303)
    commit()
    flash(gettext("Your place is given up."), "done")
    return redirect(url_for("me_events.show", event_id=event_id), 303)


@bp.get("/hours")
def hours() -> ResponseReturnValue:
    lines = sheet.history(act(), me())
    pages = max(1, ceil(len(lines) / SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "resident/events/hours.html",
        lines=lines[(page - 1) * SIZE : page * SIZE],
        count=len(lines),
        minutes=sum(line.attendance.served for line in lines),
        page=page,
        pages=pages,
    )
