"""Awards against the ledger: what was awarded, taken back and owed is what was moved."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.awards import Award
from rewards.clock import local_date
from rewards.communities import Programme
from rewards.errors import N_
from rewards.ledger import Drift, Transfer
from rewards.ledger.model import Lot, LotEntry, Owed, Reversed
from rewards.residents import Resident
from rewards.schemes.rates import Rates, expires_on

GIVEN = N_("Award %(id)s is of %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
TAKEN_BACK = N_("Award %(id)s of %(kept)s points: %(rebuilt)s are undone, which it doesn't say.")
LASTS = N_("The points of award %(id)s last through %(kept)s, by its rates through %(rebuilt)s.")
OWES = N_("Award %(id)s says that %(kept)s points are owed, but %(rebuilt)s are.")


def awards(session: Session) -> Iterator[Drift]:
    """Where an award and its transfer don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _given(session)
    yield from _lasting(session)
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


def _lasting(session: Session) -> Iterator[Drift]:
    """The points are in a lot of the day that the award's rates give them, which isn't sealed.

    Those of one moment and lot's day are looked at once.
    """
    rates = {row.id: row for row in session.scalars(select(Rates))}
    zones = {row.id: row.timezone for row in session.scalars(select(Programme))}
    rows = session.execute(
        select(Award.rates_id, Transfer.happened_at, Lot.expires_on, func.min(Award.id))
        .join(Transfer, Transfer.id == Award.transfer_id)
        .join(LotEntry, LotEntry.transfer_id == Transfer.id)
        .join(Lot, Lot.id == LotEntry.lot_id)
        .group_by(Award.rates_id, Transfer.happened_at, Lot.expires_on)
        .order_by(func.min(Award.id))
    )
    for rates_id, happened_at, kept, award_id in rows:
        earned_by = rates[rates_id]
        due = expires_on(local_date(happened_at, zones[earned_by.programme_id]), earned_by)
        if kept != due:
            yield Drift("days of award", award_id, str(kept), str(due), LASTS)


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
