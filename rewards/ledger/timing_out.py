"""The job that ends overdue holds. Nothing depends on it: whoever spends looks for itself."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards.ledger.holding import Hold, not_ended, release_overdue
from rewards.ledger.model import Balance


def count_overdue(session: Session, now: datetime) -> int:
    """How many holds are over but not ended yet."""
    overdue = (
        select(func.count())
        .select_from(Hold)
        .join(Balance, Balance.account_id == Hold.account_id)
        .where(Balance.held > 0, Hold.until <= now, not_ended())
    )
    return session.scalar(overdue) or 0


def time_out(session: Session, now: datetime, *, wallets: int = 100) -> Iterator[int]:
    """End every overdue hold, some *wallets* at a time; yields how many were ended each time.

    Commit after each: a run that is stopped leaves off between two batches, and the next one
    finds only what is left.
    """
    after = 0
    while part := _wallets_with_overdue(session, now, after, wallets):
        yield release_overdue(session, part, now)
        after = part[-1]


def _wallets_with_overdue(session: Session, now: datetime, after: int, most: int) -> list[int]:
    overdue = select(Hold.id).where(
        Hold.account_id == Balance.account_id, Hold.until <= now, not_ended()
    )
    rows = select(Balance.account_id).where(
        Balance.held > 0, Balance.account_id > after, overdue.exists()
    )
    return list(session.scalars(rows.order_by(Balance.account_id).limit(most)))
