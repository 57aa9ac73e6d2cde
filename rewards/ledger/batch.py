"""Many redemptions in one transaction, each exactly once under its own key.

The database's commit is what a redemption costs most, and it costs the same for one as for
fifty. :class:`Batch` reads what all of them need, lets the caller decide one after the other in
memory, and writes each table once. One redemption is a batch of one: there is no other path.
"""

from collections.abc import Sequence
from datetime import datetime

from rewards.bulk import Writer
from rewards.errors import Refused
from rewards.ledger.idempotency import Answer, Claim, Claiming, Json, Remembered
from rewards.ledger.refusals import KeyReused
from rewards.ledger.spending import Spend, write_operations, write_spends

Outcome = Answer | KeyReused


class Batch:
    """Claims that are decided together. Read :attr:`fresh`, decide each, then :meth:`write`.

    *tables* names those that the caller writes to by the ids of :attr:`ids`.
    """

    def __init__(
        self, writer: Writer, now: datetime, claims: Sequence[Claim], *tables: str
    ) -> None:
        self.now, self._claims = now, claims
        self._claiming = Claiming(writer, claims, ("operation", *tables))
        self._told: tuple[Remembered, dict[str, list[int]]] | None = None
        self._fresh: list[int] | None = None
        self._decided: list[tuple[Claim, Json]] = []
        self._spends: list[Spend | None] = []

    # No cached_property: before Python 3.12 one thread that computes it holds up all others, and
    # one that holds up a lock in the database would wait for one that waits for the lock.
    @property
    def _claimed(self) -> tuple[Remembered, dict[str, list[int]]]:
        if self._told is None:
            self._told = self._claiming.outcome()
        return self._told

    @property
    def ids(self) -> dict[str, list[int]]:
        """As many ids for each table as there are claims."""
        return self._claimed[1]

    @property
    def fresh(self) -> list[int]:
        """The positions of the claims that are to be decided."""
        if self._fresh is None:
            self._fresh, seen = [], set(self._claimed[0])
            for position, claim in enumerate(self._claims):
                if claim.name not in seen:
                    seen.add(claim.name)
                    self._fresh.append(position)
        return self._fresh

    def done(self, position: int, body: Json, spend: Spend) -> None:
        """The claim at *position* is done: its answer, and the points that it moves."""
        self._decide(position, {"done": body}, Answer(body, replayed=False), spend)

    def refuse(self, position: int, refusal: Refused) -> None:
        """A rule refused the claim at *position*; the refusal is remembered under its key."""
        answer = {"refused": refusal.code, "facts": refusal.facts}
        self._decide(position, answer, Answer({}, replayed=False, refusal=refusal), None)

    def _decide(self, position: int, kept: Json, answer: Answer, spend: Spend | None) -> None:
        claim = self._claims[position]
        self._claimed[0][claim.name] = (claim.fingerprint, answer)
        self._decided.append((claim, kept))
        self._spends.append(spend)

    def write(self, writer: Writer) -> None:
        """Write all that was decided: operations with their answers, and what they move."""
        ids = self.ids["operation"]
        write_operations(writer, self.now, list(zip(ids, self._decided, strict=False)))
        decided = zip(ids, self._spends, strict=False)
        write_spends(writer, self.now, [(i, s) for i, s in decided if s is not None])

    def outcomes(self) -> list[Outcome]:
        """What each claim is answered, in their order: done now, or before, or not this key."""
        answers: list[Outcome] = []
        told: set[tuple[str, str]] = set()
        for claim in self._claims:
            fingerprint, answer = self._claimed[0][claim.name]
            outcome: Outcome = answer
            if fingerprint != claim.fingerprint:
                outcome = KeyReused()
            elif claim.name in told:
                outcome = Answer(answer.body, replayed=True, refusal=answer.refusal)
            told.add(claim.name)
            answers.append(outcome)
        return answers
