"""What wallets can spend, read under their locks and counted down in memory.

Several redemptions of one transaction may meet in one wallet: each takes from what the one
before it left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from rewards.bulk import Writer, writing
from rewards.calls import numbers
from rewards.ledger.expiry import kept_alive, usable
from rewards.ledger.holding import release_overdue
from rewards.ledger.model import NEVER
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

    def usable(self, today: date) -> list[PurseLot]:
        """The lots that can be spent on *today*, whether or not a job swept what is past."""
        return [lot for lot in self.lots if usable(lot.expires_on, self.lapses_on, today)]

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
        lots = self.usable(today)
        missing = amount - sum(lot.remaining for lot in lots)
        if missing > 0:
            raise NotEnoughPoints(missing=missing)
        shares: dict[int, int] = {}
        for lot in lots:
            share = min(amount, lot.remaining)
            if share:
                shares[lot.id] = share
                lot.remaining -= share
                amount -= share
        if day := kept_alive(self.idle_months, self.lapses_on, today):
            self.lapses_on = self.put_off = day
        return shares


Rows = Sequence[Sequence[Any]]


class Purses:
    """Wallets that are being locked, in the order of their ids, and what they hold."""

    def __init__(self, writer: Writer, wallet_ids: Sequence[int]) -> None:
        self._writer, self._wallet_ids = writer, wallet_ids
        if not writer.sqlite:
            self._called = writer.call("ledger_purses", numbers(wallet_ids))
            return
        wallets = writer.many(wallet_ids)
        self._balances = writer.ask(
            "SELECT b.account_id, a.programme_id, b.held, b.idle_months, b.lapses_on "
            "FROM balance b JOIN account a ON a.id = b.account_id "
            f"WHERE {writer.among('b.account_id', 'bigint')}",
            wallets,
        )
        self._lots = writer.ask(
            "SELECT account_id, id, expires_on, remaining FROM lot "
            f"WHERE {writer.among('account_id', 'bigint')} AND remaining > 0 "
            "ORDER BY account_id, expires_on",
            wallets,
        )

    def _rows(self) -> tuple[Rows, Rows]:
        if self._writer.sqlite:
            return self._balances.rows(), self._lots.rows()
        balances, lots = self._called.document()
        return balances or [], lots or []

    def opened(self, now: datetime) -> dict[int, Purse]:
        """The purses by wallet. What was set aside until *now* or earlier is back in them.

        Raises:
            UnknownAccount: one of them is no wallet.
        """
        day = self._writer.day
        balances, lots = self._rows()
        purses = {
            wallet_id: Purse(wallet_id, programme_id, held, idle_months, day(lapses_on))
            for wallet_id, programme_id, held, idle_months, lapses_on in balances
        }
        if len(purses) != len(set(self._wallet_ids)):
            raise UnknownAccount
        holding = [purse.wallet_id for purse in purses.values() if purse.held]
        if holding and release_overdue(self._writer.session, holding, now):
            return Purses(self._writer, self._wallet_ids).opened(now)
        for account_id, lot_id, expires_on, remaining in lots:
            lot = PurseLot(lot_id, day(expires_on) or NEVER, remaining)
            purses[account_id].lots.append(lot)
        return purses


def open_purses(session: Session, wallet_ids: Sequence[int], now: datetime) -> dict[int, Purse]:
    """Lock these wallets and read what they hold, as :class:`Purses` does."""
    with writing(session) as writer:
        purses = Purses(writer, wallet_ids)
    return purses.opened(now)
