"""What will expire when, for one wallet or for all of them. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from rewards.ledger.holding import Hold, HoldLot, not_ended
from rewards.ledger.model import Balance, Lot, last_day
from rewards.ledger.reading import Dated


@dataclass(frozen=True)
class Forecast:
    """Points by their last day, the earliest first, and those that holds keep besides.

    Together they are all that the wallets own, but for what is past and waits to be swept.
    """

    dated: list[Dated]
    held: int

    @property
    def spendable(self) -> int:
        return sum(part.amount for part in self.dated)


def forecast(session: Session, wallets: Select[int], *, today: date, now: datetime) -> Forecast:
    """The forecast for the wallets that the query names, as if nobody earned or spent.

    What a hold kept until *now* or earlier counts as free, whether or not it was ended.
    """
    days: dict[date, int] = {}
    for last, amount in session.execute(
        select(last_day().label("last"), func.sum(Lot.remaining))
        .where(Lot.account_id.in_(wallets), Lot.remaining > 0, last_day() >= today)
        .group_by("last")
    ):
        days[last] = int(amount)
    held = session.scalar(select(func.sum(Balance.held)).where(Balance.account_id.in_(wallets)))
    kept = int(held or 0)
    if kept:
        for last, amount in session.execute(
            select(last_day().label("last"), func.sum(HoldLot.amount))
            .join(HoldLot, HoldLot.lot_id == Lot.id)
            .join(Hold, Hold.id == HoldLot.hold_id)
            .where(Hold.account_id.in_(wallets), Hold.until <= now, not_ended())
            .group_by("last")
        ):
            kept -= int(amount)
            if last >= today:
                days[last] = days.get(last, 0) + int(amount)
    return Forecast([Dated(last, days[last]) for last in sorted(days)], kept)
