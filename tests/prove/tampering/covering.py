"""How a crime is covered up, each way going further than the one before."""

from collections.abc import Callable
from random import Random

from sqlalchemy import ColumnElement, ScalarSelect, Update, delete, func, select, update
from sqlalchemy.orm import Session

from rewards.ledger.archive.model import ArchivedLot
from rewards.ledger.checks.wallets import moved
from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import Balance, Lot, LotEntry
from rewards.ledger.seals import Signer, checkpoints, entries, tiles
from rewards.ledger.seals.model import Checkpoint, SealedSum, SealLog, SealTile
from tests.conftest import START
from tests.prove.tampering.victim import ORIGIN, Victim, signer_of

Cover = Callable[[Victim, Session, Random], None]


def leave_it(wronged: Victim, session: Session, rng: Random) -> None:
    """Not covered up at all."""


def cook_the_books(wronged: Victim, session: Session, rng: Random) -> None:
    """Every balance and every lot agrees with the transfers that are there now."""
    entered = _sum(LotEntry.change, LotEntry.lot_id == Lot.id)
    archived = _sum(ArchivedLot.change, ArchivedLot.lot_id == Lot.id)
    held = (
        select(func.coalesce(func.sum(HoldLot.amount), 0))
        .join(Hold, Hold.id == HoldLot.hold_id)
        .where(HoldLot.lot_id == Lot.id, not_ended())
        .scalar_subquery()
    )
    _quietly(session, update(Lot).values(remaining=entered + archived - held))
    sums = moved()
    total = select(sums.c.total).where(sums.c.account_id == Balance.account_id).scalar_subquery()
    _quietly(session, update(Balance).values(posted=func.coalesce(total, 0)))
    session.execute(delete(SealedSum))


def _sum(column: ColumnElement[int], where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.coalesce(func.sum(column), 0)).where(where).scalar_subquery()


def _quietly(session: Session, statement: Update) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def seal_again_with_another_key(wronged: Victim, session: Session, rng: Random) -> None:
    """All hashes are computed anew, and the old checkpoints replaced."""
    cook_the_books(wronged, session, rng)
    _seal_again(wronged, session, signer_of(2))


def seal_again_with_the_same_key(wronged: Victim, session: Session, rng: Random) -> None:
    """The key was stolen too."""
    cook_the_books(wronged, session, rng)
    _seal_again(wronged, session, wronged.signer)


def _seal_again(wronged: Victim, session: Session, signer: Signer) -> None:
    """As sealing does it, for the checkpoints that there were."""
    session.execute(delete(SealTile))
    session.execute(delete(Checkpoint))
    log = session.get(SealLog, 1, populate_existing=True)
    if log is None:
        log = SealLog(id=1, origin=ORIGIN, salt_key=bytes(32), made_at=START)
        session.add(log)
    session.flush()
    rows = entries.read_packed(session.connection(), 0, wronged.sealed, 10**6)
    leaves = entries.leaf_hashes(rows, log.salt_key)
    ids = [row[0] for row in rows]
    full = len(leaves) // tiles.WIDTH
    tiles.store(session, 0, leaves[: full * tiles.WIDTH], ids[: full * tiles.WIDTH])
    held = tiles.Tiles(session, full, leaves[full * tiles.WIDTH :])
    for through in (wronged.known, wronged.sealed):
        size = sum(i <= through for i in ids)
        if size and session.get(Checkpoint, size) is None:
            root = held.root(size)
            body = checkpoints.body(log.origin, size, root)
            session.add(
                Checkpoint(
                    size=size,
                    through_id=ids[size - 1],
                    root=root,
                    note=signer.note(log.origin, body),
                    key=signer.vkey(log.origin),
                    made_at=START,
                )
            )
            session.flush()


COVERS: tuple[Cover, ...] = (
    leave_it,
    cook_the_books,
    seal_again_with_another_key,
    seal_again_with_the_same_key,
)
