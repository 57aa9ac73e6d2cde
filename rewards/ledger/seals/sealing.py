"""Sealing: settled transfers become leaves, and their root is signed. Never on the hot path.

A run reads in transactions that take no lock, hashes between them, and writes in short ones.
A run that was killed has left whole tiles behind; the next goes on from there.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from rewards.clock import Clock
from rewards.db import reading
from rewards.errors import N_, Refused
from rewards.ledger.idempotency import upsert
from rewards.ledger.model import Transfer
from rewards.ledger.seals import checkpoints, entries, sums, tiles
from rewards.ledger.seals.checkpoints import Signer
from rewards.ledger.seals.model import Checkpoint, SealLog

BATCH = 64 * tiles.WIDTH
PATIENCE = 30.0  # seconds for the transactions that were under way to end

Progress = Callable[[int], None]


class SealBroken(Refused):
    """What was sealed before is not what is there now; nothing more is sealed."""

    code = "seal_broken"
    message = N_("The transfers no longer match the last checkpoint. Run “verify” to find out why.")


class NotSettled(Refused):
    """A transaction that was under way didn't end in time; sealing again later will do."""

    code = "not_settled"
    message = N_("Some entries are still being written. Nothing was sealed; try again later.")


class SealedMeanwhile(Refused):
    """Another process sealed at the same time; what it sealed stands."""

    code = "sealed_meanwhile"
    message = N_("Another process is sealing at this moment.")


def seal(
    engine: Engine,
    signer: Signer,
    origin: str,
    clock: Clock,
    progress: Progress = lambda sealed: None,
) -> Checkpoint | None:
    """Seal all settled transfers, in transactions of its own; the checkpoint, or None if it stood.

    *progress* is told how many transfers were hashed since it was told last. *origin* names
    the log when it is begun and is not looked at again.

    Raises:
        SealBroken, NotSettled, SealedMeanwhile: no checkpoint was made.
    """
    log = _begun(engine, origin, clock())
    through = settled(engine)
    with _read(engine) as session:
        previous = latest(session)
    ready = _fill(engine, log, previous, through, progress)
    if ready.size == (previous.size if previous else 0):
        return None
    with _read(engine) as session:
        root = tiles.Tiles(session, ready.full, ready.tail).root(ready.size)
        moved = sums.moved(session, previous.through_id if previous else 0, ready.through_id)
    made = Checkpoint(
        size=ready.size,
        through_id=ready.through_id,
        root=root,
        note=signer.note(log.origin, checkpoints.body(log.origin, ready.size, root)),
        key=signer.vkey(log.origin),
        made_at=clock(),
    )
    with _alone(engine) as session:
        now_latest = latest(session)
        if (now_latest and now_latest.size) != (previous and previous.size):
            raise SealedMeanwhile
        session.add(made)
        sums.carry(session, moved, ready.through_id)
    return made


@dataclass(frozen=True)
class Ready:
    """A log up to a settled transfer: its full tiles are stored, its tail is at hand."""

    full: int
    through_id: int
    tail: Sequence[bytes]

    @property
    def size(self) -> int:
        return self.full * tiles.WIDTH + len(self.tail)


def _fill(
    engine: Engine, log: SealLog, previous: Checkpoint | None, through: int, progress: Progress
) -> Ready:
    """Hash what is settled, batch by batch, and store the tiles that it fills."""
    with _read(engine) as session:
        full, after = tiles.last(session)
    while True:
        with _read(engine) as session:
            rows = entries.read_packed(session.connection(), after, through, BATCH)
            leaves = entries.leaf_hashes(rows, log.salt_key)
            _check(session, previous, full, leaves)
        whole = len(rows) - len(rows) % tiles.WIDTH
        progress(whole or len(rows))
        if not whole:
            return Ready(full, rows[-1][0] if rows else after, leaves)
        _store(engine, full, leaves[:whole], [row[0] for row in rows[:whole]])
        full, after = full + whole // tiles.WIDTH, rows[whole - 1][0]


def settled(engine: Engine, patience: float = PATIENCE) -> int:
    """The last transfer before which none can appear any more; 0 for none.

    SQLite has one writer, so ids are in the order of commits. In PostgreSQL a transaction
    has its number before the first id of a transfer; so when all that had a number at this
    moment have ended, every id up to the highest one seen is there or will never be.

    Raises:
        NotSettled: one of them took longer than *patience* seconds.
    """
    with _read(engine) as session:
        highest = session.scalar(select(func.max(Transfer.id))) or 0
        if engine.dialect.name == "sqlite":
            return highest
        horizon = _snapshot(session, "xmax")
        deadline = time.monotonic() + patience
        while _snapshot(session, "xmin") < horizon:
            if time.monotonic() > deadline:
                raise NotSettled
            time.sleep(0.02)
        return highest


def _snapshot(session: Session, edge: str) -> int:
    query = f"SELECT CAST(CAST(pg_snapshot_{edge}(pg_current_snapshot()) AS text) AS bigint)"
    return int(session.execute(text(query)).scalar_one())


def latest(session: Session) -> Checkpoint | None:
    return session.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


def _begun(engine: Engine, origin: str, now: datetime) -> SealLog:
    with _read(engine) as session:
        log = session.get(SealLog, 1)
        if log is not None:
            return log
    with _write(engine) as session:
        # Whoever begins at the same moment begins the same log.
        session.execute(
            upsert(session)(SealLog)
            .values(id=1, origin=origin, salt_key=os.urandom(32), made_at=now)
            .on_conflict_do_nothing()
        )
        return session.get_one(SealLog, 1)


def _check(
    session: Session, previous: Checkpoint | None, full: int, leaves: Sequence[bytes]
) -> None:
    """See that the previous checkpoint's root still comes of what is there."""
    if previous is None:
        return
    tail = leaves[: min(tiles.WIDTH - 1, max(0, previous.size - full * tiles.WIDTH))]
    try:
        found = tiles.Tiles(session, full, tail).root(previous.size)
    except tiles.Missing:
        raise SealBroken from None
    if found != previous.root:
        raise SealBroken


def _store(engine: Engine, full: int, leaves: Sequence[bytes], ids: Sequence[int]) -> None:
    with _alone(engine) as session:
        if tiles.last(session)[0] != full:
            raise SealedMeanwhile
        tiles.store(session, full, leaves, ids)


@contextmanager
def _read(engine: Engine) -> Iterator[Session]:
    """A session that takes no lock, on either database."""
    before = reading.set(True)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        reading.reset(before)


@contextmanager
def _write(engine: Engine) -> Iterator[Session]:
    before = reading.set(False)
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        reading.reset(before)


@contextmanager
def _alone(engine: Engine) -> Iterator[Session]:
    """A short writing session; no other process stores tiles or checkpoints during it."""
    with _write(engine) as session:
        session.execute(select(SealLog.id).with_for_update()).one()
        yield session
