"""A programme's rules of spending at the counter: what they need to know is read here.

Nothing is read where the rules in force ask for nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from merchants.checkout.model import Redemption
from merchants.partners import Merchant
from rewards import ledger
from rewards.clock import local_date
from rewards.errors import N_
from rewards.ledger import Hold
from rewards.residents import Resident
from rewards.schemes import remembered, spending
from rewards.schemes.scheme import Spending
from rewards.schemes.spending import NotSpendable, Purchase, Spent
from rewards.volunteering import served


class NoBillYet(NotSpendable):
    """Points pay for a share of a bill only, and points set aside have no bill yet."""

    code = "no_bill_yet"
    message = N_(
        "Points pay for at most %(percent)s%% of a bill, so none can be set aside before there is "
        "one."
    )


@dataclass(frozen=True)
class Place:
    """Where and when something is to be spent."""

    programme_id: int
    timezone: str
    now: datetime

    @property
    def day(self) -> date:
        return local_date(self.now, self.timezone)


@dataclass(frozen=True)
class Tariff:
    """What a yuan costs at a shop, and how much of a bill points may pay for, in percent."""

    points_per_yuan: int
    percent: int

    def rest(self, bill_fen: int | None) -> int:
        """How many fen of a bill stay to be paid otherwise; 0 without a bill."""
        return bill_fen - bill_fen * self.percent // 100 if bill_fen else 0


@dataclass(frozen=True)
class Past:
    """What somebody served and spent before, as far as the rules ask for it."""

    minutes: int = 0
    spent: list[Spent] = field(default_factory=list)


def of(session: Session, merchant: Merchant, moment: datetime) -> Spending:
    """The rules of spending in force at the shop at *moment*."""
    programme = merchant.programme
    return remembered.spending(lambda: session, programme.id, programme.scheme_stamp, moment)


def tariff(session: Session, merchant: Merchant, moment: datetime) -> Tariff:
    """The shop's tariff at *moment*: its own rate, where the rules don't set one for all."""
    ruled = of(session, merchant, moment)
    return Tariff(spending.rate(ruled, merchant.points_per_yuan), ruled.bill_percent)


def pasts(
    session: Session,
    rules: Spending,
    place: Place,
    resident_ids: Collection[int],
    *,
    but_for: int | None = None,
) -> dict[int, Past]:
    """What these residents of the programme did before, by their id.

    Points set aside count as spent on the day that was done, until they are taken or come back;
    *but_for* is a hold that doesn't.
    """
    minutes = served.minutes(session, resident_ids) if rules.after_hours else {}
    found = {i: Past(minutes.get(i, 0)) for i in resident_ids}
    since = spending.looks_back(rules, place.day)
    if since is not None:
        for resident_id, spent in _spent(session, place, resident_ids, since):
            found[resident_id].spent.append(spent)
        for resident_id, spent in _set_aside(session, place, resident_ids, but_for):
            found[resident_id].spent.append(spent)
    return found


def check(
    session: Session,
    merchant: Merchant,
    resident_id: int,
    purchase: Purchase,
    now: datetime,
    *,
    but_for: int | None = None,
) -> None:
    """Refuse what the shop's rules don't allow to that resident now.

    Raises:
        NotSpendable: one of its kinds, which says why.
    """
    rules = of(session, merchant, now)
    if spending.restricts(rules):
        place = Place(merchant.programme_id, merchant.programme.timezone, now)
        found = pasts(session, rules, place, [resident_id], but_for=but_for)[resident_id]
        spending.check(rules, purchase, found.minutes, found.spent)


def _spent(
    session: Session, place: Place, resident_ids: Collection[int], since: date
) -> Iterator[tuple[int, Spent]]:
    """What was taken at any of the programme's shops since then, and not given back."""
    shops = select(Merchant.id).where(Merchant.programme_id == place.programme_id)
    rows = session.execute(
        select(Redemption.resident_id, Redemption.business_day, Redemption.points).where(
            Redemption.merchant_id.in_(shops),
            Redemption.resident_id.in_(resident_ids),
            Redemption.redeemed_at >= datetime.combine(since, time.min, ZoneInfo(place.timezone)),
            Redemption.voided_at.is_(None),
        )
    )
    return ((resident_id, Spent(day, points)) for resident_id, day, points in rows)


def _set_aside(
    session: Session, place: Place, resident_ids: Collection[int], but_for: int | None
) -> Iterator[tuple[int, Spent]]:
    rows = session.execute(
        select(Resident.id, Hold.id, Hold.placed_at, Hold.amount)
        .join(Hold, Hold.account_id == Resident.wallet_id)
        .where(Resident.id.in_(resident_ids), Hold.until > place.now, ledger.not_ended())
    )
    for resident_id, hold_id, placed_at, points in rows:
        if hold_id != but_for:
            yield resident_id, Spent(local_date(placed_at, place.timezone), points)
