"""The list of shops; one added, edited, closed, opened again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import directory, offers, partners, people
from merchants.checkout import history
from merchants.directory import Filter, Order
from merchants.inputs import CATEGORIES, MerchantInput
from merchants.partners import ShopNameTaken
from merchants.web.office.desk import administrators_only, bp, own_shop, shop
from rewards.clock import local_date
from rewards.forms import Form
from rewards.web.access import office
from rewards.web.edge import act, commit, language, message

STATES = {"open": True, "closed": False}


@bp.get("")
def index() -> ResponseReturnValue:
    programme = office().community.programme
    since = local_date(act().now, programme.timezone).replace(day=1)
    order = Order.POINTS if request.args.get("sort") == Order.POINTS else Order.NAME
    wanted = Filter(
        category=request.args.get("class", ""),
        words=request.args.get("q", "").strip(),
        active=STATES.get(request.args.get("state", "")),
        order=order,
    )
    return render_template(
        "office/merchants/index.html",
        entries=directory.listing(act(), programme.id, wanted, since),
        wanted=wanted,
        state=request.args.get("state", ""),
        categories=CATEGORIES,
        since=since,
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    administrators_only()
    return render_template("office/merchants/new.html", form=Form.blank(MerchantInput))


@bp.post("/new")
def add() -> ResponseReturnValue:
    administrators_only()
    form = Form.read(MerchantInput, request.form)
    if form.valid:
        try:
            made = partners.add(act(), office().community.programme, **form.data)
            commit()
            flash(gettext("The shop is added. Give it offers, and people for its till."), "done")
            return redirect(url_for("office_merchants.show", merchant_id=made.id), 303)
        except ShopNameTaken as refusal:
            form.refuse(message(refusal), "name_zh")
    return render_template("office/merchants/new.html", form=form), 422


@bp.get("/<int:merchant_id>")
def show(merchant_id: int) -> ResponseReturnValue:
    merchant = shop(merchant_id)
    first = local_date(act().now, merchant.programme.timezone).replace(day=1)
    return render_template(
        "office/merchants/show.html",
        merchant=merchant,
        categories=dict(CATEGORIES),
        offers=offers.of(act(), merchant, withdrawn=True),
        people=people.of(act(), merchant),
        since=first,
        month=history.totals(act(), merchant, first),
        ever=history.totals(act(), merchant),
    )


@bp.get("/<int:merchant_id>/edit")
def edit(merchant_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    return _edit(merchant_id, Form.blank(MerchantInput, **_facts(merchant)))


@bp.post("/<int:merchant_id>/edit")
def save(merchant_id: int) -> ResponseReturnValue:
    merchant, form = own_shop(merchant_id), Form.read(MerchantInput, request.form)
    if form.valid:
        try:
            partners.edit(act(), merchant, **form.data)
            commit()
            flash(gettext("The shop is saved."), "done")
            return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)
        except ShopNameTaken as refusal:
            form.refuse(message(refusal), "name_zh")
    return _edit(merchant_id, form), 422


@bp.post("/<int:merchant_id>/close")
def close(merchant_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    partners.close(act(), merchant)
    commit()
    flash(
        gettext("%(shop)s is closed and takes no points.", shop=merchant.name(language())), "done"
    )
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


@bp.post("/<int:merchant_id>/reopen")
def reopen(merchant_id: int) -> ResponseReturnValue:
    merchant = own_shop(merchant_id)
    partners.reopen(act(), merchant)
    commit()
    flash(gettext("%(shop)s takes points again.", shop=merchant.name(language())), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


def _facts(merchant: partners.Merchant) -> dict[str, Any]:
    return {name: getattr(merchant, name) for name in MerchantInput().fields}


def _edit(merchant_id: int, form: Form) -> str:
    return render_template("office/merchants/edit.html", merchant=shop(merchant_id), form=form)
