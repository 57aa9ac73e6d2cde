"""What is sealed of a transfer: a leaf's entry, the same bytes on every database.

Each field is preceded by its length in two bytes. Numbers have eight bytes, big-endian;
moments are microseconds since 1970 in UTC; "reverses nothing" is 0. The reason is personal,
so only SHA-256(salt ‖ reason) is sealed: it also hides the rest of the entry, and the words
could be forgotten without breaking the tree.
"""

import struct
from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, text


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
# The id; all that is hashed before the hidden reason; the kind; the reason.
Packed = tuple[int, bytes, str, str]

# It begins with the zero that RFC 6962 puts before a leaf.
_HEAD = struct.Struct(">xHqHqHqHqHqHqHqHqH")

_MICROSECONDS = {
    # A double holds microseconds to the unit until 2255, and is far quicker than a numeric.
    "postgresql": "CAST(date_part('epoch', {0}) * 1000000 AS bigint)",
    # Kept as text, always in UTC and with six digits after the point.
    "sqlite": "CAST(strftime('%s', {0}) AS INTEGER) * 1000000 + CAST(substr({0}, 21) AS INTEGER)",
}
_MOMENT = _MICROSECONDS["postgresql"].format
_NUMBERS = ("id", "operation_id", "debit_id", "credit_id", "amount", "coalesce(reverses_id, 0)")
_FIELDS = [f"int8send({n})" for n in (*_NUMBERS, _MOMENT("happened_at"), _MOMENT("recorded_at"))]
_BETWEEN = r" || '\x0008' || "
_HEAD_BY_POSTGRESQL = rf"'\x000008'::bytea || {_BETWEEN.join(_FIELDS)} || '\x0020'"


def salt_of(transfer_id: int, salt_key: bytes) -> bytes:
    """The transfer's own salt. Showing it gives no other transfer's away."""
    return blake2b(transfer_id.to_bytes(8, "big"), key=salt_key, digest_size=16).digest()


def packed(row: Row) -> Packed:
    """What is hashed of the row (an :class:`Entry` or a plain tuple in its order)."""
    id_, operation, kind, debit, credit, amount, reverses, happened, recorded, reason = row
    # fmt: off
    head = _HEAD.pack(
        8, id_, 8, operation, 8, debit, 8, credit, 8, amount, 8, reverses,
        8, happened, 8, recorded, 32,
    )
    # fmt: on
    return id_, head, kind, reason


def leaf_hashes(rows: Sequence[Packed], salt_key: bytes) -> list[bytes]:
    """The leaf of each row.

    Millions are hashed in a row, so this is one loop without calls of its own.
    """
    keyed = blake2b(key=salt_key, digest_size=16)
    kinds = {kind: _prefixed(kind.encode()) for kind in {row[2] for row in rows}}
    leaves: list[bytes] = []
    add = leaves.append
    for id_, head, kind, reason in rows:
        salt = keyed.copy()
        salt.update(id_.to_bytes(8, "big"))
        hidden = sha256(salt.digest() + reason.encode()).digest()
        add(sha256(head + hidden + kinds[kind]).digest())
    return leaves


def _prefixed(field: bytes) -> bytes:
    return len(field).to_bytes(2, "big") + field


def read(connection: Connection, after: int, through: int, limit: int) -> list[Row]:
    """Up to *limit* entries, by id, of the transfers after one and through another."""
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


def read_packed(connection: Connection, after: int, through: int, limit: int) -> list[Packed]:
    """The same transfers as :func:`read`, as they are hashed.

    PostgreSQL packs them itself, and its driver hands them over as they are: a tuple of ten
    numbers for each would take longer than the hashing.
    """
    if connection.dialect.name != "postgresql":
        return [packed(row) for row in read(connection, after, through, limit)]
    driver: Any = connection.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        cursor.execute(
            f"SELECT id, {_HEAD_BY_POSTGRESQL}, kind, reason FROM transfer "
            "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
            (after, through, limit),
        )
        return cast(list[Packed], cursor.fetchall())
