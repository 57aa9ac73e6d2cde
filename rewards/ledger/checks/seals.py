"""The seals against the transfers: every root is computed anew and compared.

Of archived tiles only the hashes are here; their entries are proved by the archive's file.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards import sealcheck
from rewards.errors import N_
from rewards.ledger.checks import leaves
from rewards.ledger.checks.leaves import TILE_GONE, TILE_ROOT, Stretch
from rewards.ledger.drift import Drift
from rewards.ledger.model import Transfer
from rewards.ledger.seals import entries, tiles, tree
from rewards.ledger.seals.model import Checkpoint, SealLog, SealTile
from rewards.ledger.seals.tiles import Tiles

ROOT = N_("The checkpoint of %(id)s transfers is not what the transfers come to.")
SIGNATURE = N_("The checkpoint of %(id)s transfers is not signed by its key.")
SEALED_COUNT = N_("The last checkpoint is of %(kept)s transfers, and %(rebuilt)s are there.")
OUTSIDE_UNSEALED = N_("There is a checkpoint from outside, but nothing is sealed here.")
OUTSIDE_KEY = N_("The checkpoint from outside is not signed by a key that was used here.")
OUTSIDE_LOG = N_("The checkpoint from outside is of the log %(kept)s; this is %(rebuilt)s.")
OUTSIDE_ROOT = N_(
    "The first %(id)s transfers are not those of the checkpoint from outside: history was changed."
)


def sealed_leaves(session: Session) -> int:
    """How many leaves full tiles have."""
    return tiles.last(session)[0] * tiles.WIDTH


def seals(
    session: Session,
    outside: str | None,
    hashed: Iterable[tuple[Stretch, bool]],
    progress: Callable[[int], None],
) -> Iterator[Drift]:
    """Every drift between the seals and the transfers.

    *outside* is a checkpoint kept elsewhere, *hashed* what :func:`leaves.hashing` found.

    Raises:
        sealcheck.Malformed: *outside* is no checkpoint.
    """
    log = session.get(SealLog, 1)
    if log is not None:
        for stretch, sound in hashed:
            progress(stretch.first * tiles.WIDTH)
            if not sound:
                yield from leaves.drifts(session, stretch)
        yield from _upper_tiles(session)
        yield from _checkpoints(session, log)
    if outside is not None:
        yield from _outside(session, log, outside)


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
        counted = (session.scalar(there) or 0) + leaves.archived(session)[0] * tiles.WIDTH
        if counted != newest.size:
            yield Drift("sealed transfers", newest.size, newest.size, counted, SEALED_COUNT)


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
    rows = entries.read_packed(session.connection(), after, through, tiles.WIDTH - 1)
    return Tiles(session, full, entries.leaf_hashes(rows, log.salt_key))


def _root(held: Tiles, size: int) -> bytes | None:
    try:
        return held.root(size)
    except tiles.Missing:
        return None
