"""Gifts against their lots: all of one left the giver and reached a neighbour, day for day."""

from collections.abc import Iterator

from sqlalchemy import Subquery, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from rewards.errors import N_
from rewards.ledger.drift import Drift
from rewards.ledger.model import GIFT, GIFT_RETURN, IDLE, WALLET, Account, Lot, LotEntry, Transfer

SIDES = N_("Transfer %(id)s gives on %(kept)s points, but the wallets' lots say %(rebuilt)s.")
DAYS = N_("Transfer %(id)s gave on %(kept)s points, and changed the last day of %(rebuilt)s.")


def gifts(session: Session) -> Iterator[Drift]:
    """Each side of a gift comes to its amount, and its points kept their last days.

    The day on which idle points would have lapsed isn't kept, so of them only the sums are.
    """
    days = _days()
    left, came = func.sum(days.c.left), func.sum(days.c.came)
    idle = func.max(case((days.c.expires_on == IDLE, 1), else_=0))
    strayed = case((days.c.came > days.c.left, days.c.came - days.c.left), else_=0)
    between = and_(days.c.from_wallet == 1, days.c.to_wallet == 1)
    rows = session.execute(
        select(
            days.c.id,
            days.c.amount,
            days.c.amount * days.c.from_wallet - left,
            days.c.amount * days.c.to_wallet - came,
            case((and_(between, idle == 0), func.sum(strayed)), else_=0),
        )
        .group_by(days.c.id, days.c.amount, days.c.from_wallet, days.c.to_wallet)
        .order_by(days.c.id)
    )
    for transfer_id, amount, less, fewer, moved in rows:
        if less or fewer:
            yield Drift("sides of gift", transfer_id, amount, int(amount - (less or fewer)), SIDES)
        elif moved:
            yield Drift("days of gift", transfer_id, amount, int(moved), DAYS)


def _days() -> Subquery:
    """For each gift and each last day: what left the giver's lots, what came to the other's."""
    giver, receiver = aliased(Account), aliased(Account)
    left = and_(Lot.account_id == Transfer.debit_id, LotEntry.change < 0)
    came = and_(Lot.account_id == Transfer.credit_id, LotEntry.change > 0)
    from_wallet = case((giver.kind == WALLET, 1), else_=0).label("from_wallet")
    to_wallet = case((receiver.kind == WALLET, 1), else_=0).label("to_wallet")
    each = (Transfer.id, Transfer.amount, from_wallet, to_wallet, Lot.expires_on)
    return (
        select(
            *each,
            func.sum(case((left, -LotEntry.change), else_=0)).label("left"),
            func.sum(case((came, LotEntry.change), else_=0)).label("came"),
        )
        .join(giver, giver.id == Transfer.debit_id)
        .join(receiver, receiver.id == Transfer.credit_id)
        .outerjoin(LotEntry, LotEntry.transfer_id == Transfer.id)
        .outerjoin(Lot, Lot.id == LotEntry.lot_id)
        .where(Transfer.kind.in_((GIFT, GIFT_RETURN)))
        .group_by(*each)
        .subquery()
    )
