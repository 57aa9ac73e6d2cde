"""Points given on, in lists and beside lines of a statement. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from rewards import ledger
from rewards.act import Act
from rewards.donations.causes import Cause
from rewards.errors import NotFound
from rewards.giving_on.model import GiftUndone, PointsGift
from rewards.residents import Resident, mask

PAGE = 20
NEWS = timedelta(days=7)


@dataclass(frozen=True)
class Page:
    """Gifts, the newest first; ``before`` asks for the next page, None at the end."""

    gifts: Sequence[PointsGift]
    before: int | None


@dataclass(frozen=True)
class CauseSum:
    """What a cause got in points and didn't return, and in how many gifts."""

    points: int = 0
    gifts: int = 0


def load(act: Act, reference: str, resident: Resident) -> PointsGift:
    """The gift of that reference, if the resident gave or got it.

    Raises:
        NotFound: there is none, or it is others'.
    """
    gift = _find(act, reference)
    if gift is None or resident.id not in (gift.giver_id, gift.receiver_id):
        raise NotFound
    return gift


def load_given(act: Act, reference: str, giver: Resident) -> PointsGift:
    """The gift of that reference, if the resident gave it.

    Raises:
        NotFound: there is none, or it is others'.
    """
    gift = load(act, reference, giver)
    if gift.giver_id != giver.id:
        raise NotFound
    return gift


def load_at(act: Act, reference: str, community_id: int) -> PointsGift:
    """The gift of that reference, if somebody of the community gave it.

    Raises:
        NotFound: there is none, or none here.
    """
    gift = _find(act, reference)
    if gift is None or gift.giver.community_id != community_id:
        raise NotFound
    return gift


def of_resident(act: Act, resident: Resident, *, before: int | None = None) -> Page:
    """What the resident gave and got."""
    mine = or_(PointsGift.giver_id == resident.id, PointsGift.receiver_id == resident.id)
    return _page(act, mine, before)


def of_cause(act: Act, cause: Cause, *, before: int | None = None) -> Page:
    """What the cause got."""
    return _page(act, PointsGift.cause_id == cause.id, before)


def of_community(act: Act, community_id: int, *, before: int | None = None) -> Page:
    """What residents of the community gave."""
    givers = select(Resident.id).where(Resident.community_id == community_id)
    return _page(act, PointsGift.giver_id.in_(givers), before)


def news(act: Act, resident: Resident) -> Sequence[PointsGift]:
    """What neighbours gave to the resident in the last week, the newest first."""
    rows = select(PointsGift).where(
        PointsGift.receiver_id == resident.id, PointsGift.given_at > act.now - NEWS
    )
    return act.session.scalars(rows.order_by(PointsGift.id.desc()).limit(PAGE)).all()


def sums(act: Act, cause_ids: Collection[int]) -> dict[int, CauseSum]:
    """What each of the causes got; one that got nothing is absent."""
    rows = act.session.execute(
        select(PointsGift.cause_id, PointsGift.points)
        .outerjoin(GiftUndone, GiftUndone.gift_id == PointsGift.id)
        .where(PointsGift.cause_id.in_(cause_ids), GiftUndone.gift_id.is_(None))
    )
    found: dict[int, CauseSum] = {}
    for cause_id, points in rows:
        if cause_id is not None:
            known = found.get(cause_id, CauseSum())
            found[cause_id] = CauseSum(known.points + points, known.gifts + 1)
    return found


def named(act: Act, lines: Sequence[ledger.Line]) -> list[ledger.Line]:
    """The lines of a wallet's statement, a neighbour's masked name in those between neighbours."""
    ours = [n for line in lines if not line.other for n in (line.transfer_id, line.reverses_id)]
    names = _names(act, [number for number in ours if number is not None])
    told = []
    for line in lines:
        pair = names.get(line.reverses_id or line.transfer_id)
        if pair is not None and not line.other:
            # A gift leaves its giver, and comes back by an undoing.
            is_giver = (line.change < 0) == (line.reverses_id is None)
            line = replace(line, other=pair[1] if is_giver else pair[0])
        told.append(line)
    return told


def _names(act: Act, transfer_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Giver's and receiver's masked names, by the gift's transfer."""
    if not transfer_ids:
        return {}
    giver, receiver = aliased(Resident), aliased(Resident)
    rows = act.session.execute(
        select(PointsGift.transfer_id, giver.name, receiver.name)
        .join(giver, giver.id == PointsGift.giver_id)
        .join(receiver, receiver.id == PointsGift.receiver_id)
        .where(PointsGift.transfer_id.in_(transfer_ids))
    )
    return {number: (mask(gave), mask(got)) for number, gave, got in rows}


def _find(act: Act, reference: str) -> PointsGift | None:
    return act.session.scalar(select(PointsGift).where(PointsGift.reference == reference))


def _page(act: Act, which: ColumnElement[bool], before: int | None) -> Page:
    rows = select(PointsGift).where(which)
    if before is not None:
        rows = rows.where(PointsGift.id < before)
    found = act.session.scalars(rows.order_by(PointsGift.id.desc()).limit(PAGE + 1)).all()
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
