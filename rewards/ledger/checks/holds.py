"""What is set aside, against the holds that set it aside."""

from collections.abc import Iterator

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from rewards.errors import N_
from rewards.ledger.archive.model import last_archived
from rewards.ledger.drift import Drift
from rewards.ledger.holding import Hold, HoldEnd, HoldLot, not_ended
from rewards.ledger.model import Balance, Lot, Transfer

HELD = N_("Wallet %(id)s keeps %(kept)s points as held, but its holds come to %(rebuilt)s.")
LOTS_OF_HOLD = N_("Hold %(id)s is of %(kept)s points, but took %(rebuilt)s from its wallet's lots.")
CAPTURE = N_(
    "%(kept)s points of hold %(id)s count as captured, but no such transfer bears that out."
)


def holds(session: Session) -> Iterator[Drift]:
    """What a wallet keeps as held is in its open holds, and each of these took what it says."""
    held = (
        select(Hold.account_id, func.sum(Hold.amount).label("total"))
        .where(not_ended())
        .group_by(Hold.account_id)
        .subquery()
    )
    total = func.coalesce(held.c.total, 0)
    rows = session.execute(
        select(Balance.account_id, Balance.held, total)
        .outerjoin(held, held.c.account_id == Balance.account_id)
        .where(Balance.held != total)
    )
    for account_id, kept, rebuilt in rows:
        yield Drift("held", account_id, kept, int(rebuilt), HELD)
    taken = func.coalesce(
        func.sum(case((Lot.account_id == Hold.account_id, HoldLot.amount), else_=0)), 0
    )
    rows = session.execute(
        select(Hold.id, Hold.amount, taken)
        .outerjoin(HoldLot, HoldLot.hold_id == Hold.id)
        .outerjoin(Lot, Lot.id == HoldLot.lot_id)
        .group_by(Hold.id, Hold.amount)
        .having(Hold.amount != taken)
    )
    for hold_id, kept, rebuilt in rows:
        yield Drift("lots of hold", hold_id, kept, int(rebuilt), LOTS_OF_HOLD)


def captures(session: Session) -> Iterator[Drift]:
    """What was captured of a hold is a transfer of so much, between the accounts it was for."""
    rows = session.execute(
        select(Hold.id, HoldEnd.captured, func.coalesce(Transfer.amount, 0))
        .join(HoldEnd, HoldEnd.hold_id == Hold.id)
        .outerjoin(Transfer, Transfer.id == HoldEnd.transfer_id)
        .where(
            HoldEnd.transfer_id > last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.amount != HoldEnd.captured,
                Transfer.debit_id != Hold.account_id,
                Transfer.credit_id != Hold.to_id,
                HoldEnd.captured > Hold.amount,
            ),
        )
    )
    for hold_id, kept, rebuilt in rows:
        yield Drift("capture of hold", hold_id, kept, rebuilt, CAPTURE)
