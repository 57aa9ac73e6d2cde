"""PostgreSQL's functions are given any text as it is, and fail as statements fail."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from rewards.bulk import writing
from rewards.calls import texts
from rewards.ledger.idempotency import Claiming
from rewards.ledger.model import OperationRow
from rewards.ledger.spending import write_operations
from tests.conftest import START, Database
from tests.ledger.test_batch import claim

AWKWARD = ["", "NULL", "it's", 'a "b"', "{,}", "\\", "\\'", "茶", "%s ?", "$1"]


def test_keys_are_kept_and_found_as_they_are(database: Database) -> None:
    claims = [claim(key, 1) for key in AWKWARD]
    with Session(database.engine) as session:
        with writing(session, last=True) as writer:
            decided = [(n, (c, {"done": {"key": c.key}})) for n, c in enumerate(claims, 1000)]
            write_operations(writer, START, decided)
        session.commit()
    with Session(database.engine) as session, writing(session) as writer:
        known, _ = Claiming(writer, claims, ["transfer"]).outcome()
    assert {c.key: known[c.name][1].body for c in claims} == {key: {"key": key} for key in AWKWARD}


@pytest.mark.postgresql_only
def test_what_fails_at_the_commit_is_raised_by_it_and_writes_nothing(database: Database) -> None:
    with Session(database.engine) as session:
        with writing(session, last=True) as writer:
            twice = [(n, (claim("same", 1), {"done": {}})) for n in (1000, 1001)]
            write_operations(writer, START, twice)
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        assert session.scalar(select(func.count(OperationRow.id))) == 0


@pytest.mark.postgresql_only
def test_what_was_kept_for_a_commit_ends_with_its_transaction(database: Database) -> None:
    with Session(database.engine) as session:
        with writing(session, last=True) as writer:
            write_operations(writer, START, [(1000, (claim("a", 1), {"done": {}}))])
        session.rollback()
        session.commit()
        assert session.scalar(select(func.count(OperationRow.id))) == 0


@pytest.mark.postgresql_only
def test_text_that_postgresql_cannot_keep_is_refused(database: Database) -> None:
    with (
        Session(database.engine) as session,
        pytest.raises(DataError),
        writing(session) as writer,
    ):
        writer.call("ledger_claim", texts(["s"]), texts(["a\0b"]), "{}", "1")
