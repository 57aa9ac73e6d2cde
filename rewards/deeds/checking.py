"""Deductions against the ledger: what a recorded act took is what was moved and is owed."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.deeds.model import Deduction, Doer
from rewards.errors import N_
from rewards.ledger import Drift, Transfer
from rewards.ledger.model import Owed, Reversed, Waived
from rewards.residents import Resident

TAKEN = N_("Deduction %(id)s took %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
OWED = N_("Deduction %(id)s says that %(kept)s points were owed, but %(rebuilt)s are recorded.")
GIVEN_BACK = N_("Deduction %(id)s of %(kept)s points: %(rebuilt)s came back, which it doesn't say.")
UNEXPLAINED = N_("Transfer %(id)s took %(kept)s points without a recorded act.")


def deductions(session: Session) -> Iterator[Drift]:
    """Where a deduction and what it moved don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _taken(session)
    yield from _owed(session)
    yield from _given_back(session)
    yield from _unexplained(session)


def _taken(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Deduction.doer_id, Deduction.taken, Deduction.transfer_id)
        .join(Doer, Doer.id == Deduction.doer_id)
        .join(Resident, Resident.id == Doer.resident_id)
        .outerjoin(Transfer, Transfer.id == Deduction.transfer_id)
        .where(
            Deduction.transfer_id > ledger.last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.kind != ledger.DEDUCTION,
                Transfer.amount != Deduction.taken,
                Transfer.debit_id != Resident.wallet_id,
            ),
        )
    )
    for doer_id, taken, transfer_id in rows:
        yield Drift("deduction", doer_id, taken, transfer_id or 0, TAKEN)


def _owed(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Deduction.doer_id, Deduction.owed, func.coalesce(Owed.amount, 0))
        .outerjoin(Owed, Owed.id == Deduction.owed_id)
        .where(Deduction.owed != func.coalesce(Owed.amount, 0))
    )
    for doer_id, kept, rebuilt in rows:
        yield Drift("debt of deduction", doer_id, kept, rebuilt, OWED)


def _given_back(session: Session) -> Iterator[Drift]:
    """A deduction counts as given back when its points came back and its debt was let go."""
    undone = func.coalesce(Reversed.total, 0)
    given_back = Deduction.given_back_at.is_not(None)
    waived = Waived.owed_id.is_not(None)
    rows = session.execute(
        select(Deduction.doer_id, Deduction.taken, undone)
        .outerjoin(Reversed, Reversed.transfer_id == Deduction.transfer_id)
        .outerjoin(Waived, Waived.owed_id == Deduction.owed_id)
        .where(
            or_(
                (Deduction.taken > 0) & (given_back != (undone == Deduction.taken)),
                (Deduction.owed > 0) & (given_back != waived),
            )
        )
    )
    for doer_id, taken, back in rows:
        yield Drift("deduction given back", doer_id, taken, back, GIVEN_BACK)


def _unexplained(session: Session) -> Iterator[Drift]:
    """Points that were deducted have a recorded act to show for it."""
    rows = session.execute(
        select(Transfer.id, Transfer.amount)
        .outerjoin(Deduction, Deduction.transfer_id == Transfer.id)
        .where(Transfer.kind == ledger.DEDUCTION, Deduction.doer_id.is_(None))
    )
    for transfer_id, points in rows:
        yield Drift("transfer without act", transfer_id, points, "", UNEXPLAINED)
