"""The rows that every movement of points writes, and the order in which it locks them.

Locks are taken in one order: the operation's key, then balances by account, then lots.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from rewards.among import among
from rewards.db import table
from rewards.ledger.archive.model import last_archived
from rewards.ledger.archive.refusals import Archived
from rewards.ledger.idempotency import Operation, upsert
from rewards.ledger.model import (
    Account,
    Balance,
    Lot,
    LotEntry,
    Reversed,
    Transfer,
    last_day,
)
from rewards.ledger.refusals import (
    AlreadyReversed,
    BadAmount,
    ForeignAccount,
    NotReversible,
    UnknownAccount,
)

LARGEST_AMOUNT = 2**53 - 1


@dataclass(frozen=True)
class Portion:
    """Points that can be taken from, or returned to, one lot."""

    id: int
    remaining: int


def check_amount(amount: int) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= LARGEST_AMOUNT:
        raise BadAmount


# Statements are made once: making one takes several times as long as sending it.
_ACCOUNT, _BALANCE, _LOT = table(Account), table(Balance), table(Lot)
_PROGRAMME = select(_ACCOUNT.c.programme_id).where(_ACCOUNT.c.id == bindparam("account"))
_LOCK = (
    select(_BALANCE.c.account_id, _ACCOUNT.c.programme_id)
    .join(_ACCOUNT, _ACCOUNT.c.id == _BALANCE.c.account_id)
    .where(among(_BALANCE.c.account_id, "wallets"))
    .order_by(_BALANCE.c.account_id)
    .with_for_update(of=_BALANCE)
)


def programme_of(session: Session, account_id: int) -> int | None:
    """The programme that owns the account, None for one that is nobody's.

    Raises:
        UnknownAccount: there is no such account.
    """
    row = session.connection().execute(_PROGRAMME, {"account": account_id}).one_or_none()
    if row is None:
        raise UnknownAccount
    programme_id: int | None = row.programme_id
    return programme_id


def lock_wallets(session: Session, wallet_ids: Sequence[int], other_id: int) -> None:
    """Lock the wallets' balances in order, and see that one programme owns every account."""
    programme_id = programme_of(session, other_id)
    rows = session.connection().execute(_LOCK, {"wallets": wallet_ids}).all()
    if len(rows) != len(wallet_ids):
        raise UnknownAccount
    if any(row.programme_id != programme_id for row in rows):
        raise ForeignAccount


_SPENDABLE = (
    select(Lot.id, Lot.remaining)
    .where(
        Lot.account_id == bindparam("wallet"),
        Lot.remaining > 0,
        (last_day() >= bindparam("today")) | among(Lot.id.expression, "also"),
    )
    .order_by(Lot.expires_on)
    .with_for_update()
)


def spendable_lots(
    session: Session, wallet_id: int, today: date, also: set[int] | None = None
) -> list[Portion]:
    """The wallet's spendable lots, earliest expiry first, and those of *also* of any date."""
    asked = {"wallet": wallet_id, "today": today, "also": also or ()}
    rows = session.execute(_SPENDABLE, asked)
    return [Portion(row.id, row.remaining) for row in rows]


def share_out(portions: Sequence[Portion], amount: int) -> dict[int, int]:
    """Share *amount* out over *portions* in their order: lot id to points."""
    shares: dict[int, int] = {}
    for portion in portions:
        if amount == 0:
            break
        shares[portion.id] = share = min(amount, portion.remaining)
        amount -= share
    return shares


def open_lots(session: Session, names: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """The lots of these wallets and days, opened empty where they are new; their ids."""
    statement = upsert(session)(Lot)
    # A change that changes nothing: without one, those that are there already aren't answered.
    statement = statement.on_conflict_do_update(
        index_elements=["account_id", "expires_on"], set_={"remaining": Lot.remaining}
    ).returning(Lot.account_id, Lot.expires_on, Lot.id)
    rows = session.execute(
        statement,
        [
            {"account_id": wallet_id, "expires_on": expires_on, "remaining": 0}
            for wallet_id, expires_on in sorted(names)
        ],
        execution_options={"populate_existing": True},
    )
    return {(row.account_id, row.expires_on): row.id for row in rows}


_CHANGE_LOT = (
    update(_LOT)
    .where(_LOT.c.id == bindparam("lot"))
    .values(remaining=_LOT.c.remaining + bindparam("by"))
)
_CHANGE_BALANCE = (
    update(_BALANCE)
    .where(_BALANCE.c.account_id == bindparam("wallet"))
    .values(posted=_BALANCE.c.posted + bindparam("by"))
)
_INSERT_ENTRY = insert(table(LotEntry))


def change_lots(session: Session, changes: dict[int, int]) -> None:
    """Change what remains in the lots by *changes* (lot id to signed points), in one order."""
    session.connection().execute(
        _CHANGE_LOT, [{"lot": lot_id, "by": change} for lot_id, change in sorted(changes.items())]
    )


def write_entries(session: Session, transfer_id: int, changes: dict[int, int]) -> None:
    """Change the lots by *changes* (lot id to signed points) and record that it was so."""
    change_lots(session, changes)
    session.connection().execute(
        _INSERT_ENTRY,
        [
            {"transfer_id": transfer_id, "lot_id": lot_id, "change": change}
            for lot_id, change in changes.items()
        ],
    )


def move_balances(session: Session, changes: dict[int, int]) -> None:
    session.connection().execute(
        _CHANGE_BALANCE,
        [{"wallet": wallet_id, "by": change} for wallet_id, change in sorted(changes.items())],
    )


_TRANSFER = table(Transfer)
_INSERT_TRANSFER = insert(_TRANSFER).returning(_TRANSFER.c.id, sort_by_parameter_order=True)


def insert_transfers(op: Operation, rows: list[dict[str, object]]) -> list[int]:
    common = {"operation_id": op.id, "recorded_at": op.now}
    written = [{**common, **row} for row in rows]
    return list(op.session.connection().scalars(_INSERT_TRANSFER, written))


def insert_opposite(op: Operation, original: Transfer, kind: str, amount: int, reason: str) -> int:
    row = {
        "kind": kind,
        "debit_id": original.credit_id,
        "credit_id": original.debit_id,
        "amount": amount,
        "reverses_id": original.id,
        "happened_at": op.now,
        "reason": reason,
    }
    return insert_transfers(op, [row])[0]


def reversible(session: Session, transfer_id: int, kind: str) -> Transfer:
    """The transfer to be undone, locked so that no archive takes it away meanwhile."""
    original = session.get(Transfer, transfer_id, with_for_update=True)
    if original is None and transfer_id <= last_archived(session):
        raise Archived
    if original is None or original.kind != kind:
        raise NotReversible
    return original


_REVERSED = select(Reversed.total).where(Reversed.transfer_id == bindparam("transfer"))
_LOCK_REVERSED = _REVERSED.with_for_update()


def amount_left(session: Session, original: Transfer, amount: int | None) -> int:
    """*amount*, or all of the original that has not been undone yet."""
    if amount is None:
        done = session.scalar(_REVERSED, {"transfer": original.id})
        amount = original.amount - (done or 0)
        if amount == 0:
            raise AlreadyReversed
    check_amount(amount)
    return amount


def count_reversed(session: Session, original: Transfer, amount: int) -> None:
    """Count *amount* as undone; the wallet's lock makes the reading before it current."""
    done = session.scalar(_LOCK_REVERSED, {"transfer": original.id})
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
