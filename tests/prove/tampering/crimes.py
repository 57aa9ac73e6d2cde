"""What somebody who owns the database may do to sealed history. Books are cooked afterwards."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from rewards.ledger import ACCRUAL
from rewards.ledger.archive.model import Archive, ArchivedAccount, ArchivedLot
from rewards.ledger.holding import HoldEnd
from rewards.ledger.model import Balance, Lot, LotEntry, Owed, Reversed, Transfer
from rewards.ledger.seals.model import Checkpoint, SealedSum, SealLog, SealTile
from tests.conftest import START
from tests.prove.tampering.victim import Victim

Crime = Callable[[Victim, Session, Random], None]
CRIMES: list[Crime] = []

# Whatever names a transfer, to be changed along with it.
NAMING = (
    LotEntry.transfer_id,
    Transfer.reverses_id,
    Reversed.transfer_id,
    Owed.transfer_id,
    HoldEnd.transfer_id,
)


def crime(commit: Crime) -> Crime:
    CRIMES.append(commit)
    return commit


def any_of(wronged: Victim, rng: Random) -> int:
    """A transfer that the checkpoint outside knows."""
    return rng.randint(1, wronged.known)


def change(session: Session, transfer: int, **columns: object) -> None:
    session.execute(update(Transfer).where(Transfer.id == transfer).values(**columns))


@crime
def edit_an_amount(wronged: Victim, session: Session, rng: Random) -> None:
    """And one of its lot entries with it."""
    transfer, by = any_of(wronged, rng), rng.choice((-3, -1, 1, 7, 500))
    change(session, transfer, amount=Transfer.amount + by)
    entry = session.scalars(select(LotEntry).where(LotEntry.transfer_id == transfer).limit(1)).one()
    sign = 1 if entry.change > 0 else -1
    session.execute(
        update(LotEntry)
        .where(LotEntry.transfer_id == transfer, LotEntry.lot_id == entry.lot_id)
        .values(change=LotEntry.change + sign * by)
    )


@crime
def give_it_to_another(wronged: Victim, session: Session, rng: Random) -> None:
    """The points of an award go to another wallet's lot."""
    awards = select(Transfer).where(Transfer.kind == ACCRUAL, Transfer.id <= wronged.known)
    award = rng.choice(session.scalars(awards).all())
    friend = rng.choice([w for w in wronged.wallets if w != award.credit_id])
    lot = rng.choice(session.scalars(select(Lot.id).where(Lot.account_id == friend)).all())
    change(session, award.id, credit_id=friend)
    session.execute(update(LotEntry).where(LotEntry.transfer_id == award.id).values(lot_id=lot))


@crime
def edit_a_reason(wronged: Victim, session: Session, rng: Random) -> None:
    change(session, any_of(wronged, rng), reason=f"another reason {rng.random()}")


@crime
def edit_a_kind(wronged: Victim, session: Session, rng: Random) -> None:
    transfer = session.get_one(Transfer, any_of(wronged, rng))
    others = [kind for kind in ("expiry", "adjustment", "bonus") if kind != transfer.kind]
    change(session, transfer.id, kind=rng.choice(others))


@crime
def give_it_to_another_operation(wronged: Victim, session: Session, rng: Random) -> None:
    change(session, any_of(wronged, rng), operation_id=Transfer.operation_id + 1)


@crime
def undo_another(wronged: Victim, session: Session, rng: Random) -> None:
    """What undid one transfer says that it undid another."""
    undoing = select(Transfer).where(
        Transfer.reverses_id.is_not(None), Transfer.id <= wronged.known
    )
    undoes = rng.choice(session.scalars(undoing).all())
    while (another := any_of(wronged, rng)) == undoes.reverses_id:
        continue
    change(session, undoes.id, reverses_id=another)


@crime
def back_date_what_happened(wronged: Victim, session: Session, rng: Random) -> None:
    moment = START - timedelta(microseconds=rng.choice((1, 10**6, 10**11)))
    change(session, any_of(wronged, rng), happened_at=moment)


@crime
def back_date_the_record(wronged: Victim, session: Session, rng: Random) -> None:
    moment = START - timedelta(microseconds=rng.choice((1, 10**6, 10**11)))
    change(session, any_of(wronged, rng), recorded_at=moment)


@crime
def delete_one(wronged: Victim, session: Session, rng: Random) -> None:
    _forget(session, [any_of(wronged, rng)])


@crime
def delete_many(wronged: Victim, session: Session, rng: Random) -> None:
    _forget(session, rng.sample(range(1, wronged.known + 1), rng.randint(2, 40)))


@crime
def truncate(wronged: Victim, session: Session, rng: Random) -> None:
    """All from some transfer on is gone."""
    _forget(session, list(range(any_of(wronged, rng), wronged.last + 1)))


def _forget(session: Session, transfers: list[int]) -> None:
    """With everything that names them."""
    for column in NAMING:
        if column.class_ is Transfer:
            session.execute(update(Transfer).where(column.in_(transfers)).values(reverses_id=None))
        else:
            session.execute(delete(column.class_).where(column.in_(transfers)))
    session.execute(delete(Transfer).where(Transfer.id.in_(transfers)))


@crime
def insert_before_history(wronged: Victim, session: Session, rng: Random) -> None:
    _forge(wronged, session, rng, -rng.randint(0, 5))


@crime
def insert_into_history(wronged: Victim, session: Session, rng: Random) -> None:
    """Everything after it moves up by one."""
    place = any_of(wronged, rng)
    for column in (Transfer.id, *NAMING):
        # In two steps, so that no two are the same in between.
        table = column.class_
        session.execute(update(table).where(column >= place).values({column: -(column + 1)}))
        session.execute(update(table).where(column < 0).values({column: -column}))
    _forge(wronged, session, rng, place)


@crime
def forge_what_came_later(wronged: Victim, session: Session, rng: Random) -> None:
    """A transfer since the checkpoint takes the place of one before it, and the other way."""
    _swap(session, any_of(wronged, rng), rng.randint(wronged.known + 1, wronged.last))


def _forge(wronged: Victim, session: Session, rng: Random, transfer: int) -> None:
    """Points for a friend out of nothing, with all that belongs to them."""
    lot = rng.choice(session.scalars(select(Lot)).all())
    amount = rng.randint(1, 5000)
    # Whatever moved up left a number that is nobody's.
    like = rng.choice(session.scalars(select(Transfer).order_by(Transfer.id).limit(50)).all())
    session.execute(
        insert(Transfer).values(
            id=transfer,
            operation_id=like.operation_id,
            kind=ACCRUAL,
            debit_id=wronged.issuer,
            credit_id=lot.account_id,
            amount=amount,
            happened_at=like.happened_at,
            recorded_at=like.recorded_at,
            reason=like.reason,
        )
    )
    session.execute(insert(LotEntry).values(transfer_id=transfer, lot_id=lot.id, change=amount))


@crime
def reorder(wronged: Victim, session: Session, rng: Random) -> None:
    """Two transfers change places."""
    while (one := any_of(wronged, rng)) == (other := any_of(wronged, rng)):
        continue
    _swap(session, one, other)


def _swap(session: Session, one: int, other: int) -> None:
    aside = -1_000_000
    for old, new in ((one, aside), (other, one), (aside, other)):
        for column in (Transfer.id, *NAMING):
            session.execute(update(column.class_).where(column == old).values({column: new}))


@crime
def forge_a_balance(wronged: Victim, session: Session, rng: Random) -> None:
    """The wallet has more, and a lot with it; an award of history says why."""
    award = rng.choice(
        session.scalars(
            select(Transfer).where(Transfer.kind == ACCRUAL, Transfer.id <= wronged.known)
        ).all()
    )
    more = rng.randint(1, 10_000)
    change(session, award.id, amount=award.amount + more)
    for statement in (
        update(LotEntry)
        .where(LotEntry.transfer_id == award.id)
        .values(change=LotEntry.change + more),
        update(Balance)
        .where(Balance.account_id == award.credit_id)
        .values(posted=Balance.posted + more),
        update(Lot)
        .where(Lot.id.in_(select(LotEntry.lot_id).where(LotEntry.transfer_id == award.id)))
        .values(remaining=Lot.remaining + more),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


@crime
def forge_what_is_archived(wronged: Victim, session: Session, rng: Random) -> None:
    """Whole tiles are said to be in an archive, which carries more for a friend than they did."""
    tiles = session.scalars(
        select(SealTile).where(SealTile.level == 0, SealTile.through_id <= wronged.known)
    ).all()
    tile = rng.choice(tiles)
    sides = ((Transfer.credit_id, Transfer.amount), (Transfer.debit_id, -Transfer.amount))
    changes: dict[int, int] = {}
    for side, amount in sides:
        rows = session.execute(
            select(side, func.sum(amount)).where(Transfer.id <= tile.through_id).group_by(side)
        )
        for account, total in rows:
            changes[account] = changes.get(account, 0) + int(total)
    lots = dict(
        session.execute(
            select(LotEntry.lot_id, func.sum(LotEntry.change))
            .where(LotEntry.transfer_id <= tile.through_id)
            .group_by(LotEntry.lot_id)
        ).all()
    )
    lot = session.get_one(Lot, rng.choice(list(lots)))
    more = rng.randint(1, 10_000)
    changes[lot.account_id] += more
    changes[wronged.issuer] -= more
    lots[lot.id] += more
    checkpoint = session.scalars(select(Checkpoint).order_by(Checkpoint.size)).first()
    assert checkpoint is not None
    archive = Archive(
        first_id=1,
        last_id=tile.through_id,
        first_leaf=0,
        last_leaf=(tile.number + 1) * (len(tile.hashes) // 32) - 1,
        recorded_through=START,
        sha256=f"{rng.getrandbits(256):064x}",
        checkpoint=checkpoint.note,
        made_at=START,
    )
    session.add(archive)
    session.flush()
    session.add_all(
        ArchivedAccount(account_id=i, archive_id=archive.id, change=n, transfers=1)
        for i, n in changes.items()
    )
    session.add_all(ArchivedLot(lot_id=i, archive_id=archive.id, change=n) for i, n in lots.items())
    session.flush()
    session.execute(delete(LotEntry).where(LotEntry.transfer_id <= tile.through_id))
    session.execute(delete(Transfer).where(Transfer.id <= tile.through_id))


@crime
def forget_the_seals(wronged: Victim, session: Session, rng: Random) -> None:
    """All of them, so that the log can be begun anew."""
    for model in (SealTile, Checkpoint, SealedSum, SealLog):
        session.execute(delete(model))


@crime
def change_the_salts(wronged: Victim, session: Session, rng: Random) -> None:
    session.execute(update(SealLog).values(salt_key=rng.randbytes(32)))


@crime
def change_a_tile(wronged: Victim, session: Session, rng: Random) -> None:
    """One of the hashes that are kept, and a transfer to go with it."""
    tiles = session.scalars(select(SealTile).where(SealTile.through_id <= wronged.known)).all()
    tile = rng.choice(tiles)
    place = 32 * rng.randrange(len(tile.hashes) // 32)
    hashes = tile.hashes[:place] + rng.randbytes(32) + tile.hashes[place + 32 :]
    session.execute(
        update(SealTile)
        .where(SealTile.level == tile.level, SealTile.number == tile.number)
        .values(hashes=hashes)
    )
    edit_a_reason(wronged, session, rng)


@crime
def change_a_checkpoint(wronged: Victim, session: Session, rng: Random) -> None:
    """What was signed is no longer what is kept as signed."""
    column = rng.choice((Checkpoint.root, Checkpoint.note, Checkpoint.through_id))
    wrong: dict[object, object] = {
        Checkpoint.root: literal(rng.randbytes(32)),
        Checkpoint.note: Checkpoint.note + " ",
        Checkpoint.through_id: Checkpoint.through_id - 1,
    }
    session.execute(update(Checkpoint).values({column: wrong[column]}))
    edit_a_reason(wronged, session, rng)
