"""Detaching: a stretch of old transfers is written, proved, carried as sums, and only then deleted.

Whole tiles of sealed transfers move, and the newest transfer of all always stays: SQLite would
give its number away again. The writing is done in the caller's transaction, all or nothing, so
whoever was stopped in the middle finds the file, and goes on from there.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, select, union_all
from sqlalchemy.orm import Session

from rewards.ledger.archive import file
from rewards.ledger.archive.file import Contents, Header, Line
from rewards.ledger.archive.model import Archive, ArchivedAccount, ArchivedLot, last_archived
from rewards.ledger.archive.refusals import ForeignArchive, NothingToArchive
from rewards.ledger.drift import Progress, silent
from rewards.ledger.model import Lot, LotEntry, Transfer
from rewards.ledger.seals import entries, proofs, tiles
from rewards.ledger.seals.entries import Entry
from rewards.ledger.seals.model import Checkpoint, SealLog, SealTile
from rewards.ledger.seals.sealing import latest

AT_ONCE = 16_384  # transfers


@dataclass(frozen=True)
class Stretch:
    """The oldest transfers that can leave: after one id, through another, and their leaves."""

    after: int
    last_id: int
    first_leaf: int
    last_leaf: int

    @property
    def size(self) -> int:
        return self.last_leaf - self.first_leaf + 1


def due(session: Session, before: datetime) -> Stretch:
    """The transfers recorded *before* a moment, as far as they fill sealed tiles.

    Raises:
        NothingToArchive: they don't fill one.
    """
    after = last_archived(session)
    newest = session.scalar(select(func.max(Transfer.id))) or 0
    younger = session.scalar(select(func.min(Transfer.id)).where(Transfer.recorded_at >= before))
    sealed = latest(session)
    through = min((younger or newest) - 1, sealed.through_id if sealed else 0)
    tile = session.execute(
        select(SealTile.number, SealTile.through_id)
        .where(SealTile.level == 0, SealTile.through_id > after, SealTile.through_id <= through)
        .order_by(SealTile.through_id.desc())
        .limit(1)
    ).first()
    if tile is None:
        raise NothingToArchive
    return Stretch(after, tile.through_id, _next_leaf(session), (tile.number + 1) * tiles.WIDTH - 1)


def write(
    session: Session, stretch: Stretch, path: Path, now: datetime, progress: Progress = silent
) -> None:
    """Write the stretch to a new file; nothing is changed in the ledger."""
    log, checkpoint = session.get_one(SealLog, 1), latest(session)
    assert checkpoint is not None
    first_id = session.scalar(select(func.min(Transfer.id)).where(Transfer.id > stretch.after))
    assert first_id is not None
    held = proofs.tree_of(session, checkpoint, log)
    beside = held.beside(stretch.first_leaf, stretch.last_leaf + 1, checkpoint.size)
    header = Header(
        first_id=first_id,
        last_id=stretch.last_id,
        first_leaf=stretch.first_leaf,
        last_leaf=stretch.last_leaf,
        made_at=now.isoformat(),
        checkpoint=checkpoint.note,
        key=checkpoint.key,
        beside=file.encoded(beside),
    )
    file.write(path, header, _lines(session, stretch, log.salt_key, progress))


def _lines(
    session: Session, stretch: Stretch, salt_key: bytes, progress: Progress
) -> Iterator[Line]:
    done, after = 0, stretch.after
    while rows := entries.read(session.connection(), after, stretch.last_id, AT_ONCE):
        lots = _lots(session, after, rows[-1][0])
        for row in rows:
            yield {
                "entry": proofs.shown(Entry(*row)),
                "salt": b64encode(entries.salt_of(row[0], salt_key)).decode(),
                "lots": lots.get(row[0], []),
            }
        done, after = done + len(rows), rows[-1][0]
        progress(done, stretch.size)


def _lots(session: Session, after: int, through: int) -> Mapping[int, list[list[object]]]:
    """What these transfers changed each lot by: lot, its last day, change."""
    found: dict[int, list[list[object]]] = {}
    rows = session.execute(
        select(LotEntry.transfer_id, Lot.id, Lot.expires_on, LotEntry.change)
        .join(Lot, Lot.id == LotEntry.lot_id)
        .where(LotEntry.transfer_id > after, LotEntry.transfer_id <= through)
        .order_by(LotEntry.transfer_id, Lot.id)
    )
    for transfer_id, lot_id, expires_on, change in rows:
        found.setdefault(transfer_id, []).append([lot_id, expires_on.isoformat(), change])
    return found


def belongs(session: Session, contents: Contents, before: datetime) -> Stretch:
    """The stretch of this ledger that a proved file is of, ready to be detached.

    Raises:
        ForeignArchive: it is of another ledger, of what has left already, or of too much.
        NothingToArchive: nothing may leave.
    """
    header, statement = contents.header, contents.statement
    stored = session.get(Checkpoint, statement.size)
    if stored is None or stored.note != header.checkpoint:
        raise ForeignArchive(why="its checkpoint was not made here")
    most = due(session, before)
    if header.first_leaf != most.first_leaf or header.last_leaf > most.last_leaf:
        raise ForeignArchive(why="it is not of the oldest entries that are here")
    return Stretch(most.after, header.last_id, header.first_leaf, header.last_leaf)


def detach(session: Session, stretch: Stretch, contents: Contents, now: datetime) -> Archive:
    """Carry what the file's transfers came to, and delete them; the caller commits.

    Raises:
        ForeignArchive: what is here isn't what is in the file.
    """
    # Whoever seals or archives meanwhile waits here, and finds what is left.
    session.execute(select(SealLog.id).with_for_update()).one()
    if last_archived(session) != stretch.after:
        raise ForeignArchive(why="it has left already")
    accounts, lots = _moved(session, stretch), _changed(session, stretch)
    if accounts != {i: (contents.accounts[i], contents.moved[i]) for i in contents.accounts}:
        raise ForeignArchive(why="its transfers come to other sums")
    if lots != contents.lots:
        raise ForeignArchive(why="its lot entries come to other sums")
    row = Archive(
        first_id=contents.header.first_id,
        last_id=stretch.last_id,
        first_leaf=stretch.first_leaf,
        last_leaf=stretch.last_leaf,
        recorded_through=datetime.fromisoformat(contents.recorded),
        sha256=contents.sha256,
        checkpoint=contents.header.checkpoint,
        made_at=now,
    )
    session.add(row)
    session.flush()
    session.execute(
        insert(ArchivedAccount),
        [
            {"account_id": i, "archive_id": row.id, "change": change, "transfers": count}
            for i, (change, count) in accounts.items()
        ],
    )
    if lots:
        session.execute(
            insert(ArchivedLot),
            [{"lot_id": i, "archive_id": row.id, "change": n} for i, n in lots.items()],
        )
    session.execute(delete(LotEntry).where(LotEntry.transfer_id <= stretch.last_id))
    session.execute(delete(Transfer).where(Transfer.id <= stretch.last_id))
    return row


def _moved(session: Session, stretch: Stretch) -> dict[int, tuple[int, int]]:
    """What the stretch moves into each account, and by how many transfers."""
    inside = (Transfer.id > stretch.after, Transfer.id <= stretch.last_id)
    moves = union_all(
        select(Transfer.credit_id.label("account_id"), Transfer.amount.label("change")).where(
            *inside
        ),
        select(Transfer.debit_id, -Transfer.amount).where(*inside),
    ).subquery()
    rows = session.execute(
        select(moves.c.account_id, func.sum(moves.c.change), func.count()).group_by(
            moves.c.account_id
        )
    )
    return {account_id: (int(change), count) for account_id, change, count in rows}


def _changed(session: Session, stretch: Stretch) -> dict[int, int]:
    rows = session.execute(
        select(LotEntry.lot_id, func.sum(LotEntry.change))
        .where(LotEntry.transfer_id > stretch.after, LotEntry.transfer_id <= stretch.last_id)
        .group_by(LotEntry.lot_id)
    )
    return {lot_id: int(change) for lot_id, change in rows}


def _next_leaf(session: Session) -> int:
    last = session.scalar(select(func.max(Archive.last_leaf)))
    return 0 if last is None else last + 1
