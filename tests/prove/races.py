"""Races, by turns from the threads of one process and from several processes."""

import itertools
import traceback
from contextlib import closing

from tests.ledger import races
from tests.ledger.callers import Processes, Threads
from tests.ledger.races import RACES, Ground
from tests.prove import ALL, Counts, Report, Share, Size
from tests.prove.databases import source

ROUNDS = {Size.SMALL: 10, Size.FULL: 1000}
CALLERS, PROCESSES = 64, 4


def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts:
    """So many rounds of each race in tests/ledger/races.py.

    What is asked is the same each time, and when it arrives is nobody's to say: the seed
    changes nothing here.
    """
    counts = Counts("rounds")
    with source(engine) as made, made.fresh("races") as database:
        ground = Ground(database.engine)
        with (
            closing(Threads(database.engine, CALLERS)) as threads,
            closing(Processes(database.url, PROCESSES, CALLERS)) as processes,
        ):
            for name, race in RACES.items():
                counts.details[name] = 0
                for number, callers in zip(
                    share.among(range(ROUNDS[size])), itertools.cycle((threads, processes))
                ):
                    try:
                        races.run(race(ground, CALLERS), callers)
                    except Exception:
                        counts.failures.append(f"{name} {number}: {traceback.format_exc()}")
                    counts.count += 1
                    counts.details[name] += 1
                ground.verify()
                report(f"{name}: {counts.details[name]} rounds")
    counts.details["callers"] = counts.count * CALLERS
    return counts
