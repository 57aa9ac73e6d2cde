"""Gifts against the ledger: what a gift says is what was moved, and what was moved back."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from rewards import ledger
from rewards.donations.causes import Cause
from rewards.errors import N_
from rewards.giving_on.model import GiftUndone, PointsGift
from rewards.ledger import Drift, Transfer
from rewards.residents import Resident

GIVEN = N_("Gift %(id)s is of %(kept)s points, but its transfer %(rebuilt)s says otherwise.")
UNDONE = N_("Gift %(id)s of %(kept)s points was undone, but transfer %(rebuilt)s didn't undo it.")
UNKNOWN = N_("Transfer %(id)s gave %(kept)s points on, but no gift says so.")


def points_gifts(session: Session) -> Iterator[Drift]:
    """Where a gift, its undoing and their transfers don't say the same.

    What is in an archive was compared when it went there.
    """
    yield from _given(session)
    yield from _undone(session)
    unknown = session.execute(
        select(Transfer.id, Transfer.amount)
        .outerjoin(PointsGift, PointsGift.transfer_id == Transfer.id)
        .where(Transfer.kind == ledger.GIFT, PointsGift.id.is_(None))
    )
    for transfer_id, points in unknown:
        yield Drift("transfer without gift", transfer_id, points, "", UNKNOWN)


def _given(session: Session) -> Iterator[Drift]:
    giver, receiver = aliased(Resident), aliased(Resident)
    to_neighbour = and_(PointsGift.cause_id.is_(None), Transfer.credit_id == receiver.wallet_id)
    to_cause = and_(PointsGift.receiver_id.is_(None), Transfer.credit_id == Cause.account_id)
    rows = session.execute(
        select(PointsGift.id, PointsGift.points, PointsGift.transfer_id)
        .join(giver, giver.id == PointsGift.giver_id)
        .outerjoin(receiver, receiver.id == PointsGift.receiver_id)
        .outerjoin(Cause, Cause.id == PointsGift.cause_id)
        .outerjoin(Transfer, Transfer.id == PointsGift.transfer_id)
        .where(
            PointsGift.transfer_id > ledger.last_archived(session),
            or_(
                Transfer.id.is_(None),
                Transfer.kind != ledger.GIFT,
                Transfer.amount != PointsGift.points,
                Transfer.debit_id != giver.wallet_id,
                ~or_(to_neighbour, to_cause),
            ),
        )
    )
    for gift_id, points, transfer_id in rows:
        yield Drift("gift", gift_id, points, transfer_id, GIVEN)


def _undone(session: Session) -> Iterator[Drift]:
    """An undoing undid all of it, and nothing else did."""
    undoing = aliased(Transfer)
    rows = session.execute(
        select(PointsGift.id, PointsGift.points, GiftUndone.transfer_id, undoing.id)
        .outerjoin(GiftUndone, GiftUndone.gift_id == PointsGift.id)
        .outerjoin(undoing, undoing.reverses_id == PointsGift.transfer_id)
        .where(
            PointsGift.transfer_id > ledger.last_archived(session),
            or_(
                GiftUndone.transfer_id.is_distinct_from(undoing.id),
                undoing.amount != PointsGift.points,
                undoing.kind != ledger.GIFT_RETURN,
            ),
        )
    )
    for gift_id, points, kept, found in rows:
        yield Drift("undone gift", gift_id, points, kept or found, UNDONE)
