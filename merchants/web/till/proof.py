"""The proof of a redemption, for the shop's owner: shown, checked, and to be kept."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from merchants import checkout
from merchants.checkout import Redemption
from merchants.web.till.desk import bp, owners_only
from rewards.db import db
from rewards.ledger import seals
from rewards.web import proofs
from rewards.web.edge import act


@bp.get("/receipts/<number>/proof")
def proof(number: str) -> ResponseReturnValue:
    redemption = _own(number)
    return render_template(
        "till/proof.html",
        redemption=redemption,
        shown=proofs.shown(redemption.transfer_id),
        next_sealing=proofs.next_sealing(),
    )


@bp.get("/receipts/<number>/proof.json")
def proof_document(number: str) -> Response:
    transfer_id = _own(number).transfer_id
    return proofs.sent(seals.proof(db.session(), transfer_id), f"proof-{transfer_id}.json")


def _own(number: str) -> Redemption:
    """A redemption of the owner's own shop."""
    return checkout.load(act(), number, owners_only().merchant)
