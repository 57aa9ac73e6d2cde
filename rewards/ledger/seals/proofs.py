"""Proofs as documents: what a stand-alone verifier needs, in the spirit of C2SP tlog-proof."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from rewards.errors import N_, NotFound, Refused
from rewards.ledger.seals import entries, tiles
from rewards.ledger.seals.entries import Entry
from rewards.ledger.seals.model import Checkpoint, SealLog
from rewards.ledger.seals.sealing import SealBroken, latest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotSealedYet(Refused):
    """The transfer is younger than the last checkpoint."""

    code = "not_sealed_yet"
    message = N_("This entry isn't sealed yet. Its proof can be had after the next checkpoint.")


def sealed(session: Session, transfer_id: int) -> bool:
    """Whether the transfer is in a checkpoint."""
    newest = latest(session)
    return newest is not None and transfer_id <= newest.through_id


def proof(session: Session, transfer_id: int) -> dict[str, Any]:
    """The document that proves a transfer to be in the newest checkpoint.

    Raises:
        NotFound: there is no such transfer.
        NotSealedYet: it isn't in a checkpoint yet.
        SealBroken: it, or its neighbours, are no longer what was sealed.
    """
    rows = entries.read(session.connection(), transfer_id - 1, transfer_id, 1)
    if not rows:
        raise NotFound
    checkpoint, log = latest(session), session.get(SealLog, 1)
    if checkpoint is None or log is None or transfer_id > checkpoint.through_id:
        raise NotSealedYet
    [leaf] = entries.leaf_hashes([entries.packed(rows[0])], log.salt_key)
    try:
        held = tree_of(session, checkpoint, log)
        index = held.find(transfer_id, leaf)
        hashes = held.inclusion(index, checkpoint.size)
    except tiles.Missing:
        raise SealBroken from None
    return {
        "format": "e-points proof 1",
        "entry": shown(Entry(*rows[0])),
        "salt": _base64(entries.salt_of(transfer_id, log.salt_key)),
        "index": index,
        "hashes": [_base64(h) for h in hashes],
        "checkpoint": checkpoint.note,
    }


def consistency(session: Session, older: int, newer: int) -> dict[str, Any]:
    """The document that proves one checkpoint to be the beginning of another, by their sizes.

    Raises:
        NotFound: there is no checkpoint of that size, or the older one is the larger.
        SealBroken: leaves are missing.
    """
    first, last = session.get(Checkpoint, older), session.get(Checkpoint, newer)
    log = session.get(SealLog, 1)
    if first is None or last is None or log is None or older > newer:
        raise NotFound
    try:
        hashes = tree_of(session, last, log).consistency(older, newer)
    except tiles.Missing:
        raise SealBroken from None
    return {
        "format": "e-points consistency 1",
        "older": older,
        "newer": newer,
        "hashes": [_base64(h) for h in hashes],
    }


def tree_of(session: Session, checkpoint: Checkpoint, log: SealLog) -> tiles.Tiles:
    """The tree as it is stored, with its tail as far as the checkpoint goes.

    Raises:
        tiles.Missing: it doesn't come to the checkpoint's root.
    """
    full, after = tiles.last(session)
    rows = entries.read_packed(session.connection(), after, checkpoint.through_id, tiles.WIDTH - 1)
    held = tiles.Tiles(session, full, entries.leaf_hashes(rows, log.salt_key))
    if held.root(checkpoint.size) != checkpoint.root:
        raise tiles.Missing(f"the first {checkpoint.size} leaves are not those that were sealed")
    return held


def shown(entry: Entry) -> dict[str, Any]:
    """The entry as a reader sees it; the verifier makes the sealed bytes of it again."""
    fields = entry._asdict()
    fields["reverses"] = entry.reverses or None
    fields["happened"], fields["recorded"] = map(_moment, (entry.happened, entry.recorded))
    return fields


def _moment(microseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="microseconds")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
