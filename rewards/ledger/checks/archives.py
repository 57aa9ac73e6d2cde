"""What archives carry: it sums to nothing, and what they hold is not here as well."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards.errors import N_
from rewards.ledger.archive.model import Archive, ArchivedAccount, last_archived
from rewards.ledger.drift import Drift
from rewards.ledger.model import Transfer

ARCHIVE = N_("What archive %(id)s carries comes to %(rebuilt)s instead of %(kept)s.")
ARCHIVED_HERE = N_("Transfer %(id)s is in an archive and in the ledger too.")


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
