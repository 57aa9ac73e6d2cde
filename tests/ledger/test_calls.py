"""PostgreSQL's functions are given any text as it is, and fail as statements fail."""

from collections.abc import Sequence
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from rewards.bulk import Writer, transaction
from rewards.calls import texts
from rewards.ledger.idempotency import Claiming
from rewards.ledger.model import OperationRow
from rewards.ledger.spending import write_operations
from rewards.web.grouping import Group
from tests.conftest import START, Database
from tests.ledger.test_batch import claim

AWKWARD = ["", "NULL", "it's", 'a "b"', "{,}", "\\", "\\'", "茶", "%s ?", "$1"]


def test_keys_are_kept_and_found_as_they_are(database: Database) -> None:
    claims = [claim(key, 1) for key in AWKWARD]
    with transaction(database.engine) as writer:
        decided = [(n, (c, {"done": {"key": c.key}})) for n, c in enumerate(claims, 1000)]
        write_operations(writer, START, decided)
        writer.commit()
    with transaction(database.engine) as writer:
        known, _ = Claiming(writer, claims, ["transfer"]).outcome()
    assert {c.key: known[c.name][1].body for c in claims} == {key: {"key": key} for key in AWKWARD}


def operations(database: Database) -> int:
    with Session(database.engine) as session:
        return session.scalars(select(func.count(OperationRow.id))).one()


def test_what_fails_at_the_commit_is_raised_by_it_and_writes_nothing(database: Database) -> None:
    twice = [(n, (claim("same", 1), {"done": {}})) for n in (1000, 1001)]
    with pytest.raises(IntegrityError), transaction(database.engine) as writer:
        write_operations(writer, START, twice)
        writer.commit()
    assert operations(database) == 0


def test_what_is_not_committed_was_not_written(database: Database) -> None:
    with transaction(database.engine) as writer:
        write_operations(writer, START, [(1000, (claim("a", 1), {"done": {}}))])
        writer.send()
    assert operations(database) == 0


def test_what_a_session_wrote_is_committed_with_the_rest(database: Database) -> None:
    with transaction(database.engine) as writer:
        write_operations(writer, START, [(1000, (claim("a", 1), {"done": {}}))])
        kept = {"scope": "s", "fingerprint": "f", "actor": "system", "recorded_at": START}
        writer.session.add(OperationRow(key="b", **kept))
        writer.commit()
    assert operations(database) == 2


@pytest.mark.postgresql_only
def test_text_that_postgresql_cannot_keep_is_refused(database: Database) -> None:
    with pytest.raises(DataError), transaction(database.engine) as writer:
        writer.call("ledger_claim", texts(["s"]), texts(["a\0b"]), "{}", "1")
        writer.send()


@pytest.mark.postgresql_only
def test_what_fails_leaves_a_connection_that_can_be_used(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(ProgrammingError), transaction(database.engine) as writer:
            writer.call("no_such_function", "1")
            Claiming(writer, [claim("a", 1)], ["transfer"]).outcome()
        with transaction(database.engine) as writer:
            known, ids = Claiming(writer, [claim("a", 1)], ["transfer"]).outcome()
            assert (known, len(ids["transfer"])) == ({}, 1)
            assert writer.session.scalar(select(func.count(OperationRow.id))) == 0


@pytest.mark.postgresql_only
def test_calls_that_travel_together_see_what_those_before_them_did(database: Database) -> None:
    with transaction(database.engine) as writer:
        before = Claiming(writer, [claim("a", 1)], ["transfer"])
        write_operations(writer, START, [(1000, (claim("a", 1), {"done": {"points": 3}}))])
        after = Claiming(writer, [claim("a", 1)], ["transfer"])
        assert before.outcome()[0] == {}
        assert after.outcome()[0][claim("a", 1).name][1].body == {"points": 3}


@pytest.mark.postgresql_only
def test_who_gives_up_in_the_middle_has_written_nothing(database: Database) -> None:
    with pytest.raises(KeyError), transaction(database.engine) as writer:
        write_operations(writer, START, [(1000, (claim("a", 1), {"done": {}}))])
        raise KeyError
    assert operations(database) == 0


@pytest.mark.postgresql_only
def test_what_a_connection_has_forgotten_is_asked_again(database: Database) -> None:
    def work(writer: Writer, asked: Sequence[str]) -> list[int]:
        return [len(Claiming(writer, [claim(key, 1)], ["transfer"]).outcome()[1]) for key in asked]

    group = Group(partial(transaction, database.engine), work)
    assert group.ask("a") == 1
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DEALLOCATE ALL")
    assert group.ask("b") == 1


@pytest.mark.postgresql_only
def test_a_lost_connection_leaves_the_pool(database: Database) -> None:
    with transaction(database.engine) as writer:
        asked = writer.ask("SELECT pg_backend_pid()").rows()
    with pytest.raises(OperationalError) as caught, transaction(database.engine) as writer:
        assert writer.ask("SELECT pg_backend_pid()").rows() == asked
        with database.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({asked[0][0]})")
        Claiming(writer, [claim("a", 1)], ["transfer"]).outcome()
    assert caught.value.connection_invalidated
    assert operations(database) == 0
