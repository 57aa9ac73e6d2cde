"""Carried sums: what accounts without a floor came to, so that a balance needs only the tail."""

from collections.abc import Mapping

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    func,
    insert,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from rewards.ledger.model import Balance, Transfer
from rewards.ledger.seals.model import SealedSum

_LAST = (
    select(SealedSum.through_id, SealedSum.total)
    .where(SealedSum.account_id == bindparam("account"))
    .order_by(SealedSum.through_id.desc())
    .limit(1)
)
_COME, _GONE = (
    select(func.coalesce(func.sum(Transfer.amount), 0))
    .where(side == bindparam("account"), Transfer.id > bindparam("after"))
    .scalar_subquery()
    for side in (Transfer.credit_id, Transfer.debit_id)
)
_SINCE = select(_COME - _GONE)


def total(session: Session, account_id: int) -> int:
    """An account's balance: its last sealed sum and the transfers since."""
    last = session.execute(_LAST, {"account": account_id}).first()
    after, carried = (last.through_id, last.total) if last else (0, 0)
    since = session.execute(_SINCE, {"account": account_id, "after": after}).scalar_one()
    return int(carried + since)


def totals() -> Subquery:
    """The same for every account that has a sealed sum."""
    last = _newest().subquery()
    come, gone = (
        select(func.coalesce(func.sum(Transfer.amount), 0))
        .where(side == last.c.account_id, Transfer.id > last.c.through_id)
        .correlate(last)
        .scalar_subquery()
        for side in (Transfer.credit_id, Transfer.debit_id)
    )
    return select(last.c.account_id, (last.c.total + come - gone).label("total")).subquery()


def _newest(*among: ColumnElement[bool]) -> Select[int, int, int]:
    """The last sealed sum of each account."""
    last = (
        select(SealedSum.account_id, func.max(SealedSum.through_id).label("through_id"))
        .where(*among)
        .group_by(SealedSum.account_id)
        .subquery()
    )
    return select(SealedSum.account_id, SealedSum.through_id, SealedSum.total).join(
        last,
        (last.c.account_id == SealedSum.account_id) & (last.c.through_id == SealedSum.through_id),
    )


def moved(session: Session, after: int, through: int) -> dict[int, int]:
    """How each account without a floor changed by the transfers after one and through another."""
    stretch = (Transfer.id > after, Transfer.id <= through)
    changes = union_all(
        select(Transfer.credit_id.label("account_id"), Transfer.amount.label("change")).where(
            *stretch
        ),
        select(Transfer.debit_id, -Transfer.amount).where(*stretch),
    ).subquery()
    rows = session.execute(
        select(changes.c.account_id, func.sum(changes.c.change))
        .outerjoin(Balance, Balance.account_id == changes.c.account_id)
        .where(Balance.account_id.is_(None))
        .group_by(changes.c.account_id)
    )
    return {account_id: int(change) for account_id, change in rows}


def carry(session: Session, changes: Mapping[int, int], through: int) -> None:
    """Add to the last sums of the accounts that moved, as of the transfer *through*."""
    if not changes:
        return
    rows = session.execute(_newest(SealedSum.account_id.in_(changes)))
    before = {account_id: total for account_id, _, total in rows}
    session.execute(
        insert(SealedSum),
        [
            {"account_id": i, "through_id": through, "total": before.get(i, 0) + change}
            for i, change in changes.items()
        ],
    )
