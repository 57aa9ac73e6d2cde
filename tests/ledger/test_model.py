"""The ledger against a ledger on paper that says what it should do."""

from tests.conftest import Database
from tests.ledger import machine


def test_any_course_of_events_ends_as_on_paper(database: Database, any_seed: int) -> None:
    happened = machine.check(database.engine, runs=300, steps=40, from_seed=any_seed)
    assert happened["runs"] >= 300 and happened["steps"] >= 300 * 40
    # What never happened was not tested; the rarest of these happens dozens of times.
    assert len(happened) >= 24, happened
