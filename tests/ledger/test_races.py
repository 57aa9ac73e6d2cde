"""Many at once, from threads and from processes, on both databases."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.conftest import Database
from tests.ledger import races
from tests.ledger.callers import Processes, Threads
from tests.ledger.races import RACES, Ground

CALLERS = 16


@pytest.fixture
def ground(database: Database) -> Ground:
    return Ground(database.engine)


@pytest.fixture
def threads(database: Database) -> Iterator[Threads]:
    with closing(Threads(database.engine, CALLERS)) as callers:
        yield callers


@pytest.mark.parametrize("name", RACES)
def test_threads(ground: Ground, threads: Threads, name: str) -> None:
    for _ in range(2):
        races.run(RACES[name](ground, CALLERS), threads)
    ground.verify()


def test_processes(ground: Ground, database: Database) -> None:
    with closing(Processes(database.url, 2, CALLERS)) as processes:
        for name in ("one_key_one_body", "funds_for_ten", "capture_release_or_time_out"):
            races.run(RACES[name](ground, CALLERS), processes)
    ground.verify()
