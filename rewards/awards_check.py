"""Awards against the ledger: what was awarded, taken back and owed is what was moved."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.awards import Award
from rewards.errors import N_
from rewards.ledger import Drift, Transfer
from rewards.ledger.model import Owed, Reversed
from rewards.residents import Resident

GIVEN = N_("Award %(id)s is of %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
TAKEN_BACK = N_("Award %(id)s of %(kept)s points: %(rebuilt)s are undone, which it doesn't say.")
OWES = N_("Award %(id)s says that %(kept)s points are owed, but %(rebuilt)s are.")


def awards(session: Session) -> Iterator[Drift]:
    """Where an award and its transfer don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _given(session)
    yield from _taken_back(session)
    yield from _owed(session)


def _given(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Award.id, Award.points, Award.transfer_id)
        .join(Resident, Resident.id == Award.resident_id)
        .outerjoin(Transfer, Transfer.id == Award.transfer_id)
        .where(
            Award.transfer_id > ledger.last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.kind != ledger.ACCRUAL,
                Transfer.amount != Award.points,
                Transfer.credit_id != Resident.wallet_id,
            ),
        )
    )
    for award_id, points, transfer_id in rows:
        yield Drift("award", award_id, points, transfer_id or 0, GIVEN)


def _taken_back(session: Session) -> Iterator[Drift]:
    """An award counts as reversed when all of it was undone, and not before."""
    undone = func.coalesce(Reversed.total, 0)
    rows = session.execute(
        select(Award.id, Award.points, undone)
        .outerjoin(Reversed, Reversed.transfer_id == Award.transfer_id)
        .where(
            Award.points > 0,
            Award.reversed_at.is_not(None) != (undone == Award.points),
        )
    )
    for award_id, points, total in rows:
        yield Drift("reversal of award", award_id, points, total, TAKEN_BACK)


def _owed(session: Session) -> Iterator[Drift]:
    debts = (
        select(Owed.transfer_id, func.sum(Owed.amount).label("total"))
        .group_by(Owed.transfer_id)
        .subquery()
    )
    total = func.coalesce(debts.c.total, 0)
    rows = session.execute(
        select(Award.id, Award.owed, total)
        .outerjoin(debts, debts.c.transfer_id == Award.transfer_id)
        .where(Award.owed != total)
    )
    for award_id, kept, rebuilt in rows:
        yield Drift("debt of award", award_id, kept, int(rebuilt), OWES)
