"""The service breaks under load, and nothing that was acknowledged is lost or done twice.

A few kinds once each; ``make prove`` strikes every kind with many seeds.
"""

from secrets import randbelow

from tests.prove import Size
from tests.prove.crashes import SMALL, run


def test_no_answer_is_lost_or_doubled_by_a_crash(database_kind: str) -> None:
    seed = randbelow(2**32)
    counts = run(Size.SMALL, seed, database_kind, print)
    assert counts.failures == []
    assert counts.count == len(SMALL[database_kind])
    assert counts.details["acknowledged"] and counts.details["answered by the retry"]
