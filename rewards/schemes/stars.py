"""Star grades: what a resident has reached by the hours served, and what is next."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewards.schemes.scheme import Star


@dataclass(frozen=True)
class Reached:
    """How many minutes were served, the highest grade that they make, and the one after it."""

    minutes: int
    star: Star | None
    number: int
    next: Star | None

    @property
    def missing(self) -> int:
        """The minutes still to be served for the next grade; 0 at the highest."""
        return self.next.hours * 60 - self.minutes if self.next else 0


def reached(stars: Sequence[Star], minutes: int) -> Reached:
    """The grade that *minutes* make: of grades that rise, the last one reached.

    ``number`` counts grades from 1; it is 0 without one.
    """
    number = sum(star.hours * 60 <= minutes for star in stars)
    star = stars[number - 1] if number else None
    return Reached(minutes, star, number, stars[number] if number < len(stars) else None)
