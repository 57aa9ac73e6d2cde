"""The lowest tiles against the transfers: every leaf is hashed anew, by all processors if asked.

Helpers say of each stretch of tiles whether it is intact. Sealed rows never change, so a helper
may read on a connection of its own; whatever it finds odd is looked at again in the one state
that the whole run sees.
"""

import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from typing import NamedTuple

from sqlalchemy import Engine, Row, create_engine, func, select
from sqlalchemy.orm import Session

from rewards.errors import N_
from rewards.ledger.archive.model import Archive
from rewards.ledger.drift import Drift
from rewards.ledger.seals import entries, tiles
from rewards.ledger.seals.model import SealLog, SealTile

AT_ONCE = 64  # tiles; with their transfers they take some ten megabytes
MANY = 50_000  # transfers; fewer are hashed in a moment

TILE_GONE = N_("The seals' tile %(id)s of level %(kept)s is gone.")
TILE_ROOT = N_("The seals' tile %(id)s of level %(kept)s doesn't come to its own root.")
SEALED = N_("Transfer %(id)s is not what was sealed.")
SEALED_GONE = N_("%(kept)s transfers up to %(id)s were sealed together, %(rebuilt)s are there.")


class Stretch(NamedTuple):
    """Tiles from one number up to another, the transfers after an id; archived ones have none."""

    first: int
    until: int
    after: int
    archived: bool


Tile = Row[int, int, bytes, bytes]


@contextmanager
def helping(transfers: int) -> Iterator[Executor | None]:
    """Helpers, one for each processor, if so many transfers are worth it.

    They are forks, and start at once: connect to the database afterwards.
    """
    if transfers < MANY:
        yield None
        return
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as helpers:
        helpers.submit(os.getpid).result()
        yield helpers


@contextmanager
def hashing(session: Session, helpers: Executor | None) -> Iterator[Iterator[tuple[Stretch, bool]]]:
    """Begin to hash; inside, each stretch in order and whether it is intact.

    Helpers hash while the caller does something else.
    """
    log = session.get(SealLog, 1)
    stretches = list(_stretches(session)) if log else []
    if log is None or helpers is None:
        yield ((s, log is not None and intact(session, log.salt_key, s)) for s in stretches)
        return
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    answers = [_asked(helpers, url, log.salt_key, s) for s in stretches]
    try:
        yield ((s, _answer(found)) for s, found in zip(stretches, answers, strict=True))
    finally:
        for answer in answers:
            answer.cancel()


def _asked(helpers: Executor, url: str, salt_key: bytes, stretch: Stretch) -> Future[bool]:
    try:
        return helpers.submit(_help, url, salt_key, stretch)
    except BrokenExecutor as error:
        died: Future[bool] = Future()
        died.set_exception(error)
        return died


def _help(url: str, salt_key: bytes, stretch: Stretch) -> bool:
    """In a helper's process: :func:`intact`, on a connection of its own."""
    with Session(_engine(url)) as session:
        return intact(session, salt_key, stretch)


@cache
def _engine(url: str) -> Engine:
    return create_engine(url)


def _answer(found: Future[bool]) -> bool:
    """What a helper found; of one that died, that it is odd."""
    try:
        return found.result()
    except BrokenExecutor:
        return False


def drifts(session: Session, stretch: Stretch) -> Iterator[Drift]:
    """Where a stretch isn't what its transfers come to, tile by tile: one lost row shifts no
    other."""
    salt_key = session.get_one(SealLog, 1).salt_key
    stored = {tile.number: tile for tile in _stored(session, stretch)}
    after = stretch.after
    for number in range(stretch.first, stretch.until):
        tile = stored.get(number)
        if tile is None:
            yield Drift("tile", number, 0, "", TILE_GONE)
            continue
        if _root(tile.hashes) != tile.root:
            yield Drift("tile", number, 0, "", TILE_ROOT)
        if not stretch.archived:
            yield from _of_tile(session, salt_key, after, tile)
        after = tile.through_id


def archived(session: Session) -> tuple[int, int]:
    """How many tiles are in archives, and the last transfer that is."""
    row = session.execute(select(func.max(Archive.last_leaf), func.max(Archive.last_id))).one()
    return (0, 0) if row[0] is None else ((row[0] + 1) // tiles.WIDTH, row[1])


def intact(session: Session, salt_key: bytes, stretch: Stretch) -> bool:
    """Whether the tiles are there, come to their roots, and are what the transfers come to."""
    stored, width = _stored(session, stretch), tiles.WIDTH
    whole = [tile.number for tile in stored] == list(range(stretch.first, stretch.until))
    if not whole or any(_root(tile.hashes) != tile.root for tile in stored):
        return False
    if stretch.archived:
        return True
    through, most = stored[-1].through_id, len(stored) * width + 1
    rows = entries.read_packed(session.connection(), stretch.after, through, most)
    return (
        len(rows) == len(stored) * width
        and all(rows[i * width - 1][0] == tile.through_id for i, tile in enumerate(stored, 1))
        and b"".join(entries.leaf_hashes(rows, salt_key)) == b"".join(t.hashes for t in stored)
    )


def _stretches(session: Session) -> Iterator[Stretch]:
    """All full leaf tiles, some at once; those in archives apart."""
    full, (here, after) = tiles.last(session)[0], archived(session)
    for first in range(0, here, AT_ONCE):
        yield Stretch(first, min(first + AT_ONCE, here), 0, archived=True)
    number = ((SealTile.number - here) // AT_ONCE).label("stretch")
    query = select(number, func.max(SealTile.through_id)).where(SealTile.level == 0)
    through = dict(session.execute(query.group_by("stretch")).all())
    for stretch, first in enumerate(range(here, full, AT_ONCE)):
        yield Stretch(first, min(first + AT_ONCE, full), after, archived=False)
        after = through.get(stretch, after)


def _stored(session: Session, stretch: Stretch) -> list[Tile]:
    query = select(SealTile.number, SealTile.through_id, SealTile.root, SealTile.hashes).where(
        SealTile.level == 0, SealTile.number >= stretch.first, SealTile.number < stretch.until
    )
    return list(session.execute(query.order_by(SealTile.number)))


def _of_tile(session: Session, salt_key: bytes, after: int, tile: Tile) -> Iterator[Drift]:
    width = tiles.WIDTH
    rows = entries.read_packed(session.connection(), after, tile.through_id, width * width)
    if len(rows) != width or rows[-1][0] != tile.through_id:
        yield Drift("sealed", tile.through_id, width, len(rows), SEALED_GONE)
        return
    for index, (row, leaf) in enumerate(
        zip(rows, entries.leaf_hashes(rows, salt_key), strict=True)
    ):
        kept = tile.hashes[32 * index : 32 * index + 32]
        if leaf != kept:
            yield Drift("sealed", row[0], kept.hex(), leaf.hex(), SEALED)


def _root(hashes: bytes) -> bytes:
    """The root over leaf hashes that stand side by side; their number is a power of two."""
    while len(hashes) > 32:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 64)]
        )
    return hashes
