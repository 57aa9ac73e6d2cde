"""A resident's own wallet."""

from dataclasses import replace
from typing import Any

from rewards import ledger
from rewards.api.framework import Blueprint
from rewards.api.inputs import StatementQuery
from rewards.api.shapes import BalanceOut, ProofOut, StatementOut
from rewards.clock import local_date
from rewards.giving_on import listing
from rewards.ledger import NEVER, seals
from rewards.web import access, proofs
from rewards.web.access import me
from rewards.web.edge import act

bp = access.token_only(
    Blueprint("api_me", __name__, url_prefix="/api/v1/me", description="A resident's own wallet"),
    "resident",
)


@bp.get("/balance")
@bp.response(200, BalanceOut)
def balance() -> dict[str, Any]:
    """See what can be spent

    The points by their last day, the earliest first; they sum to what is spendable.
    """
    resident, session = me(), act().session
    today = local_date(act().now, resident.community.programme.timezone)
    dated = ledger.dated(session, resident.wallet_id, today, now=act().now)
    return {
        "spendable": ledger.spendable(session, resident.wallet_id, today, now=act().now),
        "owed": ledger.owed(session, resident.wallet_id),
        "dated": [
            {
                "points": part.amount,
                "expires_on": None if part.expires_on == NEVER else part.expires_on,
            }
            for part in dated
        ],
    }


@bp.get("/statement")
@bp.arguments(StatementQuery, location="query")
@bp.response(200, StatementOut)
def statement(query: dict[str, Any]) -> ledger.Page:
    """Read the wallet's history

    The newest first. Send ``before`` as the last page gave it for the page after that.
    """
    page = ledger.statement(
        act().session, me().wallet_id, before=query["before"], size=query["size"]
    )
    return replace(page, lines=listing.named(act(), page.lines))


@bp.get("/statement/<int:transfer_id>/proof")
@bp.response(200, ProofOut)
def proof(transfer_id: int) -> dict[str, Any]:
    """Prove a line of the statement

    The document that the stand-alone verifier takes. Refused as ``not_sealed_yet`` until the
    next checkpoint.
    """
    return seals.proof(act().session, proofs.own_line(transfer_id).transfer_id)
