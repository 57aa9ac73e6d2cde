"""Points into wallets: one or many at once, all or none, within what a wallet may own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.bulk import Writer, next_ids, writing
from rewards.ledger.idempotency import Operation
from rewards.ledger.idling import Activity, earned
from rewards.ledger.model import ACCRUAL, IDLE, Balance
from rewards.ledger.reading import spendable_of
from rewards.ledger.refusals import WalletFull
from rewards.ledger.rows import check_amount, lock_wallets

TRANSFER = {
    "id": "bigint",
    "operation_id": "bigint",
    "kind": "text",
    "debit_id": "bigint",
    "credit_id": "bigint",
    "amount": "bigint",
    "happened_at": "timestamptz",
    "recorded_at": "timestamptz",
    "reason": "text",
}
LOT_ENTRY = {"transfer_id": "bigint", "lot_id": "bigint", "change": "bigint"}

Key = TypeVar("Key", int, tuple[int, str])


@dataclass(frozen=True)
class Accrual:
    """Points to put into one wallet; ``expires_on`` is the last day they can be spent."""

    wallet_id: int
    amount: int
    expires_on: date
    reason: str
    happened_at: datetime


class WhenFull(Enum):
    """What is done with points that a wallet has no room for: a matter of policy."""

    TRIM = "trim"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Limit:
    """The most that a wallet may own: what can be spent on the business day, and is held."""

    points: int
    when_full: WhenFull
    today: date


@dataclass(frozen=True)
class Given:
    """What an accrual came to: no transfer and 0 points where the wallet was full."""

    transfer_id: int | None
    amount: int


def accrue(
    op: Operation,
    issuer_id: int,
    accruals: Sequence[Accrual],
    *,
    activity: Activity | None = None,
) -> list[int]:
    """Put points from the issuer into wallets, all or none.

    *activity* is that of the wallets: it puts off the day on which idle points lapse, and
    such points can't come in without it. Returns the transfers' ids in the order given.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    _lock(op, issuer_id, accruals, activity)
    return _write(op, issuer_id, accruals)


def accrue_within(
    op: Operation,
    issuer_id: int,
    accruals: Sequence[Accrual],
    limit: Limit,
    *,
    activity: Activity | None = None,
) -> list[Given]:
    """As :func:`accrue`, but no wallet owns more than *limit* by it.

    Several accruals to one wallet share its room in their order. What doesn't fit is trimmed
    off, or all are refused. Returns what was given, in the order of the accruals.

    Raises:
        WalletFull: names the wallets and their room. Those of :func:`accrue`. Nothing was
            written.
    """
    wallets = _lock(op, issuer_id, accruals, activity)
    amounts = _fitting(accruals, limit, owned(op.session, wallets, limit.today))
    fitting = [replace(a, amount=n) for a, n in zip(accruals, amounts, strict=True) if n]
    ids = iter(_write(op, issuer_id, fitting))
    return [Given(next(ids) if n else None, n) for n in amounts]


def _lock(
    op: Operation, issuer_id: int, accruals: Sequence[Accrual], activity: Activity | None
) -> list[int]:
    """Check the amounts, lock the wallets and count them as moving; answers these, each once."""
    for a in accruals:
        check_amount(a.amount)
        if a.expires_on == IDLE and (activity is None or activity.idle_months is None):
            raise ValueError("idle points without the months that they last")
    wallets = sorted({a.wallet_id for a in accruals})
    lock_wallets(op.session, wallets, issuer_id)
    if activity is not None:
        earned(op, wallets, issuer_id, activity)
    return wallets


_HELD = select(Balance.account_id, Balance.held).where(
    among(Balance.account_id.expression, "wallets")
)


def owned(session: Session, wallets: Sequence[int], today: date) -> dict[int, int]:
    """What each of the wallets owns: what can be spent today, and what is held.

    To be relied on only while they are locked.
    """
    free = spendable_of(session, wallets, today)
    held = session.execute(_HELD, {"wallets": wallets})
    return {wallet_id: free.get(wallet_id, 0) + n for wallet_id, n in held}


def _fitting(accruals: Sequence[Accrual], limit: Limit, owned: dict[int, int]) -> list[int]:
    """How much of each accrual its wallet has room for."""
    amounts: list[int] = []
    rooms: dict[int, int] = {}
    for a in accruals:
        room = max(0, limit.points - owned[a.wallet_id])
        if a.amount > room:
            rooms.setdefault(a.wallet_id, room)
        amounts.append(min(a.amount, room))
        owned[a.wallet_id] += amounts[-1]
    if rooms and limit.when_full is WhenFull.REFUSE:
        wallets = list(rooms)
        raise WalletFull(room=rooms[wallets[0]], wallets=wallets, rooms=list(rooms.values()))
    return amounts


def _write(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    """Write the accruals, each table once however many they are; the transfers' ids."""
    if not accruals:
        return []
    ids = next_ids(op.session, {"transfer": len(accruals)})["transfer"]
    with writing(op.session) as writer:
        lots = _fill_lots(writer, accruals)
        recorded_at = writer.moment(op.now)
        happened_at = {at: writer.moment(at) for at in {a.happened_at for a in accruals}}
        writer.insert(
            "transfer",
            TRANSFER,
            [
                {
                    "id": transfer_id,
                    "operation_id": op.id,
                    "kind": ACCRUAL,
                    "debit_id": issuer_id,
                    "credit_id": a.wallet_id,
                    "amount": a.amount,
                    "happened_at": happened_at[a.happened_at],
                    "recorded_at": recorded_at,
                    "reason": a.reason,
                }
                for transfer_id, a in zip(ids, accruals, strict=True)
            ],
        )
        writer.insert(
            "lot_entry",
            LOT_ENTRY,
            [
                {"transfer_id": i, "lot_id": lots[_lot(a)], "change": a.amount}
                for i, a in zip(ids, accruals, strict=True)
            ],
        )
        writer.update(
            "balance",
            "account_id",
            "posted = balance.posted + r.change",
            {"account_id": "bigint", "change": "bigint"},
            [
                {"account_id": wallet_id, "change": change}
                for wallet_id, change in _sums((a.wallet_id, a.amount) for a in accruals)
            ],
        )
    return ids


def _fill_lots(writer: Writer, accruals: Sequence[Accrual]) -> dict[tuple[int, str], int]:
    """Add to the lots that the accruals name, opening those that are new; their ids."""
    rows = writer.upsert(
        "lot",
        "account_id, expires_on",
        "remaining = lot.remaining + excluded.remaining",
        "account_id, expires_on, id",
        {"account_id": "bigint", "expires_on": "date", "remaining": "bigint"},
        [
            {"account_id": wallet_id, "expires_on": expires_on, "remaining": amount}
            for (wallet_id, expires_on), amount in _sums((_lot(a), a.amount) for a in accruals)
        ],
    )
    return {(wallet_id, str(expires_on)): lot_id for wallet_id, expires_on, lot_id in rows}


def _lot(accrual: Accrual) -> tuple[int, str]:
    return accrual.wallet_id, accrual.expires_on.isoformat()


def _sums(amounts: Iterable[tuple[Key, int]]) -> list[tuple[Key, int]]:
    """The amounts added up by key, in the order of the keys."""
    sums: dict[Key, int] = {}
    for key, amount in amounts:
        sums[key] = sums.get(key, 0) + amount
    return sorted(sums.items())
