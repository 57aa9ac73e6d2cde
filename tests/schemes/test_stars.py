"""Star grades at their edges: 100, 300, 600, 1,000 and 1,500 hours, to the minute."""

import pytest

from rewards.schemes.presets import preset
from rewards.schemes.stars import reached

STARS = preset("stars").scheme.stars


@pytest.mark.parametrize(
    ("hours", "minutes", "number", "missing"),
    [
        (0, 0, 0, 6000),
        (99, 59, 0, 1),
        (100, 0, 1, 200 * 60),
        (100, 1, 1, 200 * 60 - 1),
        (299, 59, 1, 1),
        (300, 0, 2, 300 * 60),
        (599, 59, 2, 1),
        (600, 0, 3, 400 * 60),
        (999, 59, 3, 1),
        (1000, 0, 4, 500 * 60),
        (1499, 59, 4, 1),
        (1500, 0, 5, 0),
        (20_000, 0, 5, 0),
    ],
)
def test_each_grade_begins_at_its_hour(hours: int, minutes: int, number: int, missing: int) -> None:
    found = reached(STARS, hours * 60 + minutes)
    assert (found.number, found.missing) == (number, missing)
    assert (found.star and found.star.hours) == (STARS[number - 1].hours if number else None)


def test_without_grades_there_is_none() -> None:
    found = reached((), 100_000)
    assert (found.star, found.next, found.number, found.missing) == (None, None, 0, 0)
