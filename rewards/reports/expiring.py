"""How many points expire in each coming month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from rewards.act import Act
from rewards.clock import local_date
from rewards.communities import Community, Programme
from rewards.ledger import NEVER, WALLET, Account, Dated, Forecast, forecast
from rewards.ledger.expiry import later
from rewards.residents import Resident

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """Points whose last day is in the month that begins on ``first``."""

    first: date
    points: int


@dataclass(frozen=True)
class Outlook:
    """All points there are: what expires in each coming month, after those, and never.

    ``held`` is set aside; the rest can be spent.
    """

    months: list[Month]
    afterwards: int
    never: int
    held: int

    @property
    def spendable(self) -> int:
        return sum(month.points for month in self.months) + self.afterwards + self.never


def of_community(act: Act, community: Community) -> Outlook:
    """The outlook of a community's residents."""
    wallets = select(Resident.wallet_id).where(Resident.community_id == community.id)
    today = local_date(act.now, community.programme.timezone)
    return outlook(forecast(act.session, wallets, today=today, now=act.now), today)


def of_programme(act: Act, programme: Programme) -> Outlook:
    """The outlook of all wallets of a programme."""
    wallets = select(Account.id).where(Account.programme_id == programme.id, Account.kind == WALLET)
    today = local_date(act.now, programme.timezone)
    return outlook(forecast(act.session, wallets, today=today, now=act.now), today)


def outlook(seen: Forecast, today: date) -> Outlook:
    """*seen* month by month, from the present one on."""
    firsts = [later(today.replace(day=1), n) for n in range(MONTHS)]
    sums = by_month(seen.dated)
    never = sums.pop(NEVER.replace(day=1), 0)
    months = [Month(first, sums.pop(first, 0)) for first in firsts]
    return Outlook(months, sum(sums.values()), never, seen.held)


def by_month(dated: Sequence[Dated]) -> dict[date, int]:
    """The points by the first day of the month that their last day is in."""
    sums: dict[date, int] = {}
    for part in dated:
        first = part.expires_on.replace(day=1)
        sums[first] = sums.get(first, 0) + part.amount
    return sums
