"""What a batch writes: its operations, and the points that they move from wallets to merchants."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from rewards.bulk import Writer
from rewards.calls import numbers, texts
from rewards.ledger.functions import OPERATION
from rewards.ledger.idempotency import Claim, Json
from rewards.ledger.model import REDEMPTION


class Spend(NamedTuple):
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


def write_operations(
    writer: Writer, now: datetime, decided: Sequence[tuple[int, tuple[Claim, Json]]]
) -> None:
    """Write operations by their ids, each with its answer."""
    at = writer.moment(now)
    OPERATION.write(
        writer,
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
            for number, (claim, kept) in decided
        ],
    )


def write_spends(writer: Writer, now: datetime, spends: Sequence[tuple[int, Spend]]) -> None:
    """Write redemptions, each with the id of its operation: transfers, lots, balances."""
    if not spends:
        return
    changes = _Changes.of([spend for _, spend in spends])
    if writer.sqlite:
        _write_rows(writer, now, spends, changes)
        return
    moved = [spend for _, spend in spends]
    writer.call(
        "ledger_spends",
        numbers(spend.transfer_id for spend in moved),
        numbers(operation_id for operation_id, _ in spends),
        numbers(spend.wallet_id for spend in moved),
        numbers(spend.merchant_id for spend in moved),
        numbers(spend.amount for spend in moved),
        texts(writer.moment(spend.happened_at) for spend in moved),
        texts(spend.reason for spend in moved),
        writer.moment(now),
        *(numbers(column) for column in zip(*changes.entries, strict=True)),
        numbers(changes.lots),
        numbers(changes.lots.values()),
        numbers(changes.wallets),
        numbers(changes.wallets.values()),
        texts(changes.put_off.get(wallet_id) for wallet_id in changes.wallets),
    )


@dataclass(frozen=True)
class _Changes:
    """Entries of (transfer, lot, change), and what they come to by lot and by wallet."""

    entries: list[tuple[int, int, int]]
    lots: dict[int, int]
    wallets: dict[int, int]
    put_off: dict[int, str]

    @classmethod
    def of(cls, spends: Sequence[Spend]) -> "_Changes":
        entries = [
            (spend.transfer_id, lot_id, -share)
            for spend in spends
            for lot_id, share in spend.shares.items()
        ]
        return cls(
            entries,
            _totals((lot_id, change) for _, lot_id, change in entries),
            _totals((spend.wallet_id, -spend.amount) for spend in spends),
            {s.wallet_id: s.put_off.isoformat() for s in spends if s.put_off is not None},
        )


def _totals(changes: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each row's changes as one, in the order of the rows' ids."""
    totals: dict[int, int] = {}
    for row_id, change in changes:
        totals[row_id] = totals.get(row_id, 0) + change
    return dict(sorted(totals.items()))


def _write_rows(
    writer: Writer, now: datetime, spends: Sequence[tuple[int, Spend]], changes: _Changes
) -> None:
    at = writer.moment(now)
    writer.insert(
        "transfer",
        dict.fromkeys(
            (
                "id",
                "operation_id",
                "kind",
                "debit_id",
                "credit_id",
                "amount",
                "happened_at",
                "recorded_at",
                "reason",
            ),
            "",
        ),
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
    names = ("transfer_id", "lot_id", "change")
    entries = [dict(zip(names, entry, strict=True)) for entry in changes.entries]
    writer.insert("lot_entry", dict.fromkeys(names, ""), entries)
    writer.update(
        "lot",
        "id",
        "remaining = lot.remaining + r.change",
        dict.fromkeys(("id", "change"), ""),
        [{"id": lot_id, "change": change} for lot_id, change in changes.lots.items()],
    )
    writer.update(
        "balance",
        "account_id",
        "posted = balance.posted + r.change, lapses_on = coalesce(r.lapses_on, balance.lapses_on)",
        dict.fromkeys(("account_id", "change", "lapses_on"), ""),
        [
            {"account_id": wallet_id, "change": change, "lapses_on": changes.put_off.get(wallet_id)}
            for wallet_id, change in changes.wallets.items()
        ],
    )
