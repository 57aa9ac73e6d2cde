"""What a shop has taken: pages of redemptions, and totals by day. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload

from merchants.checkout.model import Redemption
from merchants.partners import Merchant
from rewards.act import Act


@dataclass(frozen=True)
class Page:
    """Redemptions, the newest first; ``newer`` and ``older`` ask for the neighbours, if any."""

    rows: list[Redemption]
    newer: int | None
    older: int | None


def page(
    act: Act,
    merchant: Merchant,
    *,
    first: date | None = None,
    last: date | None = None,
    before: int | None = None,
    after: int | None = None,
    size: int = 25,
) -> Page:
    """One page by keyset, below the id *before* or above *after*, of the days given."""
    query = _rows(merchant, first, last).limit(size + 1)
    if after is not None:
        rising = query.where(Redemption.id > after).order_by(Redemption.id)
        found = list(act.session.scalars(rising))
        rows = found[:size][::-1]
        return Page(
            rows,
            newer=rows[0].id if len(found) > size else None,
            older=rows[-1].id if rows else None,
        )
    if before is not None:
        query = query.where(Redemption.id < before)
    found = list(act.session.scalars(query.order_by(Redemption.id.desc())))
    rows = found[:size]
    return Page(
        rows,
        newer=rows[0].id if rows and before is not None else None,
        older=rows[-1].id if len(found) > size else None,
    )


def every(
    act: Act, merchant: Merchant, first: date | None, last: date | None
) -> Iterator[Redemption]:
    """All redemptions of the days given, the newest first, read as they are used."""
    rows = _rows(merchant, first, last).order_by(Redemption.id.desc())
    yield from act.session.scalars(rows.execution_options(yield_per=500))


def latest_of(act: Act, merchant: Merchant, cashier_id: int, day: date) -> Redemption | None:
    """The cashier's last redemption of the day: the one that a mistake is noticed in."""
    return act.session.scalar(
        select(Redemption)
        .where(*_of(merchant, day, day), Redemption.cashier_id == cashier_id)
        .order_by(Redemption.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class Totals:
    """What stands, and what was voided; ``points`` are the shop's to be paid for."""

    taken: int = 0
    points: int = 0
    voided: int = 0


_STANDS = Redemption.void_transfer_id.is_(None)
_SUMS = (
    func.coalesce(func.sum(case((_STANDS, 1), else_=0)), 0),
    func.coalesce(func.sum(case((_STANDS, Redemption.points), else_=0)), 0),
    func.coalesce(func.sum(case((_STANDS, 0), else_=1)), 0),
)


def totals(
    act: Act, merchant: Merchant, first: date | None = None, last: date | None = None
) -> Totals:
    """The totals of the days *first* to *last*, both included; of all days without them."""
    row = act.session.execute(select(*_SUMS).where(*_of(merchant, first, last))).one()
    return Totals(*map(int, row))


def by_day(act: Act, merchant: Merchant, first: date, last: date) -> dict[date, Totals]:
    """The totals of each day that had any redemption, the latest first."""
    rows = act.session.execute(
        select(Redemption.business_day, *_SUMS)
        .where(*_of(merchant, first, last))
        .group_by(Redemption.business_day)
        .order_by(Redemption.business_day.desc())
    )
    return {day: Totals(*map(int, sums)) for day, *sums in rows}


def _rows(merchant: Merchant, first: date | None, last: date | None) -> Select[Redemption]:
    return (
        select(Redemption)
        .where(*_of(merchant, first, last))
        .options(joinedload(Redemption.resident), joinedload(Redemption.cashier))
    )


def _of(merchant: Merchant, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    clauses = [Redemption.merchant_id == merchant.id]
    if first is not None:
        clauses.append(Redemption.business_day >= first)
    if last is not None:
        clauses.append(Redemption.business_day <= last)
    return clauses
