"""What the ledger's rows refer to is there, and stays, whoever writes them."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from rewards.ledger.model import Account, Lot, LotEntry, Transfer
from tests.conftest import START, Database
from tests.ledger.book import Book

NOWHERE = 999_999


def transfer(database: Database, book: Book, **changed: Any) -> dict[str, Any]:
    """A transfer as the book's first one, but for what is *changed*."""
    with Session(database.engine) as session:
        first = session.query(Transfer).first()
        assert first is not None
        columns = Transfer.__table__.columns.keys()
        row = {name: getattr(first, name) for name in columns if name != "id"}
    return {**row, "happened_at": START, **changed}


@pytest.mark.parametrize("column", ["operation_id", "debit_id", "credit_id"])
def test_a_transfer_refers_to_what_is_there(database: Database, book: Book, column: str) -> None:
    book.accrue(10)
    rows = [transfer(database, book), transfer(database, book, **{column: NOWHERE})]
    with Session(database.engine) as session:
        session.execute(insert(Transfer), rows[:1])
        with pytest.raises(IntegrityError):
            session.execute(insert(Transfer), rows)


@pytest.mark.parametrize("column", ["transfer_id", "lot_id"])
def test_a_lot_entry_refers_to_what_is_there(database: Database, book: Book, column: str) -> None:
    book.accrue(10)
    with Session(database.engine) as session:
        row = transfer(database, book)
        [made] = session.execute(insert(Transfer).returning(Transfer.id), [row]).scalars()
        lot = session.query(Lot.id).first()
        assert lot is not None
        entry = {"transfer_id": made, "lot_id": lot[0], "change": 1}
        with pytest.raises(IntegrityError):
            session.execute(insert(LotEntry), [{**entry, column: NOWHERE}])


@pytest.mark.parametrize("model", [Account, Lot])
def test_what_was_referred_to_cannot_go(
    database: Database, book: Book, model: type[Account] | type[Lot]
) -> None:
    book.accrue(10)
    with Session(database.engine) as session:
        for statement in (delete(model), update(model).values(id=model.id + NOWHERE)):
            with pytest.raises(DBAPIError):
                session.execute(statement)
            session.rollback()
