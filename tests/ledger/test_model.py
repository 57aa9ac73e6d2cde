"""The ledger against a ledger on paper that says what it should do."""

from tests.conftest import Database
from tests.ledger import machine

# What the whole suite's time allows; `make prove` does a hundred times as much.
RUNS, STEPS = 100, 40


def test_any_course_of_events_ends_as_on_paper(database: Database, any_seed: int) -> None:
    happened = machine.check(database.engine, runs=RUNS, steps=STEPS, from_seed=any_seed)
    assert happened["runs"] >= RUNS and happened["steps"] >= RUNS * STEPS
    # What never happened was not tested; the rarest of these happens dozens of times.
    assert len(happened) >= 24, happened
