"""What is sealed of a transfer: a leaf's entry, the same bytes on every database.

Each field is preceded by its length in two bytes. Numbers have eight bytes, big-endian;
moments are microseconds since 1970 in UTC; "reverses nothing" is 0. The reason is personal,
so only SHA-256(salt ‖ reason) is sealed: it also hides the rest of the entry, and the words
could be forgotten without breaking the tree.
"""

import struct
from collections.abc import Iterable
from hashlib import blake2b, sha256
from typing import NamedTuple, cast

from sqlalchemy import Connection, text

_FIELDS = struct.Struct(">HqHqHqHqHqHqHqHqH32sH")


class Entry(NamedTuple):
    """A transfer as it is sealed; ``happened`` and ``recorded`` in microseconds."""

    id: int
    operation: int
    kind: str
    debit: int
    credit: int
    amount: int
    reverses: int
    happened: int
    recorded: int
    reason: str


Row = tuple[int, int, str, int, int, int, int, int, int, str]


def salt_of(transfer_id: int, salt_key: bytes) -> bytes:
    """The transfer's own salt. Showing it gives no other transfer's away."""
    return blake2b(transfer_id.to_bytes(8, "big"), key=salt_key, digest_size=16).digest()


def leaf_hashes(rows: Iterable[Row], salt_key: bytes) -> list[bytes]:
    """The leaf of each row (an :class:`Entry` or a plain tuple in its order).

    Millions are hashed in a row, so this is one loop without calls of its own.
    """
    keyed, pack = blake2b(key=salt_key, digest_size=16), _FIELDS.pack
    leaves: list[bytes] = []
    add = leaves.append
    for row in rows:
        id_, operation, kind, debit, credit, amount, reverses, happened, recorded, reason = row
        salt = keyed.copy()
        salt.update(id_.to_bytes(8, "big"))
        hidden = sha256(salt.digest() + reason.encode()).digest()
        kind_ = kind.encode()
        # fmt: off
        fields = pack(
            8, id_, 8, operation, 8, debit, 8, credit, 8, amount, 8, reverses,
            8, happened, 8, recorded, 32, hidden, len(kind_),
        )
        # fmt: on
        add(sha256(b"\x00" + fields + kind_).digest())
    return leaves


_MICROSECONDS = {
    # A double holds microseconds to the unit until 2255, and is far quicker than a numeric.
    "postgresql": "CAST(date_part('epoch', {0}) * 1000000 AS bigint)",
    # Kept as text, always in UTC and with six digits after the point.
    "sqlite": "CAST(strftime('%s', {0}) AS INTEGER) * 1000000 + CAST(substr({0}, 21) AS INTEGER)",
}


def read(connection: Connection, after: int, through: int, limit: int) -> list[Row]:
    """Up to *limit* entries, by id, of the transfers after one and through another.

    The rows are the driver's own: what an ORM would add takes longer than the hashing.
    """
    moment = _MICROSECONDS[connection.dialect.name].format
    statement = text(
        "SELECT id, operation_id, kind, debit_id, credit_id, amount, coalesce(reverses_id, 0), "
        f"{moment('happened_at')}, {moment('recorded_at')}, reason FROM transfer "
        "WHERE id > :after AND id <= :through ORDER BY id LIMIT :limit"
    )
    found = connection.execute(statement, {"after": after, "through": through, "limit": limit})
    assert found.cursor is not None
    rows = cast(list[Row], found.cursor.fetchall())
    found.close()
    return rows
