"""The ledger's proofs at full size: `make prove`, or `python -m tests.prove --help`.

Each kind of proof is a module with one function that does it on one database::

    def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts

The same *seed* does the same again. *report* takes a line of progress. What goes wrong is
returned as a failure that says how to see it again; anything raised counts as one too.

Hours at a stretch are seldom to be had: one :class:`Share` at a time comes to the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

Report = Callable[[str], None]

# The modules by kind; each is imported only in the process that runs it.
KINDS = {kind: f"tests.prove.{kind}" for kind in ("model", "races", "bank", "crashes", "tampering")}


class Size(StrEnum):
    """How much of it: FULL is what the figures of a release are made by."""

    SMALL = "small"
    FULL = "full"


Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Share:
    """The part of a proof that is done in one go: its equal shares are all of it, and no more."""

    number: int = 1
    of: int = 1

    def among(self, things: Sequence[Thing]) -> Sequence[Thing]:
        """Every so manieth of *things*, another one in each share."""
        return things[self.number - 1 :: self.of]

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


ALL = Share()


@dataclass
class Counts:
    """What one kind of proof did on one database.

    ``count`` is its headline: how many *of* ("runs", "rounds", "kills") were carried through;
    ``details`` counts what happened within them. The shares' figures add up.
    """

    of: str
    count: int = 0
    details: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
