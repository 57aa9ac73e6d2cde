"""Working a preview out in the background, with its progress in the database."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime, time, timedelta
from threading import Thread
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from rewards.awards import Award, AwardLine
from rewards.clock import Clock, local_date
from rewards.communities import Community
from rewards.db import reading
from rewards.previews import room
from rewards.previews.comparing import Comparison
from rewards.previews.model import Preview, PreviewLine, Status
from rewards.previews.past import Past
from rewards.residents import Resident
from rewards.schemes.evaluate import Engine
from rewards.schemes.facts import Entry
from rewards.schemes.rules import Source
from rewards.schemes.scheme import Scheme

log = logging.getLogger(__name__)

# After so many acts the progress is written down.
STEP = 1_000
DAY = timedelta(days=1)


class Superseded(Exception):
    """Another preview of the draft was asked for meanwhile, or this one was given up."""


def begin(database: Database, preview_id: int, clock: Clock) -> Thread:
    """Work the preview out in a thread of its own."""
    work = (database, preview_id, clock)
    thread = Thread(target=run, args=work, name=f"preview-{preview_id}", daemon=True)
    thread.start()
    return thread


def run(database: Database, preview_id: int, clock: Clock) -> None:
    """Work the preview out. What goes wrong is logged, and the preview has failed."""
    try:
        _run(database, preview_id, clock)
    except Superseded:
        log.info("Preview %s was superseded", preview_id)
    except Exception:
        log.exception("Preview %s failed", preview_id)
        with Session(database) as session, suppress(Superseded):
            _move(session, preview_id, status=Status.FAILED.value, moved_at=clock())


def _run(database: Database, preview_id: int, clock: Clock) -> None:
    with _only_reading(database) as session, Session(database) as writing:
        preview = session.get(Preview, preview_id)
        if preview is None or preview.status != Status.RUNNING:
            raise Superseded
        programme, scheme = preview.draft.programme, preview.draft.scheme
        since, until = _moments(programme.timezone, preview.first, preview.last + DAY)
        engine, start = Engine(scheme), since
        if (earlier := engine.looks_back(preview.first)) is not None:
            [start] = _moments(programme.timezone, earlier)
        past = Past(programme.id, start, until)
        _move(writing, preview_id, acts=past.count(session), moved_at=clock())
        tally = engine.tally(_ever(session, engine, preview))
        comparison = Comparison(scheme, preview.first, preview.last)
        with closing(past.read(session)) as acts:
            for number, done in enumerate(acts, start=1):
                outcome = engine.evaluate(done.deed, tally)
                tally.add(outcome.entries)
                if done.deed.began_at >= since:
                    comparison.add(done, outcome)
                if number % STEP == 0:
                    _move(writing, preview_id, done=number, moved_at=clock())
        over = _over(writing, engine.scheme, comparison, local_date(clock(), programme.timezone))
        _finish(writing, preview_id, comparison, over, clock())


@contextmanager
def _only_reading(database: Database) -> Iterator[Session]:
    """A session whose one transaction lets others write beside it."""
    token = reading.set(True)
    with Session(database) as session:
        try:
            session.connection()
        finally:
            reading.reset(token)
        yield session


def _moments(timezone: str, *days: date) -> list[datetime]:
    """When each of these days begins where the programme is."""
    return [datetime.combine(day, time.min, ZoneInfo(timezone)) for day in days]


def _ever(session: Session, engine: Engine, preview: Preview) -> Iterator[list[Entry]]:
    """Who was given points of which source before the period, if a rule asks for a first time.

    Caps don't see these: their day is that of no window.
    """
    if not engine.asks_ever:
        return
    rows = (
        select(AwardLine.resident_id, AwardLine.source)
        .join(Award, Award.id == AwardLine.award_id)
        .join(Resident, Resident.id == AwardLine.resident_id)
        .join(Community, Community.id == Resident.community_id)
        .where(
            Community.programme_id == preview.draft.programme_id,
            Award.reversed_at.is_(None),
            AwardLine.day < preview.first,
        )
        .distinct()
    )
    for resident_id, source in session.execute(rows):
        yield [Entry("", Source(source), resident_id, "", None, date.min, points=1, quantity=0)]


def _move(session: Session, preview_id: int, **values: Any) -> None:
    """Write down how far it is, for whoever watches.

    Raises:
        Superseded: it isn't running any more.
    """
    running = Preview.status == Status.RUNNING.value
    changed = session.execute(
        update(Preview).where(Preview.id == preview_id, running).values(**values)
    )
    if not cast(CursorResult[Any], changed).rowcount:
        raise Superseded
    session.commit()


def _over(session: Session, scheme: Scheme, comparison: Comparison, today: date) -> dict[int, int]:
    """What the draft's limit of a wallet would leave no room for, by resident."""
    limit = scheme.wallet.limit
    if limit is None:
        return {}
    would = {number: of.would for number, of in comparison.residents.items()}
    return room.over(session, would, limit, today)


def _finish(
    session: Session,
    preview_id: int,
    comparison: Comparison,
    over: Mapping[int, int],
    now: datetime,
) -> None:
    """Keep the result, and a line for each resident."""
    lines = [
        {
            "preview_id": preview_id,
            "resident_id": resident_id,
            "change": of.change,
            "over": over.get(resident_id, 0),
            **vars(of),
        }
        for resident_id, of in comparison.residents.items()
    ]
    if lines:
        session.execute(insert(PreviewLine), lines)
    result = comparison.result(over)
    _move(
        session,
        preview_id,
        status=Status.DONE.value,
        done=Preview.acts,
        result=result,
        moved_at=now,
    )
