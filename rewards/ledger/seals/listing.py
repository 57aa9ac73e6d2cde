"""The checkpoints as they are shown: newest first, a page at a time."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.errors import NotFound
from rewards.ledger.seals.model import Checkpoint


def listed(
    session: Session, *, before: int | None = None, size: int = 20
) -> tuple[Sequence[Checkpoint], int | None]:
    """A page of checkpoints smaller than *before*, and what asks for the next page."""
    query = select(Checkpoint).order_by(Checkpoint.size.desc()).limit(size + 1)
    if before is not None:
        query = query.where(Checkpoint.size < before)
    rows = session.scalars(query).all()
    return rows[:size], rows[size - 1].size if len(rows) > size else None


def load(session: Session, size: int) -> Checkpoint:
    """The checkpoint of that size."""
    found = session.get(Checkpoint, size)
    if found is None:
        raise NotFound
    return found
