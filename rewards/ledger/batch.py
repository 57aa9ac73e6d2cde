"""Many redemptions in one transaction, each exactly once under its own key.

The database's commit is what a redemption costs most, and it costs the same for one as for
fifty. :class:`Batch` reads what all of them need, lets the caller decide one after the other in
memory, and writes each table once. One redemption is a batch of one: there is no other path.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rewards.bulk import Writer
from rewards.errors import Refused
from rewards.ledger.idempotency import Answer, Claim, Json, Recalled, wait_for_keys
from rewards.ledger.model import REDEMPTION
from rewards.ledger.refusals import KeyReused

Outcome = Answer | KeyReused


@dataclass(frozen=True)
class Spend:
    """Points to move from a wallet to a merchant: what was taken from which lot.

    ``put_off`` is the day that the wallet's idle points lapse on by it, if that changed.
    """

    transfer_id: int
    wallet_id: int
    merchant_id: int
    shares: Mapping[int, int]
    reason: str
    happened_at: datetime
    put_off: date | None = None

    @property
    def amount(self) -> int:
        return sum(self.shares.values())


class Batch:
    """Claims that are decided together. Read :attr:`fresh`, decide each, then :meth:`write`."""

    def __init__(self, writer: Writer, now: datetime, claims: Sequence[Claim]) -> None:
        self.now, self._claims = now, claims
        wait_for_keys(writer, claims)
        recalled = Recalled(writer, claims)
        ids = writer.next_ids({"operation": len(claims)})
        self._known = recalled.answers()
        self._ids = ids.ids()["operation"]
        self.fresh: list[int] = []
        first: set[tuple[str, str]] = set(self._known)
        for position, claim in enumerate(claims):
            if claim.name not in first:
                first.add(claim.name)
                self.fresh.append(position)
        self._decided: list[tuple[Claim, Json]] = []
        self._spends: list[Spend | None] = []

    def done(self, position: int, body: Json, spend: Spend) -> None:
        """The claim at *position* is done: its answer, and the points that it moves."""
        self._decide(position, {"done": body}, Answer(body, replayed=False), spend)

    def refuse(self, position: int, refusal: Refused) -> None:
        """A rule refused the claim at *position*; the refusal is remembered under its key."""
        answer = {"refused": refusal.code, "facts": refusal.facts}
        self._decide(position, answer, Answer({}, replayed=False, refusal=refusal), None)

    def _decide(self, position: int, kept: Json, answer: Answer, spend: Spend | None) -> None:
        claim = self._claims[position]
        self._known[claim.name] = (claim.fingerprint, answer)
        self._decided.append((claim, kept))
        self._spends.append(spend)

    def write(self, writer: Writer) -> None:
        """Write all that was decided: operations with their answers, and what they move."""
        self._write_operations(writer)
        decided = zip(self._ids, self._spends, strict=False)
        write_spends(writer, self.now, [(i, s) for i, s in decided if s is not None])

    def _write_operations(self, writer: Writer) -> None:
        at = writer.moment(self.now)
        writer.insert(
            "operation",
            {
                "id": "bigint",
                "scope": "text",
                "key": "text",
                "fingerprint": "text",
                "actor": "text",
                "recorded_at": "timestamptz",
                "answer": "json",
            },
            [
                {
                    "id": number,
                    "scope": claim.scope,
                    "key": claim.key,
                    "fingerprint": claim.fingerprint,
                    "actor": claim.actor,
                    "recorded_at": at,
                    "answer": kept,
                }
                for number, (claim, kept) in zip(self._ids, self._decided, strict=False)
            ],
        )

    def outcomes(self) -> list[Outcome]:
        """What each claim is answered, in their order: done now, or before, or not this key."""
        answers: list[Outcome] = []
        told: set[tuple[str, str]] = set()
        for claim in self._claims:
            fingerprint, answer = self._known[claim.name]
            outcome: Outcome = answer
            if fingerprint != claim.fingerprint:
                outcome = KeyReused()
            elif claim.name in told:
                outcome = Answer(answer.body, replayed=True, refusal=answer.refusal)
            told.add(claim.name)
            answers.append(outcome)
        return answers


def write_spends(writer: Writer, now: datetime, spends: Sequence[tuple[int, Spend]]) -> None:
    """Write redemptions, each with the id of its operation: transfers, lots, balances."""
    at = writer.moment(now)
    writer.insert(
        "transfer",
        {
            "id": "bigint",
            "operation_id": "bigint",
            "kind": "text",
            "debit_id": "bigint",
            "credit_id": "bigint",
            "amount": "bigint",
            "happened_at": "timestamptz",
            "recorded_at": "timestamptz",
            "reason": "text",
        },
        [
            {
                "id": spend.transfer_id,
                "operation_id": operation_id,
                "kind": REDEMPTION,
                "debit_id": spend.wallet_id,
                "credit_id": spend.merchant_id,
                "amount": spend.amount,
                "happened_at": writer.moment(spend.happened_at),
                "recorded_at": at,
                "reason": spend.reason,
            }
            for operation_id, spend in spends
        ],
    )
    entries = [
        {"transfer_id": spend.transfer_id, "lot_id": lot_id, "change": -share}
        for _, spend in spends
        for lot_id, share in spend.shares.items()
    ]
    writer.insert(
        "lot_entry", {"transfer_id": "bigint", "lot_id": "bigint", "change": "bigint"}, entries
    )
    taken = _totals((entry["lot_id"], entry["change"]) for entry in entries)
    writer.update(
        "lot",
        "id",
        "remaining = lot.remaining + r.change",
        {"id": "bigint", "change": "bigint"},
        [{"id": lot_id, "change": change} for lot_id, change in taken.items()],
    )
    spent = _totals((s.wallet_id, -s.amount) for _, s in spends)
    put_off = {s.wallet_id: s.put_off.isoformat() for _, s in spends if s.put_off is not None}
    writer.update(
        "balance",
        "account_id",
        "posted = balance.posted + r.change, lapses_on = coalesce(r.lapses_on, balance.lapses_on)",
        {"account_id": "bigint", "change": "bigint", "lapses_on": "date"},
        [
            {"account_id": wallet_id, "change": change, "lapses_on": put_off.get(wallet_id)}
            for wallet_id, change in spent.items()
        ],
    )


def _totals(changes: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each row's changes as one, in the order of the rows' ids."""
    totals: dict[int, int] = {}
    for row_id, change in changes:
        totals[row_id] = totals.get(row_id, 0) + change
    return dict(sorted(totals.items()))
