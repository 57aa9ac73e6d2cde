"""What was given before, read from the awards that stand: all that evaluating looks back at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from rewards.act import Act
from rewards.awards.model import Award, AwardLine
from rewards.clock import local_date
from rewards.residents import Resident
from rewards.schemes import versions
from rewards.schemes.evaluate import Engine
from rewards.schemes.facts import Deed, Entry, Kind
from rewards.schemes.rules import Source
from rewards.schemes.tally import Tally
from rewards.schemes.versions import Version


def deed(resident: Resident, kind: Kind, began_at: datetime, **facts: Any) -> Deed:
    """What the resident did, with what the rules may ask of who they are."""
    household = f"{resident.community_id}:{resident.household}" if resident.household else ""
    return Deed(
        kind=kind,
        resident_id=resident.id,
        began_at=began_at,
        timezone=resident.community.programme.timezone,
        household=household,
        tags=frozenset(resident.tags),
        **facts,
    )


def hold(act: Act, version: Version) -> None:
    """Let nobody else award in the programme until the transaction ends, if it matters.

    It does where a cap, a first time or a streak looks beyond one act: two who award at once
    would not see each other's. To be called before the operation is claimed.
    """
    engine = version.engine
    if engine.asks_ever or engine.looks_back(act.now.date()) is not None:
        versions.lock(act, version.programme_id)


def tally(act: Act, version: Version, deeds: Sequence[Deed], *, before: int | None = None) -> Tally:
    """What these deeds are to be evaluated after, by the awards that stand now.

    *before* is the id of an award that is computed anew: what came after it doesn't matter.
    """
    engine = version.engine
    if not deeds:
        return engine.tally()
    when = [*_when(engine, deeds), *_ever(engine, deeds)]
    if not when:
        return engine.tally()
    rows = (
        select(AwardLine)
        .join(Award, Award.id == AwardLine.award_id)
        .where(Award.reversed_at.is_(None), _whose(engine, deeds), or_(*when))
        .order_by(AwardLine.award_id, AwardLine.id)
    )
    if before is not None:
        rows = rows.where(AwardLine.award_id < before)
    return engine.tally(_by_award(act.session.scalars(rows)))


def _by_award(rows: Iterable[AwardLine]) -> Iterator[list[Entry]]:
    for _, lines in groupby(rows, lambda line: line.award_id):
        yield [
            Entry(
                rule=line.rule,
                source=Source(line.source),
                resident_id=line.resident_id,
                household=line.household,
                event_id=line.event_id,
                day=line.day,
                points=line.points,
                quantity=line.quantity,
            )
            for line in lines
        ]


def _whose(engine: Engine, deeds: Sequence[Deed]) -> ColumnElement[bool]:
    """Whose entries matter: the residents' own, and where rules ask their households'."""
    residents = {deed.resident_id for deed in deeds}
    whose = AwardLine.resident_id.in_(residents)
    households = {deed.household for deed in deeds if deed.household}
    if engine.by_household and households:
        return or_(whose, AwardLine.household.in_(households))
    return whose


def _when(engine: Engine, deeds: Sequence[Deed]) -> Iterator[ColumnElement[bool]]:
    """Of when entries matter: those since a day, and those of the same events."""
    days = {local_date(deed.began_at, deed.timezone) for deed in deeds}
    since = [first for day in days if (first := engine.looks_back(day)) is not None]
    if since:
        yield AwardLine.day >= min(since)
    events = {deed.event_id for deed in deeds if deed.event_id is not None}
    if engine.by_event and events:
        yield AwardLine.event_id.in_(events)


def _ever(engine: Engine, deeds: Sequence[Deed]) -> Iterator[ColumnElement[bool]]:
    """One entry of each resident and source, where it matters whether there ever was any."""
    if not engine.asks_ever:
        return
    residents = {deed.resident_id for deed in deeds}
    yield AwardLine.id.in_(
        select(func.min(AwardLine.id))
        .join(Award, and_(Award.id == AwardLine.award_id, Award.reversed_at.is_(None)))
        .where(AwardLine.resident_id.in_(residents))
        .group_by(AwardLine.resident_id, AwardLine.source)
    )
