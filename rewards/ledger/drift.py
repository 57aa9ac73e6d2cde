"""What reconciliation answers: something kept that the transfers don't bear out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from rewards.errors import N_

# Told what is done and how much there is, in the same unit.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Drift:
    """``kept`` should be ``rebuilt``; ``words`` say it with these facts, to be translated."""

    what: str
    id: int
    kept: int | str
    rebuilt: int | str
    words: str = N_("%(what)s %(id)s: %(kept)s is kept, %(rebuilt)s was found.")

    def __str__(self) -> str:
        return self.words % vars(self)


Check = Callable[[Session], Iterator[Drift]]


def silent(done: int, whole: int) -> None:
    """A :data:`Progress` that nobody watches."""
