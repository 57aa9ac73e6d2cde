"""What was undone, against the counters that keep it within the original."""

from collections.abc import Iterator

from sqlalchemy import Integer, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from rewards.errors import N_
from rewards.ledger.archive.model import last_archived
from rewards.ledger.drift import Drift
from rewards.ledger.model import Owed, Reversed, Transfer

REVERSALS = N_(
    "%(kept)s points of transfer %(id)s count as undone, but what undid it comes to %(rebuilt)s."
)
OPPOSITE = N_("Transfer %(id)s undoes transfer %(kept)s, but isn't its opposite.")
COUNTER = N_(
    "Up to %(kept)s points of transfer %(id)s could be undone, but its amount is %(rebuilt)s."
)
OWED = N_("Debt %(id)s is wallet %(kept)s's, but its transfer went to account %(rebuilt)s.")


def reversals(session: Session) -> Iterator[Drift]:
    """A transfer counts as undone what was moved back and what is owed for it, to the point.

    Of what undid an archived one, some may be in the archive too: it is never more, then.
    """
    nothing = literal_column("0", Integer)
    parts = union_all(
        select(
            Reversed.transfer_id.label("id"),
            Reversed.total.label("kept"),
            nothing.label("rebuilt"),
        ),
        select(Transfer.reverses_id, nothing, Transfer.amount).where(
            Transfer.reverses_id.is_not(None)
        ),
        select(Owed.transfer_id, nothing, Owed.amount).where(Owed.transfer_id.is_not(None)),
    ).subquery()
    kept, rebuilt = func.sum(parts.c.kept), func.sum(parts.c.rebuilt)
    rows = session.execute(
        select(parts.c.id, kept, rebuilt)
        .group_by(parts.c.id)
        .having(or_(kept < rebuilt, (kept > rebuilt) & (parts.c.id > last_archived(session))))
        .order_by(parts.c.id)
    )
    for transfer_id, counted, found in rows:
        yield Drift("reversals of transfer", transfer_id, int(counted), int(found), REVERSALS)


def opposites(session: Session) -> Iterator[Drift]:
    """What undoes a transfer moves between the same two accounts, the other way."""
    original, undoing = aliased(Transfer), aliased(Transfer)
    rows = session.execute(
        select(undoing.id, undoing.reverses_id)
        .outerjoin(original, original.id == undoing.reverses_id)
        .where(
            undoing.reverses_id > last_archived(session),
            or_(
                original.id.is_(None),
                original.id > undoing.id,
                original.credit_id != undoing.debit_id,
                original.debit_id != undoing.credit_id,
            ),
        )
    )
    for undoing_id, original_id in rows:
        yield Drift("opposite", undoing_id, original_id or 0, "", OPPOSITE)


def counters(session: Session) -> Iterator[Drift]:
    """The amount beside a counter of reversals, the most that it may reach, is the transfer's."""
    rows = session.execute(
        select(Reversed.transfer_id, Reversed.amount, func.coalesce(Transfer.amount, 0))
        .outerjoin(Transfer, Transfer.id == Reversed.transfer_id)
        .where(
            Reversed.transfer_id > last_archived(session),
            Reversed.amount != func.coalesce(Transfer.amount, 0),
        )
    )
    for transfer_id, kept, rebuilt in rows:
        yield Drift("counter of transfer", transfer_id, kept, rebuilt, COUNTER)


def owed(session: Session) -> Iterator[Drift]:
    """What a wallet owes is for a transfer that had come into it."""
    rows = session.execute(
        select(Owed.id, Owed.account_id, func.coalesce(Transfer.credit_id, 0))
        .outerjoin(Transfer, Transfer.id == Owed.transfer_id)
        .where(
            Owed.transfer_id > last_archived(session),
            Owed.account_id != func.coalesce(Transfer.credit_id, 0),
        )
    )
    for owed_id, kept, rebuilt in rows:
        yield Drift("owed", owed_id, kept, rebuilt, OWED)
