"""What wallets can spend, read under their locks and counted down in memory.

Several redemptions of one transaction may meet in one wallet: each takes from what the one
before it left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.ledger.expiry import kept_alive, usable
from rewards.ledger.holding import release_overdue
from rewards.ledger.model import Account, Balance, Lot
from rewards.ledger.refusals import ForeignAccount, NotEnoughPoints, UnknownAccount


@dataclass
class PurseLot:
    """Points of one expiry date."""

    id: int
    expires_on: date
    remaining: int


@dataclass
class Purse:
    """One locked wallet: its lots, the earliest expiry first.

    ``put_off`` is the day that its idle points lapse on now that it spent, if that changed.
    """

    wallet_id: int
    programme_id: int | None
    held: int
    idle_months: int | None
    lapses_on: date | None
    put_off: date | None = None
    lots: list[PurseLot] = field(default_factory=list)

    def usable(self, today: date) -> Iterator[PurseLot]:
        """The lots that can be spent on *today*, whether or not a job swept what is past."""
        return (lot for lot in self.lots if usable(lot.expires_on, self.lapses_on, today))

    def spendable(self, today: date) -> int:
        return sum(lot.remaining for lot in self.usable(today))

    def take(self, amount: int, *, today: date, programme_id: int | None) -> dict[int, int]:
        """Take *amount* for an account of *programme_id* from the lots: lot id to points.

        Raises:
            ForeignAccount: the points are another programme's.
            NotEnoughPoints: says how many are missing; nothing was taken.
        """
        if programme_id != self.programme_id:
            raise ForeignAccount
        missing = amount - self.spendable(today)
        if missing > 0:
            raise NotEnoughPoints(missing=missing)
        shares: dict[int, int] = {}
        for lot in self.usable(today):
            share = min(amount, lot.remaining)
            if share:
                shares[lot.id] = share
                lot.remaining -= share
                amount -= share
        if day := kept_alive(self.idle_months, self.lapses_on, today):
            self.lapses_on = self.put_off = day
        return shares


def open_purses(session: Session, wallet_ids: Sequence[int], now: datetime) -> dict[int, Purse]:
    """Lock these wallets in the order of their ids, and read what they hold.

    What was set aside until *now* or earlier comes back into them first.

    Raises:
        UnknownAccount: one of them is no wallet.
    """
    balances = session.execute(
        select(
            Balance.account_id,
            Account.programme_id,
            Balance.held,
            Balance.idle_months,
            Balance.lapses_on,
        )
        .join(Account, Account.id == Balance.account_id)
        .where(Balance.account_id.in_(wallet_ids))
        .order_by(Balance.account_id)
        .with_for_update(of=Balance)
    )
    purses = {row.account_id: Purse(*row) for row in balances}
    if len(purses) != len(set(wallet_ids)):
        raise UnknownAccount
    if holding := [purse.wallet_id for purse in purses.values() if purse.held]:
        release_overdue(session, holding, now)
    # A statement of its own, so that it sees what the lock was waited for.
    lots = session.execute(
        select(Lot.account_id, Lot.id, Lot.expires_on, Lot.remaining)
        .where(Lot.account_id.in_(wallet_ids), Lot.remaining > 0)
        .order_by(Lot.account_id, Lot.expires_on)
        .with_for_update()
    )
    for row in lots:
        purses[row.account_id].lots.append(PurseLot(row.id, row.expires_on, row.remaining))
    return purses
