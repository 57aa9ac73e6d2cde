"""The desk's cards: find, issue, block, replace, reset a PIN."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from rewards import cards, residents
from rewards.cards import Card
from rewards.cards.inputs import Issue, Reason, Replacement
from rewards.forms import Form
from rewards.web.access import office
from rewards.web.edge import act, commit
from rewards.web.office.cards.blueprint import bp, today

SIZE = 50


@bp.get("/office/cards")
def index() -> ResponseReturnValue:
    asked = request.args
    shown = asked.get("status", "")
    wanted = cards.Filter(
        shown=cards.Shown(shown) if shown in list(cards.Shown) else None,
        printed={"yes": True, "no": False}.get(asked.get("printed", "")),
        words=asked.get("q", "").strip()[:60],
    )
    page = max(1, asked.get("page", 1, type=int))
    found = cards.listing(act(), office().community_id, wanted, today(), page=page, size=SIZE)
    return render_template(
        "office/cards/index.html",
        cards=found.cards,
        total=found.total,
        page=page,
        pages=max(1, -(-found.total // SIZE)),
        asked=asked,
        today=today(),
    )


@bp.get("/office/cards/issue")
def issue_form() -> ResponseReturnValue:
    return _issue_page(Form.blank(Issue))


@bp.post("/office/cards/issue")
def issue() -> ResponseReturnValue:
    typed = Form.read(Issue, request.form)
    people = [
        residents.load(act(), number, office().community_id)
        for number in request.values.getlist("resident", type=int)
    ]
    if not people:
        typed.refuse(gettext("Choose at least one resident."))
    if not typed.valid:
        return _issue_page(typed, 422)
    made = cards.issue_many(act(), people, expires_on=typed.data.get("expires_on"))
    numbers = [card.id for card in made]
    commit()
    flash(
        ngettext(
            "%(num)s card is issued. Print it now.",
            "%(num)s cards are issued. Print them now.",
            len(numbers),
        ),
        "done",
    )
    return redirect(url_for("office_cards.check_print", id=numbers), 303)


@bp.get("/office/cards/<int:card_id>")
def show(card_id: int) -> ResponseReturnValue:
    return _show_page(_load(card_id))


@bp.post("/office/cards/<int:card_id>/block")
def block(card_id: int) -> ResponseReturnValue:
    card, typed = _load(card_id), Form.read(Reason, request.form)
    if not typed.valid:
        return _show_page(card, "block", typed)
    cards.block(act(), card, reason=typed.data["reason"])
    return _done(card_id, gettext("The card is blocked. It can't be used any more."))


@bp.post("/office/cards/<int:card_id>/unblock")
def unblock(card_id: int) -> ResponseReturnValue:
    card, typed = _load(card_id), Form.read(Reason, request.form)
    if not typed.valid:
        return _show_page(card, "unblock", typed)
    cards.unblock(act(), card, reason=typed.data["reason"])
    return _done(card_id, gettext("The card can be used again."))


@bp.post("/office/cards/<int:card_id>/replace")
def replace(card_id: int) -> ResponseReturnValue:
    card, typed = _load(card_id), Form.read(Replacement, request.form)
    if not typed.valid:
        return _show_page(card, "replace", typed)
    newer = cards.replace(
        act(), card, reason=typed.data["reason"], expires_on=typed.data.get("expires_on")
    )
    return _done(
        newer.id,
        gettext("This is the newer card. The old one is of no use any more; points and PIN stay."),
    )


@bp.post("/office/cards/<int:card_id>/reset-pin")
def reset_pin(card_id: int) -> ResponseReturnValue:
    card, typed = _load(card_id), Form.read(Reason, request.form)
    if not typed.valid:
        return _show_page(card, "reset_pin", typed)
    cards.reset_pin(act(), card.resident, reason=typed.data["reason"])
    return _done(
        card_id,
        gettext("The PIN is reset. Print a new activation slip; earlier slips work no more."),
    )


def _load(card_id: int) -> Card:
    return cards.load(act(), card_id, office().community_id)


def _done(card_id: int, words: str) -> ResponseReturnValue:
    commit()
    flash(words, "done")
    return redirect(url_for("office_cards.show", card_id=card_id), 303)


def _show_page(card: Card, act_name: str = "", typed: Form | None = None) -> ResponseReturnValue:
    forms = {
        name: Form.blank(Replacement if name == "replace" else Reason)
        for name in ("block", "unblock", "replace", "reset_pin")
    }
    if typed is not None:
        forms[act_name] = typed
    page = render_template(
        "office/cards/show.html",
        card=card,
        history=cards.of_resident(act(), card.resident_id),
        forms_by_act=forms,
        refused=typed,
        opened=act_name,
        today=today(),
    )
    return page, 422 if typed is not None else 200


def _issue_page(typed: Form, status: int = 200) -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:60]
    people, total = cards.without_card(act(), office().community_id, words)
    page = render_template(
        "office/cards/issue.html",
        form=typed,
        people=people,
        total=total,
        words=words,
        chosen=request.form.getlist("resident", type=int),
    )
    return page, status
