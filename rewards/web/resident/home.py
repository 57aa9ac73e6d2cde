"""A resident's own pages: what there is, what expires, what happened, the card, the settings."""

from datetime import date
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import awards, cards, ledger
from rewards.cards import qr
from rewards.cards.inputs import ChangePin
from rewards.clock import local_date
from rewards.deeds.model import Deduction, deductions_by_transfer
from rewards.forms import Form
from rewards.giving_on import listing, quoting
from rewards.volunteering import served
from rewards.web import access, rules
from rewards.web.edge import act, commit, message, row_id, settings

bp = access.residents_only(Blueprint("me", __name__))

LATEST = 5


@bp.get("/me")
def home() -> ResponseReturnValue:
    statement = ledger.statement(act().session, access.me().wallet_id, size=LATEST)
    lines = listing.named(act(), statement.lines)
    return render_template(
        "resident/home.html",
        dated=_dated(),
        lines=lines,
        aside=ledger.set_aside(act().session, access.me().wallet_id, act().now),
        awards=_awards_of(lines),
        deductions=_deductions_of(lines),
        owed=ledger.owed(act().session, access.me().wallet_id),
        card=cards.active_card(act(), access.me().id),
        reached=served.grade(act(), access.me()),
        means=quoting.means(act(), access.me()),
        news=listing.news(act(), access.me()),
    )


@bp.get("/me/statement")
def statement() -> ResponseReturnValue:
    before = request.args.get("before", type=row_id)
    page = ledger.statement(act().session, access.me().wallet_id, before=before)
    return render_template(
        "resident/statement.html",
        lines=listing.named(act(), page.lines),
        awards=_awards_of(page.lines),
        deductions=_deductions_of(page.lines),
        debts=ledger.debts(act().session, access.me().wallet_id) if before is None else [],
        not_added=awards.not_added(act(), access.me().id) if before is None else [],
        before=before,
        next_before=page.before,
        wallet_id=access.me().wallet_id,
    )


@bp.get("/me/expiring")
def expiring() -> ResponseReturnValue:
    dated = _dated()
    return render_template(
        "resident/expiring.html",
        dated=dated,
        days_left=(dated[0].expires_on - _today()).days if dated else None,
        months=[
            (first, list(parts))
            for first, parts in groupby(dated, lambda part: part.expires_on.replace(day=1))
        ],
        aside=ledger.set_aside(act().session, access.me().wallet_id, act().now),
        rules=rules.of_wallets(act(), access.me().community.programme_id),
    )


@bp.get("/me/card")
def card() -> ResponseReturnValue:
    return _card_page("resident/card.html")


@bp.get("/me/card/large")
def large_card() -> ResponseReturnValue:
    return _card_page("resident/card_large.html")


@bp.post("/me/card/block")
def block_card() -> ResponseReturnValue:
    mine = cards.active_card(act(), access.me().id)
    if mine is not None:
        cards.block(act(), mine, reason=gettext("Reported lost by the resident"))
        commit()
    flash(gettext("Your card is blocked. Nobody can use it; your points are safe."), "done")
    return redirect(url_for("me.card"), 303)


@bp.get("/me/settings")
def show_settings() -> ResponseReturnValue:
    return render_template("resident/settings.html", form=Form.blank(ChangePin), me=access.me())


@bp.post("/me/settings/pin")
def change_pin() -> ResponseReturnValue:
    typed = Form.read(ChangePin, request.form)
    if not typed.valid:
        return _settings_page(typed, 422)
    try:
        refusal = cards.change_pin(act(), access.me(), typed.data["pin"], typed.data["new_pin"])
    except cards.WeakPin as weak:
        typed.refuse(message(weak), "new_pin")
        return _settings_page(typed, weak.status)
    commit()
    if refusal is not None:
        typed.refuse(message(refusal), "pin")
        return _settings_page(typed, refusal.status)
    if (who := access.resident_person(access.me().id)) is not None:
        access.welcome(who)
    flash(gettext("Your PIN is changed. Other devices were signed out."), "done")
    return redirect(url_for("me.show_settings"), 303)


def _settings_page(typed: Form, status: int) -> ResponseReturnValue:
    return render_template("resident/settings.html", form=typed, me=access.me()), status


def _card_page(template: str) -> ResponseReturnValue:
    mine = cards.active_card(act(), access.me().id)
    drawn = None
    if mine is not None:
        address = cards.address(settings().public_url, mine.code)
        drawn = qr.svg(address, gettext("QR code of your card"))
    return render_template(template, card=mine, qr=drawn, today=_today())


def _today() -> date:
    return local_date(act().now, access.me().community.programme.timezone)


def _dated() -> list[ledger.Dated]:
    """The spendable points by their last day; they sum to the balance."""
    return ledger.dated(act().session, access.me().wallet_id, _today(), now=act().now)


def _deductions_of(lines: list[ledger.Line]) -> dict[int, Deduction]:
    return deductions_by_transfer(act(), [line.transfer_id for line in lines])


def _awards_of(lines: list[ledger.Line]) -> dict[int, awards.Award]:
    return awards.by_transfer(act(), [line.transfer_id for line in lines])
