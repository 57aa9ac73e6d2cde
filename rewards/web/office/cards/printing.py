"""Printing at the desk: what will be printed is looked over first, then drawn as PDF."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from rewards import cards
from rewards.cards import Card, printing, sheet
from rewards.cards.inputs import Printing
from rewards.forms import Form
from rewards.web.access import office
from rewards.web.edge import act, commit, settings
from rewards.web.office.cards.blueprint import bp, today


@bp.get("/office/cards/print")
def check_print() -> ResponseReturnValue:
    """The cards chosen by ``id``, else all that were not printed yet."""
    if "id" in request.args:
        chosen = _chosen(request.args.getlist("id", type=int))
        total = len(chosen)
    else:
        chosen, total = printing.not_yet_printed(act(), office().community_id, today())
    return render_template(
        "office/cards/print.html",
        form=Form.blank(Printing, names="full"),
        cards=chosen,
        total=total,
        slips=printing.needing_slips(chosen),
        unprintable=printing.unprintable_names(chosen),
    )


@bp.post("/office/cards/print")
def print_cards() -> ResponseReturnValue:
    masked = Form.read(Printing, request.form).data.get("names") == "masked"
    faces = printing.print_cards(
        act(), _chosen(_posted()), public_url=settings().public_url, masked=masked
    )
    commit()
    return _document(sheet.card_sheet(faces), "cards")


@bp.post("/office/cards/print-slips")
def print_slips() -> ResponseReturnValue:
    key = cards.activation_key(settings().secret_key)
    slips = printing.print_slips(act(), _chosen(_posted()), key=key)
    commit()
    return _document(sheet.slip_sheet(slips), "activation-slips")


def _posted() -> list[int]:
    return request.form.getlist("id", type=int)


def _chosen(ids: list[int]) -> list[Card]:
    return printing.chosen(act(), office().community_id, ids, today())


def _document(pdf: bytes, name: str) -> Response:
    return Response(
        pdf,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}-{today().isoformat()}.pdf"'},
    )
