"""The tree over stored tiles: any root or proof from few small rows and the unstored tail."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rewards.ledger.seals import tree
from rewards.ledger.seals.model import SealTile

WIDTH = 256
_BITS = 8
_HASH = 32


class Missing(Exception):
    """Leaves that were sealed are no longer there."""


class Tiles:
    """Roots and proofs over the *full* leaf tiles of a log and its *tail*, the leaf hashes after
    them (fewer than a tile)."""

    def __init__(self, session: Session, full: int, tail: Sequence[bytes]) -> None:
        self._session = session
        self._full = full
        self._tail = tail

    @property
    def size(self) -> int:
        return self._full * WIDTH + len(self._tail)

    def root(self, size: int) -> bytes:
        """The root of the first *size* leaves."""
        return self._range(0, self._held(size))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return tree.inclusion(index, self._held(size), self._range)

    def consistency(self, older: int, newer: int) -> list[bytes]:
        return tree.consistency(older, self._held(newer), self._range)

    def find(self, transfer_id: int, leaf: bytes) -> int:
        """Where the *leaf* of a transfer stands; only where its id belongs is looked."""
        number = holding(self._session, transfer_id)
        leaves = self._tail if number is None else leaves_of(self._session, number)
        if leaf not in leaves:
            raise Missing(f"the leaf of transfer {transfer_id} is not in its place")
        return (self._full if number is None else number) * WIDTH + leaves.index(leaf)

    def beside(self, start: int, end: int, size: int) -> list[bytes]:
        return tree.beside(start, end, self._held(size), self._range)

    def _held(self, size: int) -> int:
        if size > self.size:
            raise Missing(f"{size} leaves were sealed, {self.size} are there")
        return size

    def _range(self, start: int, end: int) -> bytes:
        """The hash of the leaves from *start* up to *end*, a whole branch of the tree."""
        if end - start < WIDTH:
            return tree.root(self._leaves(start, end))
        if (end - start) & (end - start - 1):
            middle = start + tree.split(end - start)
            return tree.node_hash(self._range(start, middle), self._range(middle, end))
        level = ((end - start).bit_length() - 1) // _BITS - 1
        shift = _BITS * (level + 1)
        return tree.root(self._roots(level, start >> shift, end >> shift))

    def _leaves(self, start: int, end: int) -> Sequence[bytes]:
        tile, first = divmod(start, WIDTH)
        hashes = self._tail if tile == self._full else leaves_of(self._session, tile)
        return hashes[first : first + end - start]

    def _roots(self, level: int, start: int, end: int) -> list[bytes]:
        query = (
            select(SealTile.root)
            .where(SealTile.level == level, SealTile.number >= start, SealTile.number < end)
            .order_by(SealTile.number)
        )
        roots = list(self._session.scalars(query))
        if len(roots) != end - start:
            raise Missing(f"tiles {start} to {end - 1} of level {level} are not all there")
        return roots


def leaves_of(session: Session, number: int) -> list[bytes]:
    """The 256 leaf hashes of a full tile."""
    hashes = session.scalar(
        select(SealTile.hashes).where(SealTile.level == 0, SealTile.number == number)
    )
    if hashes is None:
        raise Missing(f"tile {number} of level 0 is not there")
    return [hashes[i : i + _HASH] for i in range(0, WIDTH * _HASH, _HASH)]


def last(session: Session) -> tuple[int, int]:
    """How many leaf tiles are full, and the last transfer under them (0 if none is)."""
    query = select(SealTile.number, SealTile.through_id).where(SealTile.level == 0)
    row = session.execute(query.order_by(SealTile.number.desc()).limit(1)).first()
    return (0, 0) if row is None else (row.number + 1, row.through_id)


def holding(session: Session, transfer_id: int) -> int | None:
    """The number of the full leaf tile whose stretch of ids the transfer lies in."""
    query = select(SealTile.number).where(SealTile.level == 0, SealTile.through_id >= transfer_id)
    return session.scalar(query.order_by(SealTile.through_id).limit(1))


def store(session: Session, first: int, leaves: Sequence[bytes], ids: Sequence[int]) -> None:
    """Keep *leaves*, which fill tiles from number *first* on, and the tiles that they complete.

    *ids* are the transfers of the leaves.
    """
    level = 0
    hashes = list(leaves)
    through = list(ids)
    while hashes:
        made = list(_made(level, first, hashes, through))
        if not made:
            return
        session.execute(insert(SealTile), made)
        # A tile above is due when its last child was made; its earlier ones may be older.
        first, until = first // WIDTH, (first + len(made)) // WIDTH
        session.flush()
        children = select(SealTile.root, SealTile.through_id).where(
            SealTile.level == level,
            SealTile.number >= first * WIDTH,
            SealTile.number < until * WIDTH,
        )
        rows = session.execute(children.order_by(SealTile.number)).all()
        hashes, through = [row.root for row in rows], [row.through_id for row in rows]
        level += 1


def _made(
    level: int, first: int, hashes: Sequence[bytes], through: Sequence[int]
) -> Iterable[dict[str, object]]:
    for start in range(0, len(hashes) - WIDTH + 1, WIDTH):
        part = hashes[start : start + WIDTH]
        yield {
            "level": level,
            "number": first + start // WIDTH,
            "through_id": through[start + WIDTH - 1],
            "root": tree.root(part),
            "hashes": b"".join(part),
        }
