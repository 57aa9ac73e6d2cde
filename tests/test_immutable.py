"""What is history stays as it was written, whoever asks the database."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rewards.suggestions.model import SuggestionStep
from tests import world
from tests.conftest import Acting, Database


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["audit_entry", "scheme_version"])
def test_a_written_row_is_never_changed(
    acting: Acting, database: Database, table: str, verb: str
) -> None:
    with acting() as act:
        world.build(act)
    with database.engine.connect() as connection, pytest.raises(DatabaseError, match="never"):
        connection.execute(text(verb.format(table)))


def test_a_suggestions_history_is_frozen_too(database: Database) -> None:
    with database.engine.connect() as connection:
        frozen = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
            if database.engine.dialect.name == "sqlite"
            else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgrelid = CAST(:table AS regclass)"
        )
        made = connection.execute(text(frozen), {"table": SuggestionStep.__tablename__}).scalar()
    assert made is not None and made >= 2
