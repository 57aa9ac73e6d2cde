"""Residents at the desk: found, registered, edited, and all that is known of one."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import awards, directory, ledger, residents
from rewards.awards import Award
from rewards.clock import local_date
from rewards.directory import Entry, Wanted
from rewards.errors import NotFound
from rewards.forms import Form, Input
from rewards.residents import Details, PhoneTaken, Resident, dialled
from rewards.residents_inputs import ResidentChanges, ResidentEntry, ResidentList, TakeBack
from rewards.spreadsheet import csv_file
from rewards.volunteering import served
from rewards.web import access, rules
from rewards.web.access import office
from rewards.web.edge import act, commit, message, new_key, row_id

bp = access.office_only(Blueprint("office_residents", __name__, url_prefix="/office/residents"))


@bp.get("")
def index() -> ResponseReturnValue:
    form = Form.read(ResidentList, request.args)
    wanted = _wanted(form)
    found = directory.find(act(), office().community, wanted, form.data.get("page", 1))
    return render_template("office/residents/index.html", form=form, found=found, wanted=wanted)


@bp.post("/export")
def export() -> ResponseReturnValue:
    """What the list shows, as CSV. A post, because it opens personal data on record."""
    wanted = _wanted(Form.read(ResidentList, request.form))
    entries = directory.take_out(act(), office().community, wanted)
    commit()
    today = local_date(act().now, office().community.programme.timezone)
    disposition = f'attachment; filename="residents-{today.isoformat()}.csv"'
    headers = {"Content-Disposition": disposition}
    return Response(_csv(entries), content_type="text/csv; charset=utf-8", headers=headers)


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _new_page(Form.blank(ResidentEntry))


@bp.post("/new")
def register() -> ResponseReturnValue:
    form = read_entry(ResidentEntry)
    if form.valid:
        try:
            resident = residents.register(act(), office().community, **form.data)
            commit()
            flash(gettext("%(name)s is registered.", name=resident.name), "done")
            return redirect(url_for("office_residents.show", resident_id=resident.id), 303)
        except PhoneTaken as refusal:
            form.refuse(message(refusal), "phone")
    return _new_page(form), 422


@bp.get("/<int:resident_id>")
def show(resident_id: int) -> ResponseReturnValue:
    return _file(_load(resident_id), before=request.args.get("before", type=row_id))


@bp.post("/<int:resident_id>/phone")
def phone(resident_id: int) -> ResponseReturnValue:
    """The page with the whole number, in the answer itself: nothing has to keep it."""
    resident = _load(resident_id)
    number = residents.reveal_phone(act(), resident)
    commit()
    return _file(resident, phone=dialled(number))


@bp.get("/<int:resident_id>/edit")
def edit(resident_id: int) -> ResponseReturnValue:
    r = _load(resident_id)
    shown = {"building": r.building, "note": r.note, "household": r.household, "tags": r.tags}
    return _edit_page(r, Form.blank(ResidentChanges, name=r.name, **shown))


@bp.post("/<int:resident_id>/edit")
def change(resident_id: int) -> ResponseReturnValue:
    resident, form = _load(resident_id), read_entry(ResidentChanges)
    if form.valid:
        try:
            residents.edit(act(), resident, _details(resident, form))
            commit()
            flash(gettext("Saved."), "done")
            return redirect(url_for("office_residents.show", resident_id=resident_id), 303)
        except PhoneTaken as refusal:
            form.refuse(message(refusal), "phone")
    return _edit_page(resident, form), 422


@bp.get("/<int:resident_id>/awards/<int:award_id>/take-back")
def ask_take_back(resident_id: int, award_id: int) -> ResponseReturnValue:
    return _take_back_page(_award(resident_id, award_id), Form.blank(TakeBack))


@bp.post("/<int:resident_id>/awards/<int:award_id>/take-back")
def take_back(resident_id: int, award_id: int) -> ResponseReturnValue:
    award, form = _award(resident_id, award_id), Form.read(TakeBack, request.form)
    if not form.valid:
        return _take_back_page(award, form), 422
    answer = awards.take_back(act(), award, **form.data)
    commit()
    if isinstance(answer.refusal, ledger.AlreadySpent | awards.MoreThanLeft):
        by = "owe" if isinstance(answer.refusal, ledger.AlreadySpent) else "points"
        form.refuse(message(answer.refusal), by)
        return _take_back_page(award, form), answer.refusal.status
    _say_taken(answer.result())
    return redirect(url_for("office_residents.show", resident_id=resident_id), 303)


def _load(resident_id: int) -> Resident:
    return residents.load(act(), resident_id, office().community_id)


def _award(resident_id: int, award_id: int) -> Award:
    award = awards.load(act(), award_id, office().community_id)
    if award.resident_id != resident_id:
        raise NotFound
    return award


def _wanted(form: Form) -> Wanted:
    """What the list was asked for; everybody, where that can't be read."""
    if not form.valid:
        return Wanted()
    return Wanted(form.data["q"], form.data["card"], form.data["sort"])


def _tags() -> list[tuple[str, str]]:
    return rules.tags(act(), office().community)


def read_entry(schema: type[Input]) -> Form:
    """What was typed about a resident; the tags must be among those in force."""
    form = Form.read(schema, request.form)
    if form.valid:
        form.data["tags"] = sorted(set(form.data["tags"]))
        if not {key for key, _ in _tags()}.issuperset(form.data["tags"]):
            form.refuse(gettext("Choose from the list."), "tags")
    return form


def _details(resident: Resident, form: Form) -> Details:
    """What is known after the change.

    Kept are a number that wasn't typed anew, and tags that the form has no box for: the rules
    of the time may have known them, and later rules may again.
    """
    number = None if form.data["no_phone"] else resident.phone
    offered = {key for key, _ in _tags()}
    return Details(
        form.data["name"],
        form.data["phone"] or number,
        form.data["building"],
        form.data["note"],
        form.data["household"],
        sorted({*form.data["tags"], *(tag for tag in resident.tags if tag not in offered)}),
    )


def _new_page(form: Form) -> str:
    return render_template("office/residents/new.html", form=form, tags=_tags())


def _edit_page(resident: Resident, form: Form) -> str:
    return render_template("office/residents/edit.html", form=form, resident=resident, tags=_tags())


def _file(
    resident: Resident, *, before: int | None = None, phone: str | None = None
) -> ResponseReturnValue:
    named = rules.tag_names(act(), resident.community)
    return render_template(
        "office/residents/show.html",
        file=directory.open_file(act(), resident, before),
        reached=served.grade(act(), resident),
        resident=resident,
        identity=[named.get(tag, tag) for tag in resident.tags],
        phone=phone,
        older=before is not None,
    )


def _take_back_page(award: Award, form: Form) -> str:
    """Says what will happen, and asks for the reason.

    Each drawing has a key of its own: a refusal must not stick to it.
    """
    if award.reversed_at is not None:
        raise ledger.AlreadyReversed
    return render_template(
        "office/residents/take_back.html",
        award=award,
        outlook=awards.outlook(act(), [award])[award.id],
        form=form,
        key=new_key(),
    )


def _say_taken(taken: dict[str, int]) -> None:
    if taken["owed"]:
        sentence = gettext(
            "%(taken)s points were taken back; %(owed)s are recorded as owed.", **taken
        )
    else:
        sentence = gettext("%(taken)s points were taken back.", taken=taken["taken"])
    flash(sentence, "done")


def _csv(entries: list[Entry]) -> bytes:
    header = [
        gettext("Name"),
        gettext("Phone"),
        gettext("Building"),
        gettext("Remark"),
        gettext("Household"),
        gettext("Identity"),
        gettext("Points"),
        gettext("Registered on"),
    ]
    timezone = office().community.programme.timezone
    named = rules.tag_names(act(), office().community)
    return csv_file(
        header,
        (
            [
                entry.resident.name,
                dialled(entry.resident.phone),
                entry.resident.building,
                entry.resident.note,
                entry.resident.household,
                "、".join(named.get(tag, tag) for tag in entry.resident.tags),
                entry.points,
                local_date(entry.resident.registered_at, timezone).isoformat(),
            ]
            for entry in entries
        ),
    )
