"""Redemptions against the ledger: what a receipt says is what was moved."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from merchants.checkout.model import Redemption
from merchants.partners import Merchant
from rewards import ledger
from rewards.errors import N_
from rewards.ledger import Drift, Transfer
from rewards.residents import Resident

TAKEN = N_("Redemption %(id)s is of %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
VOIDED = N_("Redemption %(id)s was voided by transfer %(rebuilt)s, but this didn't undo it.")
BOUGHT_NOTHING = N_("Transfer %(id)s took %(kept)s points for a shop without a redemption.")


def redemptions(session: Session) -> Iterator[Drift]:
    """Where a redemption, its void and their transfers don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _taken(session)
    yield from _voided(session)
    yield from _unexplained(session)


def _taken(session: Session) -> Iterator[Drift]:
    rows = session.execute(
        select(Redemption.id, Redemption.points, Redemption.transfer_id)
        .join(Resident, Resident.id == Redemption.resident_id)
        .join(Merchant, Merchant.id == Redemption.merchant_id)
        .outerjoin(Transfer, Transfer.id == Redemption.transfer_id)
        .where(
            Redemption.transfer_id > ledger.last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.kind != ledger.REDEMPTION,
                Transfer.amount != Redemption.points,
                Transfer.debit_id != Resident.wallet_id,
                Transfer.credit_id != Merchant.account_id,
            ),
        )
    )
    for redemption_id, points, transfer_id in rows:
        yield Drift("redemption", redemption_id, points, transfer_id, TAKEN)


def _voided(session: Session) -> Iterator[Drift]:
    """A void undid all of it, and nothing else did."""
    undoing = aliased(Transfer)
    rows = session.execute(
        select(Redemption.id, Redemption.points, Redemption.void_transfer_id, undoing.id)
        .outerjoin(undoing, undoing.reverses_id == Redemption.transfer_id)
        .where(
            Redemption.transfer_id > ledger.last_archived(session),
            or_(
                Redemption.void_transfer_id.is_distinct_from(undoing.id),
                undoing.amount != Redemption.points,
            ),
        )
    )
    for redemption_id, points, void_id, undoing_id in rows:
        yield Drift("void", redemption_id, points, void_id or undoing_id, VOIDED)


def _unexplained(session: Session) -> Iterator[Drift]:
    """Points that left a wallet for a shop of ours have a redemption to show for it."""
    rows = session.execute(
        select(Transfer.id, Transfer.amount)
        .join(Merchant, Merchant.account_id == Transfer.credit_id)
        .outerjoin(Redemption, Redemption.transfer_id == Transfer.id)
        .where(Transfer.kind == ledger.REDEMPTION, Redemption.id.is_(None))
    )
    for transfer_id, points in rows:
        yield Drift("transfer without redemption", transfer_id, points, "", BOUGHT_NOTHING)
