"""The ledger against a ledger on paper that says what it should do."""

from tests.conftest import Database
from tests.ledger import machine

# `make prove` does 10,000 runs of 50 steps.
RUNS, STEPS = 300, 40


def test_any_course_of_events_ends_as_on_paper(database: Database, any_seed: int) -> None:
    happened = machine.check(database.engine, runs=RUNS, steps=STEPS, from_seed=any_seed)
    print(dict(sorted(happened.items())))
    assert happened["runs"] >= RUNS and happened["steps"] >= RUNS * STEPS
    # What never came about was not tested; the rarest of these does so a dozen times.
    assert set(machine.RULES) <= set(happened), happened
