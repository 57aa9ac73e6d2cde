"""The residents' door: the address in a card's QR code, and the page for typing a code.

The card only says whose door it is. Name and balance show after the PIN, which is set at
first use with the activation code that was handed over apart from the card.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from rewards import cards
from rewards.cards import Card
from rewards.cards.inputs import Activation, CardCode, Pin
from rewards.clock import local_date
from rewards.db import db
from rewards.errors import Refused
from rewards.forms import Form
from rewards.web import access
from rewards.web.edge import act, commit, local_path, message, settings
from rewards.web.public import kept as keeping

bp = access.public(Blueprint("card", __name__))


def landing(who: access.Person) -> str | None:
    """A resident's first page."""
    return "/me" if who.kind == "resident" else None


access.landings.append(landing)


@bp.get("/me/sign-in")
def sign_in() -> ResponseReturnValue:
    return _code_page(Form.blank(CardCode), request.args.get("next"))


@bp.post("/me/sign-in")
def find() -> ResponseReturnValue:
    typed = Form.read(CardCode, request.form)
    next_path, kept = request.form.get("next"), keeping.carried()
    if not typed.valid:
        return _code_page(typed, next_path, kept, 422)
    try:
        card = cards.find(act(), typed.data["code"])
    except (cards.NotACard, cards.UnknownCard) as refusal:
        typed.refuse(message(refusal), "code")
        return _code_page(typed, next_path, kept, refusal.status)
    if kept:
        return _door(card, next_path=next_path, kept=kept)
    return redirect(url_for("card.door", code=card.code, next=next_path), 303)


def ask_again() -> ResponseReturnValue:
    """The page for a card's code, carrying the form that was posted without a session."""
    return _code_page(Form.blank(CardCode), request.path, keeping.sent(), 401)


@bp.get("/c/<code>")
def door(code: str) -> ResponseReturnValue:
    card = cards.find(act(), code)
    who = access.person()
    if who is not None and (who.kind, who.id) == ("resident", card.resident_id):
        return redirect(local_path(request.args.get("next"), "/me"), 303)
    return _door(card, next_path=request.args.get("next"))


@bp.post("/c/<code>")
def enter(code: str) -> ResponseReturnValue:
    card = cards.find(act(), code)
    typed = Form.read(Pin, request.form)
    if not typed.valid:
        return _door(card, typed, status=422)
    refusal = cards.enter(act(), card, typed.data["pin"])
    commit()
    if refusal is not None:
        typed.refuse(message(refusal), "pin")
        return _door(card, typed, status=refusal.status)
    return _let_in(card)


@bp.post("/c/<code>/activate")
def activate(code: str) -> ResponseReturnValue:
    card = cards.find(act(), code)
    typed = Form.read(Activation, request.form)
    if not typed.valid:
        return _door(card, typed, status=422)
    key = cards.activation_key(settings().secret_key)
    try:
        refusal = cards.activate(
            act(), card, typed.data["activation_code"], typed.data["new_pin"], key
        )
    except cards.WeakPin as weak:
        typed.refuse(message(weak), "new_pin")
        return _door(card, typed, status=weak.status)
    commit()
    if refusal is not None:
        typed.refuse(message(refusal), "activation_code")
        return _door(card, typed, status=refusal.status)
    flash(gettext("Your card is activated. Next time your PIN is enough."), "done")
    return _let_in(card)


def _let_in(card: Card) -> ResponseReturnValue:
    who = access.resident_person(card.resident_id)
    assert who is not None
    access.welcome(who)
    next_path, kept = request.form.get("next"), keeping.carried()
    if kept:
        return keeping.resume(next_path, kept)
    return redirect(local_path(next_path, access.landing(who)), 303)


def _code_page(
    typed: Form, next_path: str | None, kept: keeping.Kept | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template("public/card_code.html", form=typed, next_path=next_path, kept=kept)
    return page, status


def _door(
    card: Card,
    typed: Form | None = None,
    *,
    next_path: str | None = None,
    kept: keeping.Kept | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The form for the PIN, or for setting it; a card that is no longer good is refused here."""
    community = card.resident.community
    cards.check_usable(card, local_date(act().now, community.programme.timezone))
    activated = card.resident.pin_hash is not None
    page = render_template(
        "public/card_door.html",
        form=typed or Form.blank(Pin if activated else Activation),
        card_code=card.code,
        here=community,
        activated=activated,
        next_path=next_path or request.form.get("next"),
        kept=kept or keeping.carried(),
    )
    return page, status


def _closed(refusal: Refused) -> ResponseReturnValue:
    """Why this card opens nothing, and whom to ask."""
    db.session.rollback()
    code = (request.view_args or request.form).get("code", "")
    try:
        here = cards.find(act(), code).resident.community
    except (cards.NotACard, cards.UnknownCard):
        here = None
    page = render_template(
        "public/card_closed.html", code=refusal.code, sentence=message(refusal), here=here
    )
    return page, refusal.status


def _other_form(refusal: Refused) -> ResponseReturnValue:
    """The PIN was set or reset since the page was drawn: the other form is the right one."""
    db.session.rollback()
    flash(message(refusal), "note")
    return _door(cards.find(act(), (request.view_args or {})["code"]), status=refusal.status)


CLOSED: tuple[type[Refused], ...] = (
    cards.NotACard,
    cards.UnknownCard,
    cards.BlockedCard,
    cards.ReplacedCard,
    cards.ExpiredCard,
)
for _kind in CLOSED:
    bp.register_error_handler(_kind, _closed)
bp.register_error_handler(cards.AlreadyActivated, _other_form)
bp.register_error_handler(cards.NotActivated, _other_form)
