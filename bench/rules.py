"""What rules cost: evaluating acts, and a preview of a draft over a month of 100,000 of them."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bench.stage import Bench, Measure
from rewards import previews
from rewards.act import SYSTEM, Act
from rewards.clock import utc_now
from rewards.communities import Programme
from rewards.db import prepare_engine
from rewards.previews import Preview
from rewards.schemes import drafts, evaluate
from rewards.schemes.document import parse
from rewards.schemes.facts import Deed, Kind

ACTS, ACTS_QUICK = 100_000, 10_000
AT_AN_EVENT = 100
DOCUMENT = {
    "format": "e-points-scheme/1",
    "name": {"zh": "示例规则", "en": "Sample rules"},
    "classes": [
        {"key": "environment", "name": {"zh": "环境", "en": "Environment"}},
        {"key": "elders", "name": {"zh": "助老", "en": "Elders"}},
    ],
    "rules": [
        {
            "key": "weekend",
            "name": {"zh": "周末环境服务", "en": "Environment at weekends"},
            "source": "hours",
            "when": {"classes": ["environment"], "weekdays": [6, 7]},
            "amount": {"points": 15, "per": "hour"},
            "caps": [{"most": 45, "window": "day"}],
        },
        {
            "key": "hours",
            "name": {"zh": "服务", "en": "Service"},
            "source": "hours",
            "amount": {"points": 10, "per": "hour"},
            "caps": [{"most": 4, "window": "event", "measure": "quantity"}],
        },
    ],
    "shared_caps": [
        {
            "key": "month",
            "name": {"zh": "每月上限", "en": "A month"},
            "cap": {"most": 1_500, "window": "month"},
        }
    ],
}


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    acts = ACTS_QUICK if bench.quick else ACTS
    bench.notes["preview"] = f"{acts:,} acts"
    deeds = list(drawn(acts))
    if (engine := by_engine(deeds)) != (hand := by_hand(deeds)):
        raise AssertionError(f"the engine gave {engine} points, the hand-written rules {hand}")
    filled = bench.database("rules")
    database = create_engine(bench.settings("rules").database_url)
    prepare_engine(database)
    month = Month(database, filled.programme_id, acts)
    bench.settle()
    yield {
        "evaluated": partial(rate, by_engine, deeds),
        "by_hand": partial(rate, by_hand, deeds),
        "previewed": month.preview,
    }
    database.dispose()


def drawn(acts: int) -> Iterator[Deed]:
    """So many services of 2,000 residents in October 2026, in the order of time."""
    draw = random.Random(1)
    begins = datetime(2026, 9, 30, 16, tzinfo=UTC)
    for number in range(acts):
        yield Deed(
            Kind.SERVICE,
            draw.randrange(2_000),
            begins + timedelta(minutes=number * 31 * 24 * 60 // acts),
            "Asia/Shanghai",
            minutes=draw.randrange(10, 400),
            event_id=number // AT_AN_EVENT,
            class_=draw.choice(["environment", "elders"]),
        )


def rate(work: Callable[[Sequence[Deed]], object], deeds: Sequence[Deed]) -> float:
    """Acts a second."""
    begun = time.monotonic()
    work(deeds)
    return len(deeds) / (time.monotonic() - begun)


def by_engine(deeds: Sequence[Deed]) -> int:
    return sum(outcome.points for outcome in evaluate.evaluate_all(parse(DOCUMENT), deeds))


def by_hand(deeds: Sequence[Deed]) -> int:
    """The same rules as somebody would have written them down in code, without saying why."""
    of_day: defaultdict[tuple[int, date], int] = defaultdict(int)
    of_event: defaultdict[tuple[int, int | None], int] = defaultdict(int)
    of_month: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    total = 0
    for deed in deeds:
        who, day = deed.resident_id, deed.began_at.astimezone(ZoneInfo(deed.timezone)).date()
        month = (who, day.year, day.month)
        weekend = deed.class_ == "environment" and day.weekday() >= 5
        if weekend:
            points = min((deed.minutes * 15 + 30) // 60, 45 - of_day[who, day])
        else:
            minutes = min(deed.minutes, 240 - of_event[who, deed.event_id])
            points = (minutes * 10 + 30) // 60
        points = min(points, 1_500 - of_month[month])
        if weekend:
            of_day[who, day] += points
        elif points:
            of_event[who, deed.event_id] += minutes
        of_month[month] += points
        total += points
    return total


PAST = """
INSERT INTO event (id, community_id, title, description, service, place, starts_at, ends_at,
                   status, rounds, created_by, created_at)
SELECT 1000000 + i, (SELECT min(community_id) FROM resident), '示例活动', '',
       CASE WHEN i % 2 = 0 THEN 'environment' ELSE 'elders' END, '示例花园', at,
       at + interval '4 hours', 'published', 1, 'system', at
FROM (SELECT i, TIMESTAMPTZ '2026-10-01 00:00+08' + interval '31 days' * i / :events AS at
      FROM generate_series(0, :events - 1) i) events;
INSERT INTO attendance (id, event_id, resident_id, in_at, in_way, out_at, out_way)
SELECT 1000000 + (e.id - 1000000) * :each + k, e.id,
       (SELECT min(id) FROM resident) + (e.id * 37 + k) % 2000, e.starts_at, 'scanned',
       e.starts_at + interval '1 minute' * (10 + (e.id * 13 + k * 7) % 230), 'scanned'
FROM event e, generate_series(0, :each - 1) k WHERE e.id >= 1000000;
INSERT INTO award (id, resident_id, source, source_id, points, because, scheme_id, transfer_id,
                   awarded_at, owed)
SELECT id, resident_id, 'attendance', id, 20, '{}', (SELECT min(id) FROM scheme_version),
       1000000000 + id, out_at, 0
FROM attendance WHERE id >= 1000000
"""


@dataclass
class Month:
    """A month's events with their sheets and awards, written straight into the tables."""

    engine: Engine
    programme_id: int
    acts: int

    def __post_init__(self) -> None:
        facts = {"events": self.acts // AT_AN_EVENT, "each": AT_AN_EVENT}
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in PAST.split(";\n"):
                connection.execute(text(statement), facts)
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        with Session(self.engine) as session:
            act = Act(session, SYSTEM, utc_now())
            programme = session.get_one(Programme, self.programme_id)
            self.draft_id = drafts.start(act, programme, DOCUMENT, "示例草案").id
            session.commit()

    def preview(self) -> float:
        """The seconds that a preview takes, with its progress and its result."""
        with Session(self.engine) as session:
            act = Act(session, SYSTEM, datetime(2026, 11, 20, tzinfo=UTC))
            draft = drafts.load(act, self.draft_id, self.programme_id)
            preview, _ = previews.ask(act, draft, date(2026, 10, 1), date(2026, 10, 31))
            session.commit()
            begun = time.monotonic()
            previews.run(self.engine, preview.id, utc_now)
            took = time.monotonic() - begun
            session.expire_all()
            done = session.get_one(Preview, preview.id)
            if done.result is None or done.result["acts"] != self.acts:
                raise AssertionError(f"the preview is {done.status} after {done.done} acts")
        return took
