"""The proof of a statement's line, for its owner: shown, checked, and to be kept."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from rewards.db import db
from rewards.ledger import seals
from rewards.web import access, proofs

bp = access.residents_only(Blueprint("me_proof", __name__, url_prefix="/me/statement"))


@bp.get("/<int:transfer_id>/proof")
def show(transfer_id: int) -> ResponseReturnValue:
    return render_template(
        "resident/proof.html",
        line=proofs.own_line(transfer_id),
        shown=proofs.shown(transfer_id),
        next_sealing=proofs.next_sealing(),
    )


@bp.get("/<int:transfer_id>/proof.json")
def document(transfer_id: int) -> Response:
    line = proofs.own_line(transfer_id)
    return proofs.sent(
        seals.proof(db.session(), line.transfer_id), f"proof-{line.transfer_id}.json"
    )
