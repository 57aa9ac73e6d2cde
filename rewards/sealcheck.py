"""Checks proofs of the sealed log, with nothing of the application: a copy of this file will do.

    python -m rewards.sealcheck --key KEY --checkpoint FILE [--proof FILE]
                                [--older FILE --consistency FILE]

It needs Python and the package "cryptography". KEY is the public key (``name+id+key``) or a
file with it. Take it, and older checkpoints, from where the log's operator can't change them.
Hashes are those of RFC 6962, checkpoints those of https://c2sp.org/tlog-checkpoint.
"""

import argparse
import json
import sys
from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NUMBERS = ("id", "operation", "debit", "credit", "amount", "reverses")
MOMENTS = ("happened", "recorded")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNFIT = (KeyError, TypeError, ValueError, OverflowError, AttributeError)


class Failed(Exception):
    """A check failed; the message is a sentence."""


class Malformed(Failed):
    """A file isn't what it should be; nothing was found out about the log."""


class OtherKey(Failed):
    """The checkpoint wasn't signed by this key, or was changed after it was signed."""


class OtherTree(Failed):
    """The proof is for another checkpoint than the one given."""


class Tampered(Failed):
    """The entry, or the way from it to the root, isn't what was sealed."""


class Inconsistent(Failed):
    """The older checkpoint isn't the beginning of the newer one: history was rewritten."""


EXIT_CODES = {Malformed: 3, OtherKey: 4, OtherTree: 5, Tampered: 6, Inconsistent: 7}


class Statement(NamedTuple):
    """What a checkpoint states: the first ``size`` entries of the log come to ``root``."""

    origin: str
    size: int
    root: bytes


def open_checkpoint(note: str, vkey: str) -> Statement:
    """What *note* states, once its signature by *vkey* (``name+id+key``) is found to be good."""
    name, _, rest = vkey.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _bytes(encoded, 33)
    if key[0] != 1 or sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_id:
        raise Malformed("This is not a whole public key of the form name+id+key (Ed25519).")
    signer = Ed25519PublicKey.from_public_bytes(key[1:])
    text, _, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if len(lines) < 3 or not lines[1].isdecimal() or len(lines[1]) > 19:
        raise Malformed("This is not a checkpoint.")
    for line in signatures.splitlines():
        if line.startswith(f"\u2014 {name} "):
            signature = _bytes(line.rpartition(" ")[2], 68)
            if signature[:4].hex() == key_id:
                with suppress(InvalidSignature):
                    signer.verify(signature[4:], f"{text}\n".encode())
                    return Statement(lines[0], int(lines[1]), _bytes(lines[2], 32))
    raise OtherKey("This key didn't sign the checkpoint, or the checkpoint was changed since.")


def check_proof(proof: Any, checkpoint: Statement, vkey: str) -> None:
    """See that the entry of *proof* stands in the tree of *checkpoint*."""
    try:
        if proof["format"] != "e-points proof 1":
            raise Malformed("This is not the proof of an entry.")
        sealed = entry_bytes(proof["entry"], _bytes(proof["salt"], 16))
        index, path = proof["index"], [_bytes(h, 32) for h in proof["hashes"]]
        inside = 0 <= index < checkpoint.size
        meant = open_checkpoint(proof["checkpoint"], vkey)
    except UNFIT:
        raise Malformed("The proof lacks something, or has something that doesn't fit.") from None
    if meant != checkpoint:
        raise OtherTree(f"The proof is for the {meant.size} entries of {meant.origin}.")
    leaf = sha256(b"\x00" + sealed).digest()
    if not inside or _climbed(leaf, index, checkpoint.size - 1, path)[1] != checkpoint.root:
        raise Tampered("The entry is not what was sealed: it doesn't lead to the signed root.")


def check_consistency(proof: Any, older: Statement, newer: Statement) -> None:
    """See that the tree of *older* is the beginning of the tree of *newer*."""
    try:
        if proof["format"] != "e-points consistency 1":
            raise Malformed("This is not a consistency proof.")
        sizes, path = (proof["older"], proof["newer"]), [_bytes(h, 32) for h in proof["hashes"]]
    except UNFIT:
        raise Malformed("The consistency proof lacks something.") from None
    if older.origin != newer.origin or sizes != (older.size, newer.size):
        raise OtherTree("The consistency proof is for other checkpoints than the two given.")
    if not 0 < older.size <= newer.size or not _grew(older, newer, path):
        raise Inconsistent(f"The first {older.size} entries are no longer those that were sealed.")


def entry_bytes(entry: dict[str, Any], salt: bytes) -> bytes:
    """The bytes that were sealed: each field after its length in two bytes, big-endian."""
    if set(entry) != {*NUMBERS, *MOMENTS, "kind", "reason"}:
        raise Malformed("The entry has other fields than a transfer's.")
    numbers = [entry[name] or 0 for name in NUMBERS]
    since = [datetime.fromisoformat(entry[name]) - EPOCH for name in MOMENTS]
    numbers += [elapsed // timedelta(microseconds=1) for elapsed in since]
    fields = [number.to_bytes(8, "big", signed=True) for number in numbers]
    fields += [sha256(salt + entry["reason"].encode()).digest(), entry["kind"].encode()]
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


def _grew(older: Statement, newer: Statement, path: list[bytes]) -> bool:
    """Whether *path* leads from one node to both roots: RFC 9162, section 2.1.4."""
    if older.size == newer.size:
        return not path and older.root == newer.root
    # The largest whole branch that ends the older tree; if it is all of it, its root is known.
    level = (older.size & -older.size).bit_length() - 1
    index, last = (older.size - 1) >> level, (newer.size - 1) >> level
    path = path if index else [older.root, *path]
    return bool(path) and _climbed(path[0], index, last, path[1:]) == (older.root, newer.root)


def _climbed(node: bytes, index: int, last: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """The roots over all up to a node and over the whole tree: RFC 9162, section 2.1.3.

    The node is number *index* of its level of the tree, *last* is the last number there.
    """
    inner = (index ^ last).bit_length()
    if len(path) != inner + (index >> inner).bit_count():
        return b"", b""
    before = whole = node
    for height, other in enumerate(path):
        if height >= inner or index >> height & 1:
            before, whole = _parent(other, before), _parent(other, whole)
        else:
            whole = _parent(whole, other)
    return before, whole


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _bytes(text: str, length: int) -> bytes:
    with suppress(ValueError, TypeError):
        found = b64decode(text, validate=True)
        if len(found) == length:
            return found
    raise Malformed(f"Something that should be {length} bytes in base64 is not.")


def _read(path: str, read: Any = str) -> Any:
    try:
        return read(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Malformed(f"{path} can't be read: {error}.") from None


def _run(given: argparse.Namespace) -> None:
    key = _read(given.key) if Path(given.key).exists() else given.key
    checkpoint = open_checkpoint(_read(given.checkpoint), key)
    print(f"Signed by this key: {checkpoint.size} entries of {checkpoint.origin}.")
    if given.older:
        older = open_checkpoint(_read(given.older), key)
        check_consistency(_read(given.consistency, json.loads), older, checkpoint)
        print(f"Its first {older.size} entries are those of the older checkpoint, unchanged.")
    if given.proof:
        proof = _read(given.proof, json.loads)
        check_proof(proof, checkpoint, key)
        print(f"The entry of the proof is the {proof['index'] + 1}. of them, as it was sealed.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Check proofs of the sealed log.")
    parser.add_argument("--key", required=True, help="the log's public key, or a file with it")
    parser.add_argument("--checkpoint", required=True, help="a signed checkpoint")
    parser.add_argument("--proof", help="the proof of an entry, for this checkpoint")
    parser.add_argument("--older", help="an older checkpoint, kept since then")
    parser.add_argument("--consistency", help="the proof that leads from the older one")
    given = parser.parse_args()
    if bool(given.older) != bool(given.consistency):
        parser.error("--older and --consistency belong together")
    try:
        _run(given)
    except Failed as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        return EXIT_CODES[type(failure)]
    return 0


if __name__ == "__main__":
    sys.exit(main())
