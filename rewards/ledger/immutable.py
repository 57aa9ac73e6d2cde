"""The database itself refuses to edit or delete what the ledger has written."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import DDL, event

from rewards.ledger.model import LotEntry, OperationRow, Owed, Transfer

_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger rows are never changed or deleted (%)', TG_TABLE_NAME;
END $$"""


def statements(dialect: str, table: str) -> Iterator[str]:
    """The statements that freeze *table* on *dialect*; the operation's answer is set once."""
    answered = " AND OLD.answer IS NOT NULL" if table == OperationRow.__tablename__ else ""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            when = f"WHEN 1=1{answered}" if verb == "UPDATE" else ""
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
                "BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed or deleted'); END"
            )
        return
    yield _POSTGRESQL_FUNCTION
    for verb in ("UPDATE", "DELETE"):
        when = f"WHEN (true{answered})" if verb == "UPDATE" else ""
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH ROW {when} EXECUTE FUNCTION refuse_change()"
        )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


GUARDED = (Transfer, LotEntry, Owed, OperationRow)


def freeze(op: Any) -> None:
    """Make the triggers in a migration (*op* is Alembic's)."""
    for model in GUARDED:
        for statement in statements(op.get_bind().dialect.name, model.__tablename__):
            op.execute(statement)


for _model in GUARDED:
    for _dialect in ("sqlite", "postgresql"):
        for _statement in statements(_dialect, _model.__tablename__):
            event.listen(
                _model.__table__,
                "after_create",
                DDL(  # type: ignore[no-untyped-call]
                    _statement.replace("%", "%%")
                ).execute_if(dialect=_dialect),
            )
