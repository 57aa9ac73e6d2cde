"""The seals against the transfers: every leaf is hashed anew, every root computed and compared.

Of archived tiles only the hashes are here; their entries are proved by the archive's file.
"""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from rewards import sealcheck
from rewards.errors import N_
from rewards.ledger.archive.model import Archive
from rewards.ledger.checks.wallets import moved
from rewards.ledger.drift import Drift
from rewards.ledger.model import Transfer
from rewards.ledger.seals import entries, sums, tiles, tree
from rewards.ledger.seals.model import Checkpoint, SealedSum, SealLog, SealTile
from rewards.ledger.seals.tiles import Tiles

AT_ONCE = 64  # tiles; with their transfers they take some ten megabytes

TILE_GONE = N_("The seals' tile %(id)s of level %(kept)s is gone.")
TILE_ROOT = N_("The seals' tile %(id)s of level %(kept)s doesn't come to its own root.")
SEALED = N_("Transfer %(id)s is not what was sealed.")
SEALED_GONE = N_("%(kept)s transfers up to %(id)s were sealed together, %(rebuilt)s are there.")
ROOT = N_("The checkpoint of %(id)s transfers is not what the transfers come to.")
SIGNATURE = N_("The checkpoint of %(id)s transfers is not signed by its key.")
SEALED_SUM = N_("Account %(id)s counts %(kept)s points from its last seal on, and has %(rebuilt)s.")
SEALED_COUNT = N_("The last checkpoint is of %(kept)s transfers, and %(rebuilt)s are there.")
OUTSIDE_UNSEALED = N_("There is a checkpoint from outside, but nothing is sealed here.")
OUTSIDE_KEY = N_("The checkpoint from outside is not signed by a key that was used here.")
OUTSIDE_LOG = N_("The checkpoint from outside is of the log %(kept)s; this is %(rebuilt)s.")
OUTSIDE_ROOT = N_(
    "The first %(id)s transfers are not those of the checkpoint from outside: history was changed."
)


def sealed_leaves(session: Session) -> int:
    """How many leaves there are to be hashed."""
    return (tiles.last(session)[0] - _archived(session)[0]) * tiles.WIDTH


def seals(
    session: Session, outside: str | None, progress: Callable[[int], None]
) -> Iterator[Drift]:
    """Every drift between the seals and the transfers; *outside* is a checkpoint kept elsewhere.

    Raises:
        sealcheck.Malformed: *outside* is no checkpoint.
    """
    log = session.get(SealLog, 1)
    if log is not None:
        yield from _leaf_tiles(session, log.salt_key, progress)
        yield from _upper_tiles(session)
        yield from _checkpoints(session, log)
        yield from _sums(session)
    if outside is not None:
        yield from _outside(session, log, outside)


def _leaf_tiles(
    session: Session, salt_key: bytes, progress: Callable[[int], None]
) -> Iterator[Drift]:
    """The lowest tiles, in stretches: their leaves made anew from the transfers they cover."""
    full = tiles.last(session)[0]
    first_here, after = _archived(session)
    for first in range(0, full, AT_ONCE):
        progress(max(0, first - first_here) * tiles.WIDTH)
        stored = session.execute(
            select(SealTile.number, SealTile.through_id, SealTile.root, SealTile.hashes)
            .where(SealTile.level == 0, SealTile.number >= first, SealTile.number < first + AT_ONCE)
            .order_by(SealTile.number)
        ).all()
        for number in set(range(first, min(first + AT_ONCE, full))) - {t.number for t in stored}:
            yield Drift("tile", number, 0, "", TILE_GONE)
        for tile in stored:
            if tree.root(_parted(tile.hashes)) != tile.root:
                yield Drift("tile", tile.number, 0, "", TILE_ROOT)
        here = [tile for tile in stored if tile.number >= first_here]
        if here:
            yield from _leaves(session, salt_key, after, here)
            after = here[-1].through_id


Stored = Sequence[Row[int, int, bytes, bytes]]


def _leaves(session: Session, salt_key: bytes, after: int, stored: Stored) -> Iterator[Drift]:
    """Where a stretch of tiles isn't what its transfers come to, tile by tile."""
    last = stored[-1].through_id
    rows = entries.read(session.connection(), after, last, len(stored) * tiles.WIDTH + 1)
    hashes = entries.leaf_hashes(rows, salt_key)
    if b"".join(hashes) == b"".join(tile.hashes for tile in stored) and all(
        rows[i * tiles.WIDTH - 1][0] == tile.through_id for i, tile in enumerate(stored, 1)
    ):
        return
    # Something differs: now every tile is read by itself, so that one lost row shifts no other.
    for tile in stored:
        rows = entries.read(session.connection(), after, tile.through_id, tiles.WIDTH * tiles.WIDTH)
        found, sealed = entries.leaf_hashes(rows, salt_key), _parted(tile.hashes)
        if len(rows) != tiles.WIDTH or rows[-1][0] != tile.through_id:
            yield Drift("sealed", tile.through_id, tiles.WIDTH, len(rows), SEALED_GONE)
        elif found != sealed:
            for row, leaf, kept in zip(rows, found, sealed, strict=True):
                if leaf != kept:
                    yield Drift("sealed", row[0], kept.hex(), leaf.hex(), SEALED)
        after = tile.through_id


def _upper_tiles(session: Session) -> Iterator[Drift]:
    """A tile above has the roots of the 256 below it, as far as these fill it."""
    level, below = 1, tiles.last(session)[0]
    while below := below // tiles.WIDTH:
        for number in range(below):
            stored = session.get(SealTile, (level, number))
            roots = session.scalars(
                select(SealTile.root)
                .where(
                    SealTile.level == level - 1,
                    SealTile.number >= number * tiles.WIDTH,
                    SealTile.number < (number + 1) * tiles.WIDTH,
                )
                .order_by(SealTile.number)
            ).all()
            if stored is None:
                yield Drift("tile", number, level, "", TILE_GONE)
            elif stored.hashes != b"".join(roots) or stored.root != tree.root(roots):
                yield Drift("tile", number, level, "", TILE_ROOT)
        level += 1


def _checkpoints(session: Session, log: SealLog) -> Iterator[Drift]:
    stored = session.scalars(select(Checkpoint).order_by(Checkpoint.size)).all()
    held = _tree(session, log)
    for checkpoint in stored:
        size, root = checkpoint.size, checkpoint.root
        if _root(held, size) != root:
            yield Drift("checkpoint", size, "", "", ROOT)
        try:
            stated = sealcheck.open_checkpoint(checkpoint.note, checkpoint.key)
        except sealcheck.Failed:
            stated = None
        if stated != sealcheck.Statement(log.origin, size, root):
            yield Drift("checkpoint", size, "", "", SIGNATURE)
    if stored:
        newest = stored[-1]
        there = select(func.count()).where(Transfer.id <= newest.through_id)
        counted = (session.scalar(there) or 0) + _archived(session)[0] * tiles.WIDTH
        if counted != newest.size:
            yield Drift("sealed transfers", newest.size, newest.size, counted, SEALED_COUNT)


def _sums(session: Session) -> Iterator[Drift]:
    """What an account counts from its last sealed sum on is what all its transfers come to."""
    all_moved = moved()
    rows = session.execute(
        select(all_moved).where(all_moved.c.account_id.in_(select(SealedSum.account_id).distinct()))
    )
    for account_id, rebuilt in rows.all():
        kept = sums.total(session, account_id)
        if kept != rebuilt:
            yield Drift("sealed sum", account_id, kept, int(rebuilt), SEALED_SUM)


def _outside(session: Session, log: SealLog | None, note: str) -> Iterator[Drift]:
    """Whether the ledger still leads to a checkpoint that was kept where nobody changed it."""
    stated = _signed(session, note)
    if stated is None:
        yield Drift("outside", 0, "", "", OUTSIDE_KEY if log else OUTSIDE_UNSEALED)
    elif log is None or stated.origin != log.origin:
        yield Drift("outside", stated.size, stated.origin, log.origin if log else "", OUTSIDE_LOG)
    elif _root(_tree(session, log), stated.size) != stated.root:
        yield Drift("outside", stated.size, "", "", OUTSIDE_ROOT)


def _signed(session: Session, note: str) -> sealcheck.Statement | None:
    """What the note states, if a key that was ever used here signed it."""
    for key in session.scalars(select(Checkpoint.key).distinct()):
        try:
            return sealcheck.open_checkpoint(note, key)
        except sealcheck.OtherKey:
            continue
    return None


def _tree(session: Session, log: SealLog) -> Tiles:
    """The tree as it is stored, and its tail from the transfers as far as the last checkpoint."""
    full, after = tiles.last(session)
    through = session.scalar(select(func.max(Checkpoint.through_id))) or 0
    rows = entries.read(session.connection(), after, through, tiles.WIDTH - 1)
    return Tiles(session, full, entries.leaf_hashes(rows, log.salt_key))


def _root(held: Tiles, size: int) -> bytes | None:
    try:
        return held.root(size)
    except tiles.Missing:
        return None


def _archived(session: Session) -> tuple[int, int]:
    """How many tiles are in archives, and the last transfer that is."""
    row = session.execute(select(func.max(Archive.last_leaf), func.max(Archive.last_id))).one()
    return (0, 0) if row[0] is None else ((row[0] + 1) // tiles.WIDTH, row[1])


def _parted(hashes: bytes) -> list[bytes]:
    return [hashes[i : i + 32] for i in range(0, len(hashes), 32)]
