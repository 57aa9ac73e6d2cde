"""The public seals: signed checkpoints that anyone may keep, and what it takes to check them."""

from pathlib import Path

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from rewards import sealcheck
from rewards.db import db
from rewards.errors import NotFound
from rewards.ledger import seals
from rewards.web import access, proofs
from rewards.web.edge import row_id

bp = access.public(Blueprint("seals", __name__, url_prefix="/seals"))


@bp.get("")
def index() -> ResponseReturnValue:
    before = request.args.get("before", type=row_id)
    checkpoints, next_before = seals.listed(db.session(), before=before)
    return render_template(
        "public/seals.html",
        checkpoints=checkpoints,
        newest=seals.latest(db.session()),
        before=before,
        next_before=next_before,
        next_sealing=proofs.next_sealing(),
    )


@bp.get("/checkpoint")
def newest() -> Response:
    """The newest checkpoint, under an address that doesn't change: for programs that watch."""
    checkpoint = seals.latest(db.session())
    if checkpoint is None:
        raise NotFound
    return Response(checkpoint.note, content_type="text/plain; charset=utf-8")


@bp.get("/<int:size>/checkpoint.txt")
def checkpoint(size: int) -> Response:
    note = seals.load(db.session(), size).note
    return proofs.download(note, f"checkpoint-{size}.txt")


@bp.get("/<int:size>/key.txt")
def key(size: int) -> Response:
    """The public key that the checkpoint was signed with."""
    vkey = seals.load(db.session(), size).key
    return proofs.download(f"{vkey}\n", f"key-{vkey.split('+')[1]}.txt")


@bp.get("/<int:older>/in/<int:size>/consistency.json")
def consistency(older: int, size: int) -> Response:
    """The proof that one checkpoint is the beginning of another."""
    document = seals.consistency(db.session(), older, size)
    return proofs.sent(document, f"consistency-{older}-{size}.json")


@bp.get("/sealcheck.py")
def verifier() -> Response:
    """The stand-alone verifier: one file."""
    text = Path(sealcheck.__file__).read_text(encoding="utf-8")
    return proofs.download(text, "sealcheck.py", "text/x-python")
