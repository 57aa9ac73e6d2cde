"""Proofs on pages and as files. Whether one holds is asked of the verifier that outsiders use."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from rewards import ledger, sealcheck
from rewards.db import db
from rewards.errors import NotFound
from rewards.giving_on import listing
from rewards.ledger import seals
from rewards.web import access
from rewards.web.edge import act, settings


@dataclass(frozen=True)
class Shown:
    """What a page says of an entry's proof.

    ``checkpoint`` is None while it isn't sealed; ``holds`` is the verifier's word.
    """

    checkpoint: seals.Checkpoint | None
    holds: bool


def shown(transfer_id: int) -> Shown:
    """Make the proof of a transfer and check it, as anyone could."""
    checkpoint = seals.latest(db.session())
    try:
        document = seals.proof(db.session(), transfer_id)
    except seals.NotSealedYet:
        return Shown(None, False)
    except seals.SealBroken:
        return Shown(checkpoint, False)
    assert checkpoint is not None
    try:
        statement = sealcheck.open_checkpoint(document["checkpoint"], checkpoint.key)
        sealcheck.check_proof(document, statement, checkpoint.key)
    except sealcheck.Failed:
        return Shown(checkpoint, False)
    return Shown(checkpoint, True)


def own_line(transfer_id: int) -> ledger.Line:
    """The line of the signed-in resident's own statement.

    Raises:
        NotFound: it is no transfer of theirs.
    """
    wallet_id = access.me().wallet_id
    transfer = db.session.get(ledger.Transfer, transfer_id)
    if transfer is None or wallet_id not in (transfer.debit_id, transfer.credit_id):
        raise NotFound
    page = ledger.statement(db.session(), wallet_id, before=transfer_id + 1, size=1)
    return listing.named(act(), page.lines)[0]


def next_sealing() -> datetime | None:
    """When the service seals again at the latest; None if that is left to the nightly command."""
    every = settings().seal_every
    return act().now + timedelta(seconds=every) if every else None


def sent(document: dict[str, Any], name: str) -> Response:
    """A proof to be kept as a file."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return download(text, name, "application/json")


def download(text: str, name: str, kind: str = "text/plain") -> Response:
    """*text* as a file of that name."""
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
