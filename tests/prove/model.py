"""The model: any course of events, by the ledger and on paper, in as many processes as cores."""

import multiprocessing
import os
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.ledger import machine
from tests.prove import ALL, Counts, Report, Share, Size
from tests.prove.databases import Source, source

RUNS = {Size.SMALL: 300, Size.FULL: 10_000}
STEPS = {Size.SMALL: 40, Size.FULL: 50}

# Each part has a database and a seed of its own; a database stays small, and so quick.
PART = 100


def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts:
    """So many runs and steps of the machine in tests/ledger/machine.py."""
    counts, happened = Counts("runs"), Counter[str]()
    spawn = multiprocessing.get_context("spawn")
    with source(engine) as made, ProcessPoolExecutor(os.cpu_count(), mp_context=spawn) as pool:
        parts = [
            pool.submit(_part, made, number, seed, STEPS[size])
            for number in share.among(range(RUNS[size] // PART))
        ]
        for number, part in enumerate(as_completed(parts), 1):
            done, failure = part.result()
            happened += done
            if failure is not None:
                counts.failures.append(failure)
            if number % 5 == 0:
                report(f"{happened['runs']:,} runs, {happened['steps']:,} steps")
    counts.failures += [f"{rule} never came about" for rule in machine.RULES if not happened[rule]]
    counts.count = happened.pop("runs", 0)
    counts.details = dict(sorted(happened.items()))
    return counts


def _part(made: Source, number: int, seed: int, steps: int) -> tuple[Counter[str], str | None]:
    own = seed * 1000 + number
    try:
        with made.fresh(f"model_{number}") as database:
            return machine.check(database.engine, runs=PART, steps=steps, from_seed=own), None
    except Exception:
        return Counter(), f"with seed {own}: {traceback.format_exc()}"
