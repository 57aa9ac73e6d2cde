"""Events: the list, making and changing one, and who signed up."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import residents
from rewards.errors import Refused
from rewards.forms import Form
from rewards.volunteering import amendments, attendance, desk, events, signups
from rewards.volunteering.events import Event, Which
from rewards.volunteering.inputs import Cancellation, EventInput, Who
from rewards.volunteering.vocabulary import UnknownTerm
from rewards.web import rules
from rewards.web.access import office
from rewards.web.edge import act, commit, message
from rewards.web.office.events.blueprint import bp, event_here


@bp.get("")
def index() -> ResponseReturnValue:
    asked = request.args.get("which", "")
    which = Which(asked) if asked in list(Which) else Which.UPCOMING
    words, page = request.args.get("q", "").strip(), request.args.get("page", 1, type=int)
    found = events.listing(act(), office().community_id, which, words=words, page=page)
    return render_template(
        "office/events/index.html",
        found=found,
        which=which,
        words=words,
        taken=signups.taken(act(), [event.id for event in found.events]),
        terms=rules.terms(act(), office().community),
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _form_page(Form.blank(EventInput))


@bp.post("")
def create() -> ResponseReturnValue:
    form = _read()
    if form.valid:
        try:
            event = events.create(act(), office().community, **form.data)
        except UnknownTerm as refusal:
            form.refuse(message(refusal), refusal.facts["field"])
    if not form.valid:
        return _form_page(form)
    commit()
    flash(gettext("The event is drafted. Publish it when it is right."), "done")
    return redirect(url_for("office_events.show", event_id=event.id), 303)


@bp.get("/<int:event_id>")
def show(event_id: int) -> ResponseReturnValue:
    return _show_page(event_here(event_id), Form.blank(Who))


@bp.get("/<int:event_id>/edit")
def edit(event_id: int) -> ResponseReturnValue:
    event = event_here(event_id)
    known: dict[str, Any] = {name: getattr(event, name) for name in EventInput().fields}
    known |= {name: event.local(known[name]) for name in ("starts_at", "ends_at")}
    return _form_page(Form.blank(EventInput, **known), event)


@bp.post("/<int:event_id>/edit")
def save(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), _read()
    if form.valid:
        try:
            amendments.edit(act(), event, **form.data)
        except UnknownTerm as refusal:
            form.refuse(message(refusal), refusal.facts["field"])
    if not form.valid:
        return _form_page(form, event)
    commit()
    flash(gettext("The changes are saved."), "done")
    return redirect(url_for("office_events.show", event_id=event_id), 303)


@bp.post("/<int:event_id>/publish")
def publish(event_id: int) -> ResponseReturnValue:
    events.publish(act(), event_here(event_id))
    commit()
    flash(gettext("The event is published. Residents can sign up now."), "done")
    return redirect(url_for("office_events.show", event_id=event_id), 303)


@bp.get("/<int:event_id>/cancel")
def ask_cancel(event_id: int) -> ResponseReturnValue:
    return _cancel_page(event_here(event_id), Form.blank(Cancellation))


@bp.post("/<int:event_id>/cancel")
def cancel(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Cancellation, request.form)
    if not form.valid:
        return _cancel_page(event, form)
    amendments.cancel(act(), event, reason=form.data["reason"])
    commit()
    flash(gettext("The event is cancelled."), "done")
    return redirect(url_for("office_events.show", event_id=event_id), 303)


@bp.post("/<int:event_id>/signups")
def sign_up(event_id: int) -> ResponseReturnValue:
    event, form = event_here(event_id), Form.read(Who, request.form)
    if form.valid:
        try:
            resident = desk.find_resident(act(), office().community, form.data["who"])
            signups.sign_up(act(), event, resident)
        except Refused as refusal:
            form.refuse(message(refusal), "who")
    if not form.valid:
        return _show_page(event, form)
    commit()
    flash(gettext("%(name)s has a place.", name=resident.name), "done")
    return redirect(url_for("office_events.show", event_id=event_id), 303)


@bp.post("/<int:event_id>/signups/<int:resident_id>/withdraw")
def withdraw(event_id: int, resident_id: int) -> ResponseReturnValue:
    resident = residents.load(act(), resident_id, office().community_id)
    signups.withdraw(act(), event_here(event_id), resident)
    commit()
    flash(gettext("The place of %(name)s is free again.", name=resident.name), "done")
    return redirect(url_for("office_events.show", event_id=event_id), 303)


def _read() -> Form:
    return Form.read(EventInput, request.form, office().community.programme.timezone)


def _form_page(form: Form, event: Event | None = None) -> ResponseReturnValue:
    page = render_template(
        "office/events/form.html",
        form=form,
        event=event,
        choices=rules.choices(act(), office().community),
        said=rules.of_events(act(), office().community),
    )
    return page, 200 if form.valid else 422


def _cancel_page(event: Event, form: Form) -> ResponseReturnValue:
    count = signups.taken(act(), [event.id]).get(event.id, 0)
    page = render_template("office/events/cancel.html", event=event, form=form, count=count)
    return page, 200 if form.valid else 422


def _show_page(event: Event, form: Form) -> ResponseReturnValue:
    came = {line.resident_id: line for line in attendance.of_event(act(), event)}
    page = render_template(
        "office/events/show.html",
        event=event,
        form=form,
        signed=signups.of_event(act(), event),
        came=came,
        now=act().now,
        said=rules.of_event(act(), event),
        terms=rules.terms(act(), office().community),
    )
    return page, 200 if form.valid else 422
