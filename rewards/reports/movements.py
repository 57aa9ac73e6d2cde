"""Movements of points in a community: one by one, summed, and week by week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Subquery, and_, case, func, literal, select, union_all

from rewards.act import Act
from rewards.awards import Award
from rewards.clock import local_date
from rewards.communities import Community
from rewards.deeds.model import SOURCE as DEED
from rewards.donations.gifts import SOURCE as DONATION
from rewards.ledger import CAUSE, DEDUCTION, GIFT, REDEMPTION
from rewards.ledger.model import Account, Reversed, Transfer
from rewards.residents import Resident, mask
from rewards.suggestions.adoption import SOURCE as SUGGESTION
from rewards.volunteering.sheet import SOURCE as ATTENDANCE


class Way(StrEnum):
    """How points move: in by the ways of earning, out at the shops, given on or taken by an act."""

    VOLUNTEERING = "volunteering"
    DONATION = "donation"
    SUGGESTION = "suggestion"
    DEED = "deed"
    REDEEMED = "redeemed"
    GIVEN = "given"
    GIVEN_TO_CAUSE = "given_to_cause"
    DEDUCTED = "deducted"


EARNED = (Way.VOLUNTEERING, Way.DONATION, Way.SUGGESTION, Way.DEED)

_WAY_OF_SOURCE = {
    ATTENDANCE: Way.VOLUNTEERING.value,
    DONATION: Way.DONATION.value,
    SUGGESTION: Way.SUGGESTION.value,
    DEED: Way.DEED.value,
}

_WAY_OF_KIND = {
    REDEMPTION: Way.REDEEMED.value,
    GIFT: Way.GIVEN.value,
    DEDUCTION: Way.DEDUCTED.value,
}


@dataclass(frozen=True)
class Sum:
    """Points less what was undone of them, and how many movements have any left."""

    points: int = 0
    count: int = 0


@dataclass(frozen=True)
class Week:
    """What moved in the week that begins on ``monday``."""

    monday: date
    points: dict[Way, int]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


@dataclass(frozen=True)
class Wanted:
    """Which movements to read; ``until`` is not included, no ways means all."""

    ways: Sequence[Way] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Movement:
    """One award, redemption, gift or deduction.

    ``other`` is the shop, the cause, or the neighbour by a masked name; ``undone`` of its points
    were given back.
    """

    id: int
    at: datetime
    way: Way
    resident_id: int
    name: str
    points: int
    undone: int
    reason: str
    other: str


@dataclass(frozen=True)
class Page:
    """Movements, the newest first; ``before`` asks for the next page, None at the end."""

    movements: Sequence[Movement]
    before: int | None


def weekly(act: Act, community: Community, weeks: int = 12) -> list[Week]:
    """The last *weeks* weeks from Monday to Sunday, the present one last."""
    today = local_date(act.now, community.programme.timezone)
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=back) for back in range(weeks - 1, -1, -1)]
    moves = _moves(community)
    # Weeks are told apart by their own beginnings: no database's calendar comes into it.
    number = case(
        *[
            (moves.c.at < midnight(community, monday), index)
            for index, monday in enumerate(mondays[1:])
        ],
        else_=weeks - 1,
    )
    numbered = (
        select(number.label("week"), moves.c.way, (moves.c.points - moves.c.undone).label("left"))
        .where(moves.c.at >= midnight(community, mondays[0]))
        .subquery()
    )
    rows = act.session.execute(
        select(numbered.c.week, numbered.c.way, func.sum(numbered.c.left)).group_by(
            numbered.c.week, numbered.c.way
        )
    )
    found = [Week(monday, dict.fromkeys(Way, 0)) for monday in mondays]
    for index, way, points in rows:
        found[index].points[Way(way)] = int(points)
    return found


def page(
    act: Act, community: Community, wanted: Wanted, *, before: int | None = None, size: int = 50
) -> Page:
    """One page of movements by keyset."""
    moves = _moves(community)
    rows = _filtered(select(moves), moves, wanted)
    if before is not None:
        rows = rows.where(moves.c.id < before)
    found = act.session.execute(rows.order_by(moves.c.id.desc()).limit(size + 1)).all()
    return Page([_movement(r) for r in found[:size]], found[size - 1].id if found[size:] else None)


def every(act: Act, community: Community, wanted: Wanted) -> Iterator[Movement]:
    """All movements that match, the newest first."""
    moves = _moves(community)
    rows = _filtered(select(moves), moves, wanted).order_by(moves.c.id.desc())
    for row in act.session.execute(rows):
        yield _movement(row)


def total(act: Act, community: Community, wanted: Wanted) -> tuple[Sum, Sum]:
    """What the movements that match come to: those earned, and those redeemed."""
    sums = sums_by_way(act, community, wanted)
    earned = [sums.get(way, Sum()) for way in EARNED]
    return (
        Sum(sum(s.points for s in earned), sum(s.count for s in earned)),
        sums.get(Way.REDEEMED, Sum()),
    )


def midnight(community: Community, day: date) -> datetime:
    """The moment at which *day* begins, by the programme's calendar."""
    return datetime.combine(day, time.min, ZoneInfo(community.programme.timezone))


def _moves(community: Community) -> Subquery:
    """What the community's residents earned, spent, gave and had taken, one row each."""
    undone = func.coalesce(Reversed.total, 0).label("undone")
    common = (
        Transfer.id.label("id"),
        Transfer.recorded_at.label("at"),
        Resident.id.label("resident_id"),
        Resident.name.label("name"),
        Transfer.amount.label("points"),
        undone,
        Transfer.reason.label("reason"),
    )
    earned = (
        select(
            *common,
            case(_WAY_OF_SOURCE, value=Award.source).label("way"),
            literal("").label("other"),
        )
        .join(Award, Award.transfer_id == Transfer.id)
        .join(Resident, Resident.id == Award.resident_id)
    )
    spent = (
        select(
            *common,
            case(
                (and_(Transfer.kind == GIFT, Account.kind == CAUSE), Way.GIVEN_TO_CAUSE.value),
                else_=case(_WAY_OF_KIND, value=Transfer.kind),
            ).label("way"),
            case((Transfer.kind.in_((REDEMPTION, GIFT)), Account.name), else_="").label("other"),
        )
        .join(Resident, Resident.wallet_id == Transfer.debit_id)
        .join(Account, Account.id == Transfer.credit_id)
        .where(Transfer.kind.in_(_WAY_OF_KIND))
    )
    return union_all(
        *[
            side.outerjoin(Reversed, Reversed.transfer_id == Transfer.id).where(
                Resident.community_id == community.id
            )
            for side in (earned, spent)
        ]
    ).subquery("moves")


def _filtered(rows: Select[Any], moves: Subquery, wanted: Wanted) -> Select[Any]:
    if wanted.ways:
        rows = rows.where(moves.c.way.in_([way.value for way in wanted.ways]))
    if wanted.since is not None:
        rows = rows.where(moves.c.at >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(moves.c.at < wanted.until)
    return rows


def sums_by_way(act: Act, community: Community, wanted: Wanted) -> dict[Way, Sum]:
    """What the movements that match come to, for each way that has any."""
    moves = _moves(community)
    left = moves.c.points - moves.c.undone
    rows = select(moves.c.way, func.sum(left), func.sum(case((left > 0, 1), else_=0)))
    found = act.session.execute(_filtered(rows, moves, wanted).group_by(moves.c.way))
    return {Way(way): Sum(int(points), int(count)) for way, points, count in found}


def _movement(row: Any) -> Movement:
    return Movement(
        id=row.id,
        at=row.at,
        way=Way(row.way),
        resident_id=row.resident_id,
        name=row.name,
        points=row.points,
        undone=int(row.undone),
        reason=row.reason,
        other=mask(row.other) if row.way == Way.GIVEN else row.other,
    )
