"""A shop's offers: added, edited, withdrawn, brought back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from merchants import offers
from merchants.inputs import OfferInput
from merchants.web.office.desk import bp, own_shop
from rewards.forms import Form
from rewards.web.edge import act, commit


@bp.get("/<int:merchant_id>/offers/new")
def new_offer(merchant_id: int) -> ResponseReturnValue:
    return _page(merchant_id, Form.blank(OfferInput))


@bp.post("/<int:merchant_id>/offers/new")
def add_offer(merchant_id: int) -> ResponseReturnValue:
    merchant, form = own_shop(merchant_id), Form.read(OfferInput, request.form)
    if not form.valid:
        return _page(merchant_id, form), 422
    offers.add(act(), merchant, **form.data)
    commit()
    flash(gettext("The offer is on the till and on “Where to spend” now."), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


@bp.get("/<int:merchant_id>/offers/<int:offer_id>")
def edit_offer(merchant_id: int, offer_id: int) -> ResponseReturnValue:
    offer = offers.load(act(), offer_id, own_shop(merchant_id))
    return _page(merchant_id, Form.blank(OfferInput, title=offer.title, points=offer.points), offer)


@bp.post("/<int:merchant_id>/offers/<int:offer_id>")
def save_offer(merchant_id: int, offer_id: int) -> ResponseReturnValue:
    offer = offers.load(act(), offer_id, own_shop(merchant_id))
    form = Form.read(OfferInput, request.form)
    if not form.valid:
        return _page(merchant_id, form, offer), 422
    offers.edit(act(), offer, **form.data)
    commit()
    flash(gettext("The offer is saved."), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


@bp.post("/<int:merchant_id>/offers/<int:offer_id>/withdraw")
def withdraw_offer(merchant_id: int, offer_id: int) -> ResponseReturnValue:
    offers.withdraw(act(), offers.load(act(), offer_id, own_shop(merchant_id)))
    commit()
    flash(gettext("The offer is withdrawn. It can be brought back."), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


@bp.post("/<int:merchant_id>/offers/<int:offer_id>/bring-back")
def bring_back_offer(merchant_id: int, offer_id: int) -> ResponseReturnValue:
    offers.bring_back(act(), offers.load(act(), offer_id, own_shop(merchant_id)))
    commit()
    flash(gettext("The offer is on the till and on “Where to spend” now."), "done")
    return redirect(url_for("office_merchants.show", merchant_id=merchant_id), 303)


def _page(merchant_id: int, form: Form, offer: offers.Offer | None = None) -> str:
    return render_template(
        "office/merchants/offer.html", merchant=own_shop(merchant_id), form=form, offer=offer
    )
