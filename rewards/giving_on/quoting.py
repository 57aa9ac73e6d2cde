"""What somebody can give on now, and what a gift would come to. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from rewards import cards, ledger
from rewards.act import Act
from rewards.clock import local_date
from rewards.donations import causes
from rewards.donations.causes import Cause
from rewards.giving_on.model import GiftUndone, PointsGift
from rewards.giving_on.refusals import NoWorkingCard
from rewards.residents import Resident
from rewards.schemes import giving, versions
from rewards.schemes.giving import Room
from rewards.schemes.scheme import GivingOn
from rewards.schemes.spending import Spent

CLOSED = GivingOn()

Receiver = Resident | Cause


@dataclass(frozen=True)
class Means:
    """What a giver has, owes, and may give by the rules: ``free`` is what the ledger lets go."""

    rules: GivingOn
    dated: list[ledger.Dated]
    owed: int
    room: Room

    @property
    def spendable(self) -> int:
        return sum(part.amount for part in self.dated)

    @property
    def free(self) -> int:
        return max(0, self.spendable - self.owed)

    @property
    def most(self) -> int:
        """The most that can be given now."""
        return self.free if self.room.points is None else min(self.free, self.room.points)


@dataclass(frozen=True)
class Quote:
    """What giving would come to: which points would go, the first to expire before the rest."""

    points: int
    left: int
    going: list[ledger.Dated]


def means(act: Act, giver: Resident) -> Means:
    """What the resident can give now; nothing where no scheme is in force."""
    programme = giver.community.programme
    version = versions.find(act, programme.id, act.now)
    rules = version.scheme.spending.giving_on if version else CLOSED
    day = today(act, giver)
    return Means(
        rules,
        ledger.dated(act.session, giver.wallet_id, day, now=act.now),
        ledger.owed(act.session, giver.wallet_id),
        giving.room(rules, day, before(act, giver, rules, day)),
    )


def quote(act: Act, giver: Resident, to: Receiver, points: int) -> Quote:
    """What giving *points* would come to, if nothing stands in the way that can be known now.

    Whether a neighbour's wallet has room isn't said: asked often enough, it would tell what is
    in it. The gift itself is refused then.

    Raises:
        NoWorkingCard, NotGiveable, CauseClosed, GivenToOneself, NotEnoughPoints, OwedPoints,
        BadAmount.
    """
    ledger.check_amount(points)
    check_giver(act, giver)
    has = means(act, giver)
    check_receiver(giver, to, has.rules)
    if points > has.spendable:
        raise ledger.NotEnoughPoints(missing=points - has.spendable)
    if points > has.free:
        raise ledger.OwedPoints(owed=has.owed, free=has.free)
    day = today(act, giver)
    giving.check(has.rules, points, day, before(act, giver, has.rules, day))
    return Quote(points, has.spendable - points, _going(has.dated, points))


def neighbour(act: Act, giver: Resident, scanned: str) -> Resident:
    """Whose card it is: somebody of the giver's programme, other than the giver.

    Raises:
        NotACard, UnknownCard, BlockedCard, ReplacedCard, ExpiredCard, GivenToOneself,
        NotToNeighbours.
    """
    giving.check_open(means(act, giver).rules, to_cause=False)
    programme_id = giver.community.programme_id
    found = cards.identify(act, scanned, programme_id, today(act, giver)).resident
    if found.id == giver.id:
        raise ledger.GivenToOneself
    return found


def cause(act: Act, giver: Resident, cause_id: int) -> Cause:
    """The cause of that id, if it is one of the giver's community that takes gifts.

    Raises:
        NotFound, CauseClosed, NotToCauses.
    """
    giving.check_open(means(act, giver).rules, to_cause=True)
    found = causes.load(act, cause_id, giver.community_id)
    causes.check_open(found)
    return found


def check_giver(act: Act, giver: Resident) -> None:
    """Refuse a giver whose card is blocked or past its date: it may be in other hands."""
    card = cards.active_card(act, giver.id)
    if card is None or card.expired(today(act, giver)):
        raise NoWorkingCard


def check_receiver(giver: Resident, to: Receiver, rules: GivingOn) -> None:
    """Refuse a receiver whom the rules leave out, who is the giver, or a cause that is closed."""
    giving.check_open(rules, to_cause=isinstance(to, Cause))
    if isinstance(to, Cause):
        causes.check_open(to)
    elif to.id == giver.id:
        raise ledger.GivenToOneself


def before(
    act: Act, giver: Resident, rules: GivingOn, day: date, *, but_for: int | None = None
) -> Sequence[Spent]:
    """What the resident gave, as far back as the rules look, and didn't get back."""
    since = giving.looks_back(rules, day)
    if since is None:
        return []
    rows = act.session.execute(
        select(PointsGift.day, PointsGift.points)
        .outerjoin(GiftUndone, GiftUndone.gift_id == PointsGift.id)
        .where(
            PointsGift.giver_id == giver.id,
            PointsGift.day >= since,
            PointsGift.id != (but_for or 0),
            GiftUndone.gift_id.is_(None),
        )
    )
    return [Spent(given, points) for given, points in rows]


def today(act: Act, resident: Resident) -> date:
    """Today, where the programme is."""
    return local_date(act.now, resident.community.programme.timezone)


def _going(dated: Sequence[ledger.Dated], points: int) -> list[ledger.Dated]:
    going = []
    for part in dated:
        share = min(points, part.amount)
        if share:
            going.append(ledger.Dated(part.expires_on, share))
            points -= share
    return going
