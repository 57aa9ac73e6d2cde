"""Who works here: added, given roles, let go. For administrators, as far as they reach."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import administration
from rewards.administration import Administrator, as_administrator, new_password
from rewards.forms import Form
from rewards.staff import Role, Staff, UsernameTaken
from rewards.staff_inputs import FurtherRole, NewStaff, ScopedRole
from rewards.web import access
from rewards.web.access import office
from rewards.web.edge import act, commit, message

bp = access.office_only(
    Blueprint("office_staff", __name__, url_prefix="/office/staff"), Role.ADMINISTRATOR
)


@bp.get("")
def index() -> ResponseReturnValue:
    search = request.args.get("q", "").strip()
    return render_template(
        "office/staff/index.html",
        members=administration.staff_of(act(), office().community, search),
        search=search,
        grants_here=_grants_here,
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    return render_template("office/staff/new.html", form=Form.blank(NewStaff, scope="community"))


@bp.post("/new")
def add() -> ResponseReturnValue:
    form = Form.read(NewStaff, request.form)
    if form.valid:
        data = form.data
        typed = data.get("password")
        password = typed or new_password()
        try:
            member = administration.add(
                act(),
                _me(),
                office().community,
                Role(data["role"]),
                username=data["username"],
                name=data["name"],
                password=password,
                whole_programme=data["scope"] == "programme",
            )
            commit()
            return _password_page(member, None if typed else password, added=True)
        except UsernameTaken as refusal:
            form.refuse(message(refusal), "username")
    return render_template("office/staff/new.html", form=form), 422


@bp.get("/existing")
def existing() -> ResponseReturnValue:
    return render_template(
        "office/staff/existing.html", form=Form.blank(FurtherRole, scope="community")
    )


@bp.post("/existing")
def engage() -> ResponseReturnValue:
    """Give a role here to somebody who signs in already."""
    form = Form.read(FurtherRole, request.form)
    if form.valid:
        try:
            member = administration.give_by_username(
                act(),
                _me(),
                form.data["username"],
                Role(form.data["role"]),
                office().community,
                whole_programme=form.data["scope"] == "programme",
            )
            commit()
            flash(gettext("%(name)s has the role now.", name=member.name), "done")
            return redirect(url_for("office_staff.show", staff_id=member.id), 303)
        except (administration.NobodyByThatName, administration.RoleHeld) as refusal:
            form.refuse(message(refusal), "username")
    return render_template("office/staff/existing.html", form=form), 422


@bp.get("/<int:staff_id>")
def show(staff_id: int) -> ResponseReturnValue:
    return _show(_load(staff_id), Form.blank(ScopedRole, scope="community"))


@bp.post("/<int:staff_id>/roles")
def give(staff_id: int) -> ResponseReturnValue:
    member, form = _load(staff_id), Form.read(ScopedRole, request.form)
    if form.valid:
        try:
            administration.give(
                act(),
                _me(),
                member,
                Role(form.data["role"]),
                office().community,
                whole_programme=form.data["scope"] == "programme",
            )
            commit()
            flash(gettext("%(name)s has the role now.", name=member.name), "done")
            return redirect(url_for("office_staff.show", staff_id=staff_id), 303)
        except administration.RoleHeld as refusal:
            form.refuse(message(refusal), "role")
    return _show(member, form), 422


@bp.post("/<int:staff_id>/roles/<int:grant_id>/remove")
def take(staff_id: int, grant_id: int) -> ResponseReturnValue:
    member = _load(staff_id)
    administration.take(act(), _me(), member, grant_id)
    commit()
    flash(gettext("%(name)s no longer has that role.", name=member.name), "done")
    return redirect(url_for("office_staff.index"), 303)


@bp.post("/<int:staff_id>/deactivate")
def deactivate(staff_id: int) -> ResponseReturnValue:
    member = _load(staff_id)
    administration.deactivate(act(), _me(), member, shop_roles=_shop_roles(member))
    commit()
    flash(gettext("%(name)s is signed out and can't sign in any more.", name=member.name), "done")
    return redirect(url_for("office_staff.show", staff_id=staff_id), 303)


@bp.post("/<int:staff_id>/reactivate")
def reactivate(staff_id: int) -> ResponseReturnValue:
    member = _load(staff_id)
    administration.reactivate(act(), _me(), member, shop_roles=_shop_roles(member))
    commit()
    flash(gettext("%(name)s can sign in again.", name=member.name), "done")
    return redirect(url_for("office_staff.show", staff_id=staff_id), 303)


@bp.post("/<int:staff_id>/password")
def reset_password(staff_id: int) -> ResponseReturnValue:
    member, password = _load(staff_id), new_password()
    administration.reset_password(act(), _me(), member, password, shop_roles=_shop_roles(member))
    commit()
    return _password_page(member, password, added=False)


def _load(staff_id: int) -> Staff:
    return administration.load(act(), staff_id, office().community)


def _me() -> Administrator:
    return as_administrator(office().staff)


def _shop_roles(member: Staff) -> bool:
    """Whether *member* holds roles that other packages grant."""
    return any(source(act().session, member.id) for source in access.role_sources)


def _grants_here(member: Staff) -> list[object]:
    here = office().community
    return [
        g for g in member.grants if g.community_id == here.id or g.programme_id == here.programme_id
    ]


def _show(member: Staff, form: Form) -> str:
    return render_template(
        "office/staff/show.html", member=member, form=form, grants=_grants_here(member)
    )


def _password_page(member: Staff, password: str | None, *, added: bool) -> ResponseReturnValue:
    """The password, in the answer itself: a redirect would have to keep it somewhere."""
    return render_template(
        "office/staff/password.html", member=member, password=password, added=added
    )
