"""A shop's people: added, engaged, given a new password, removed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import people
from merchants.inputs import EngageInput, HireInput
from merchants.partners import Merchant
from merchants.people import WorksThere
from merchants.web.office.desk import bp, own_shop
from rewards.administration import NobodyByThatName, as_administrator, new_password
from rewards.forms import Form
from rewards.staff import Role, Staff, UsernameTaken
from rewards.web.access import office
from rewards.web.edge import act, commit, message


@bp.get("/<int:merchant_id>/people/new")
def new_person(merchant_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    return render_template(
        "office/merchants/hire.html", merchant=merchant, form=Form.blank(HireInput, role="cashier")
    )


@bp.post("/<int:merchant_id>/people/new")
def hire(merchant_id: int) -> ResponseReturnValue:
    merchant, form = own_shop(merchant_id), Form.read(HireInput, request.form)
    if form.valid:
        typed = form.data.get("password")
        password = typed or new_password()
        try:
            place = people.hire(
                act(),
                merchant,
                username=form.data["username"],
                name=form.data["name"],
                password=password,
                role=Role(form.data["role"]),
            )
            commit()
            return _password_page(merchant, place.staff, None if typed else password, added=True)
        except UsernameTaken as refusal:
            form.refuse(message(refusal), "username")
    return render_template("office/merchants/hire.html", merchant=merchant, form=form), 422


@bp.get("/<int:merchant_id>/people/existing")
def known_person(merchant_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    form = Form.blank(EngageInput, role="cashier")
    return render_template("office/merchants/engage.html", merchant=merchant, form=form)


@bp.post("/<int:merchant_id>/people/existing")
def engage(merchant_id: int) -> ResponseReturnValue:
    """Give somebody who signs in already a place at this shop too."""
    merchant, form = own_shop(merchant_id), Form.read(EngageInput, request.form)
    if form.valid:
        try:
            place = people.engage_by_username(
                act(), merchant, form.data["username"], Role(form.data["role"])
            )
            commit()
            flash(gettext("%(name)s works at this shop now.", name=place.staff.name), "done")
            return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)
        except (NobodyByThatName, WorksThere) as refusal:
            form.refuse(message(refusal), "username")
    return render_template("office/merchants/engage.html", merchant=merchant, form=form), 422


@bp.post("/<int:merchant_id>/people/<int:staff_id>/password")
def reset_password(merchant_id: int, staff_id: int) -> ResponseReturnValue:
    merchant, password = own_shop(merchant_id), new_password()
    by = as_administrator(office().staff)
    member = people.reset_password(act(), by, merchant, staff_id, password)
    commit()
    return _password_page(merchant, member, password, added=False)


@bp.post("/<int:merchant_id>/people/<int:staff_id>/remove")
def dismiss(merchant_id: int, staff_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    name = people.load(act(), merchant, staff_id).staff.name
    people.dismiss(act(), merchant, staff_id)
    commit()
    flash(gettext("%(name)s no longer works at this shop.", name=name), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


def _password_page(
    merchant: Merchant, member: Staff, password: str | None, *, added: bool
) -> ResponseReturnValue:
    """The password, in the answer itself: a redirect would have to keep it somewhere."""
    return render_template(
        "office/merchants/password.html",
        merchant=merchant,
        member=member,
        password=password,
        added=added,
    )
