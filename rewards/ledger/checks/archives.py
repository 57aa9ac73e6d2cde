"""What archives carry: it sums to nothing, and what they hold is not here as well."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards.errors import N_
from rewards.ledger.archive.file import Contents
from rewards.ledger.archive.model import Archive, ArchivedAccount, ArchivedLot, last_archived
from rewards.ledger.drift import Drift
from rewards.ledger.model import Transfer
from rewards.ledger.seals.model import SealTile

ARCHIVE = N_("What archive %(id)s carries comes to %(rebuilt)s instead of %(kept)s.")
ARCHIVED_HERE = N_("Transfer %(id)s is in an archive and in the ledger too.")
FILE_NEEDED = N_("Archive %(id)s of %(kept)s transfers can only be vouched for with its file.")
FILE_DIFFERS = N_(
    "Archive %(id)s of %(kept)s transfers carries something else than its file holds."
)


def archives(session: Session) -> Iterator[Drift]:
    """What an archive carries sums to nothing, and none of its transfers is still here."""
    rows = session.execute(
        select(Archive.id, func.coalesce(func.sum(ArchivedAccount.change), 0))
        .outerjoin(ArchivedAccount, ArchivedAccount.archive_id == Archive.id)
        .group_by(Archive.id)
        .having(func.coalesce(func.sum(ArchivedAccount.change), 0) != 0)
    )
    for archive_id, total in rows:
        yield Drift("archive", archive_id, 0, int(total), ARCHIVE)
    left = session.scalar(
        select(func.min(Transfer.id)).where(Transfer.id <= last_archived(session))
    )
    if left is not None:
        yield Drift("archived transfer", left, "", "", ARCHIVED_HERE)


def vouched(session: Session, files: Sequence[Contents]) -> Iterator[Drift]:
    """Archives that none of the *files* bears out: seals say what was, but not what it came to."""
    known = {contents.sha256: contents for contents in files}
    for archive in session.scalars(select(Archive).order_by(Archive.id)):
        size = archive.last_leaf - archive.first_leaf + 1
        contents = known.get(archive.sha256)
        if contents is None:
            yield Drift("archive file", archive.id, size, "", FILE_NEEDED)
        elif not _bears_out(session, contents, archive):
            yield Drift("archive file", archive.id, size, "", FILE_DIFFERS)


def _bears_out(session: Session, contents: Contents, archive: Archive) -> bool:
    """The file's transfers are those that were sealed, and come to the sums that are carried."""
    accounts = session.execute(
        select(ArchivedAccount.account_id, ArchivedAccount.change, ArchivedAccount.transfers).where(
            ArchivedAccount.archive_id == archive.id
        )
    )
    lots = session.execute(
        select(ArchivedLot.lot_id, ArchivedLot.change).where(ArchivedLot.archive_id == archive.id)
    )
    tiles = session.scalars(
        select(SealTile.hashes)
        .where(SealTile.level == 0, SealTile.through_id.between(archive.first_id, archive.last_id))
        .order_by(SealTile.number)
    )
    return (
        contents.header.first_leaf == archive.first_leaf
        and contents.header.last_leaf == archive.last_leaf
        and contents.header.last_id == archive.last_id
        and b"".join(contents.leaves) == b"".join(tiles)
        and {i: (contents.accounts[i], contents.moved[i]) for i in contents.accounts}
        == {i: (change, count) for i, change, count in accounts}
        and contents.lots == dict(lots.all())
    )
