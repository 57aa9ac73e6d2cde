"""The primitives that move points. Each needs an :class:`Operation`, so each has a key.

Locks are taken in one order: the operation's key, then balances by account, then lots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from rewards.ledger.idempotency import Operation, upsert
from rewards.ledger.model import (
    ACCRUAL,
    REDEMPTION,
    REVERSAL,
    VOID,
    WALLET,
    Account,
    Balance,
    Lot,
    LotEntry,
    Owed,
    Reversed,
    Transfer,
)
from rewards.ledger.refusals import (
    AlreadyReversed,
    AlreadySpent,
    BadAmount,
    ForeignAccount,
    NotEnoughPoints,
    NotReversible,
    UnknownAccount,
)

LARGEST_AMOUNT = 2**53 - 1


class WhenSpent(Enum):
    """What taking an award back does where its points were spent: a matter of policy."""

    REFUSE = "refuse"
    OWE = "owe"


@dataclass(frozen=True)
class Accrual:
    """Points to put into one wallet; ``expires_on`` is the last day they can be spent."""

    wallet_id: int
    amount: int
    expires_on: date
    reason: str
    happened_at: datetime


def open_account(session: Session, kind: str, name: str, programme_id: int | None) -> Account:
    """Open an account; a wallet gets its balance row, the floor under it."""
    account = Account(kind=kind, name=name, programme_id=programme_id)
    session.add(account)
    session.flush()
    if kind == WALLET:
        session.add(Balance(account_id=account.id, posted=0, held=0))
        session.flush()
    return account


def open_wallets(session: Session, names: Sequence[str], programme_id: int) -> list[int]:
    """Open a wallet for each name, in few statements; answers their ids in order."""
    if not names:
        return []
    ids = list(
        session.scalars(
            insert(Account).returning(Account.id, sort_by_parameter_order=True),
            [{"kind": WALLET, "name": name, "programme_id": programme_id} for name in names],
        )
    )
    session.execute(insert(Balance), [{"account_id": i, "posted": 0, "held": 0} for i in ids])
    return ids


def accrue(op: Operation, issuer_id: int, accruals: Sequence[Accrual]) -> list[int]:
    """Put points from the issuer into wallets, all or none.

    Returns the transfers' ids in the order given.

    Raises:
        BadAmount, UnknownAccount, ForeignAccount: nothing was written.
    """
    if not accruals:
        return []
    totals: dict[int, int] = {}
    lots: dict[tuple[int, date], int] = {}
    for a in accruals:
        _check_amount(a.amount)
        totals[a.wallet_id] = totals.get(a.wallet_id, 0) + a.amount
        lots[a.wallet_id, a.expires_on] = lots.get((a.wallet_id, a.expires_on), 0) + a.amount
    _lock_wallets(op.session, sorted(totals), issuer_id)
    _move_balances(op.session, totals)
    lot_ids = _fill_lots(op.session, lots)
    ids = _insert_transfers(
        op,
        [
            {
                "kind": ACCRUAL,
                "debit_id": issuer_id,
                "credit_id": a.wallet_id,
                "amount": a.amount,
                "happened_at": a.happened_at,
                "reason": a.reason,
            }
            for a in accruals
        ],
    )
    op.session.execute(
        insert(LotEntry),
        [
            {
                "transfer_id": transfer_id,
                "lot_id": lot_ids[a.wallet_id, a.expires_on],
                "change": a.amount,
            }
            for transfer_id, a in zip(ids, accruals, strict=True)
        ],
    )
    return ids


def redeem(
    op: Operation, wallet_id: int, merchant_id: int, amount: int, *, today: date, reason: str
) -> int:
    """Take *amount* from the wallet for the merchant, the earliest expiry first.

    *today* is the programme's business day: a lot is spendable through its last day, whether
    or not a job has swept what is past. Returns the transfer's id.

    Raises:
        NotEnoughPoints: says how many are missing; nothing was written.
    """
    _check_amount(amount)
    _lock_wallets(op.session, [wallet_id], merchant_id)
    spendable = _lots(op.session, wallet_id, today)
    missing = amount - sum(lot.remaining for lot in spendable)
    if missing > 0:
        raise NotEnoughPoints(missing=missing)
    taken = _take(spendable, amount)
    [transfer_id] = _insert_transfers(
        op,
        [
            {
                "kind": REDEMPTION,
                "debit_id": wallet_id,
                "credit_id": merchant_id,
                "amount": amount,
                "happened_at": op.now,
                "reason": reason,
            }
        ],
    )
    _write_entries(op.session, transfer_id, {i: -n for i, n in taken.items()})
    _move_balances(op.session, {wallet_id: -amount})
    return transfer_id


def give_back(op: Operation, transfer_id: int, *, reason: str, amount: int | None = None) -> int:
    """Undo a redemption, whole or in part: the points return to the very lots they left.

    What was taken last, the latest expiry, returns first, so that a partial refund restores
    what a smaller redemption would have left. Returns the new transfer's id.

    Raises:
        NotReversible, AlreadyReversed, BadAmount: nothing was written.
    """
    original = _original(op.session, transfer_id, REDEMPTION)
    amount = _whole(op.session, original, amount)
    _lock_wallets(op.session, [original.debit_id], original.credit_id)
    _count_reversed(op.session, original, amount)
    outstanding = _outstanding(op.session, original.id)
    restored = _take(list(reversed(outstanding)), amount)
    undone = _insert_opposite(op, original, VOID, amount, reason)
    _write_entries(op.session, undone, restored)
    _move_balances(op.session, {original.debit_id: amount})
    return undone


@dataclass(frozen=True)
class Taken:
    """What taking an award back came to: ``transfer_id`` is None if all was spent."""

    transfer_id: int | None
    taken: int
    owed: int


def take_back(
    op: Operation,
    transfer_id: int,
    *,
    today: date,
    reason: str,
    when_spent: WhenSpent,
    amount: int | None = None,
) -> Taken:
    """Undo an accrual, whole or in part: first from its own lot, then from what is spendable.

    Where the points were spent, ``WhenSpent.REFUSE`` refuses and ``WhenSpent.OWE`` takes what
    is there and records the rest as owed. A lot never goes below zero.

    Raises:
        NotReversible, AlreadyReversed, BadAmount, AlreadySpent: nothing was written.
    """
    original = _original(op.session, transfer_id, ACCRUAL)
    wallet_id = original.credit_id
    amount = _whole(op.session, original, amount)
    _lock_wallets(op.session, [wallet_id], original.debit_id)
    _count_reversed(op.session, original, amount)
    own = select(LotEntry.lot_id).where(LotEntry.transfer_id == original.id)
    own_ids = set(op.session.scalars(own))
    lots = _lots(op.session, wallet_id, today, also=own_ids)
    lots.sort(key=lambda lot: lot.id not in own_ids)
    there = min(amount, sum(lot.remaining for lot in lots))
    if there < amount and when_spent is WhenSpent.REFUSE:
        raise AlreadySpent(missing=amount - there)
    undone = None
    if there:
        undone = _insert_opposite(op, original, REVERSAL, there, reason)
        _write_entries(op.session, undone, {i: -n for i, n in _take(lots, there).items()})
        _move_balances(op.session, {wallet_id: -there})
    if there < amount:
        op.session.add(
            Owed(
                operation_id=op.id,
                account_id=wallet_id,
                transfer_id=original.id,
                amount=amount - there,
                reason=reason,
            )
        )
        op.session.flush()
    return Taken(undone, there, amount - there)


@dataclass(frozen=True)
class _Portion:
    """Points that can be taken from, or returned to, one lot."""

    id: int
    remaining: int


def _check_amount(amount: int) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST_AMOUNT:
        raise BadAmount


def _lock_wallets(session: Session, wallet_ids: Sequence[int], other_id: int) -> None:
    """Lock the wallets' balances in order, and see that one programme owns every account."""
    other = session.get(Account, other_id)
    if other is None:
        raise UnknownAccount
    for start in range(0, len(wallet_ids), 500):
        part = wallet_ids[start : start + 500]
        rows = session.execute(
            select(Balance.account_id, Account.programme_id)
            .join(Account, Account.id == Balance.account_id)
            .where(Balance.account_id.in_(part))
            .order_by(Balance.account_id)
            .with_for_update(of=Balance)
        ).all()
        if len(rows) != len(part):
            raise UnknownAccount
        if any(row.programme_id != other.programme_id for row in rows):
            raise ForeignAccount


def _lots(
    session: Session, wallet_id: int, today: date, also: set[int] | None = None
) -> list[_Portion]:
    """The wallet's spendable lots, earliest expiry first, and those of *also* of any date."""
    usable = (Lot.expires_on >= today) | Lot.id.in_(also or ())
    rows = session.execute(
        select(Lot.id, Lot.remaining)
        .where(Lot.account_id == wallet_id, Lot.remaining > 0, usable)
        .order_by(Lot.expires_on)
        .with_for_update()
    )
    return [_Portion(row.id, row.remaining) for row in rows]


def _take(portions: Sequence[_Portion], amount: int) -> dict[int, int]:
    """Share *amount* out over *portions* in their order: lot id to points."""
    shares: dict[int, int] = {}
    for portion in portions:
        if amount == 0:
            break
        shares[portion.id] = share = min(amount, portion.remaining)
        amount -= share
    return shares


def _fill_lots(
    session: Session, amounts: dict[tuple[int, date], int]
) -> dict[tuple[int, date], int]:
    """Add to the lots named by wallet and expiry, opening those that are new; their ids."""
    statement = upsert(session)(Lot)
    statement = statement.on_conflict_do_update(
        index_elements=["account_id", "expires_on"],
        set_={"remaining": Lot.remaining + statement.excluded.remaining},
    ).returning(Lot.account_id, Lot.expires_on, Lot.id)
    rows = session.execute(
        statement,
        [
            {"account_id": wallet_id, "expires_on": expires_on, "remaining": amount}
            for (wallet_id, expires_on), amount in sorted(amounts.items())
        ],
        execution_options={"populate_existing": True},
    )
    return {(row.account_id, row.expires_on): row.id for row in rows}


def _write_entries(session: Session, transfer_id: int, changes: dict[int, int]) -> None:
    """Change the lots by *changes* (lot id to signed points) and record that it was so."""
    session.connection().execute(
        update(Lot.__table__)  # type: ignore[arg-type]
        .where(Lot.__table__.c.id == bindparam("lot"))
        .values(remaining=Lot.__table__.c.remaining + bindparam("by")),
        [{"lot": lot_id, "by": change} for lot_id, change in sorted(changes.items())],
    )
    session.execute(
        insert(LotEntry),
        [
            {"transfer_id": transfer_id, "lot_id": lot_id, "change": change}
            for lot_id, change in changes.items()
        ],
    )


def _move_balances(session: Session, changes: dict[int, int]) -> None:
    session.connection().execute(
        update(Balance.__table__)  # type: ignore[arg-type]
        .where(Balance.__table__.c.account_id == bindparam("wallet"))
        .values(posted=Balance.__table__.c.posted + bindparam("by")),
        [{"wallet": wallet_id, "by": change} for wallet_id, change in sorted(changes.items())],
    )


def _insert_transfers(op: Operation, rows: list[dict[str, object]]) -> list[int]:
    common = {"operation_id": op.id, "recorded_at": op.now}
    return list(
        op.session.scalars(
            insert(Transfer).returning(Transfer.id, sort_by_parameter_order=True),
            [{**common, **row} for row in rows],
        )
    )


def _insert_opposite(op: Operation, original: Transfer, kind: str, amount: int, reason: str) -> int:
    row = {
        "kind": kind,
        "debit_id": original.credit_id,
        "credit_id": original.debit_id,
        "amount": amount,
        "reverses_id": original.id,
        "happened_at": op.now,
        "reason": reason,
    }
    return _insert_transfers(op, [row])[0]


def _original(session: Session, transfer_id: int, kind: str) -> Transfer:
    original = session.get(Transfer, transfer_id)
    if original is None or original.kind != kind:
        raise NotReversible
    return original


def _whole(session: Session, original: Transfer, amount: int | None) -> int:
    """*amount*, or all of the original that has not been undone yet."""
    if amount is None:
        done = session.scalar(select(Reversed.total).where(Reversed.transfer_id == original.id))
        amount = original.amount - (done or 0)
        if amount == 0:
            raise AlreadyReversed
    _check_amount(amount)
    return amount


def _count_reversed(session: Session, original: Transfer, amount: int) -> None:
    """Count *amount* as undone; the wallet's lock makes the reading before it current."""
    done = session.scalar(
        select(Reversed.total).where(Reversed.transfer_id == original.id).with_for_update()
    )
    if (done or 0) + amount > original.amount:
        raise AlreadyReversed
    statement = upsert(session)(Reversed).values(
        transfer_id=original.id, amount=original.amount, total=amount
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["transfer_id"], set_={"total": Reversed.total + amount}
        )
    )


def _outstanding(session: Session, redemption_id: int) -> list[_Portion]:
    """What a redemption took from each lot less what its voids restored, earliest first."""
    family = select(Transfer.id).where(
        (Transfer.id == redemption_id) | (Transfer.reverses_id == redemption_id)
    )
    rows = session.execute(
        select(Lot.id, -func.sum(LotEntry.change))
        .join(LotEntry, LotEntry.lot_id == Lot.id)
        .where(LotEntry.transfer_id.in_(family))
        .group_by(Lot.id, Lot.expires_on)
        .having(func.sum(LotEntry.change) < 0)
        .order_by(Lot.expires_on)
    )
    return [_Portion(lot_id, int(taken)) for lot_id, taken in rows]
