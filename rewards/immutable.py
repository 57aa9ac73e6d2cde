"""Rows that the database itself refuses to change or delete once they are written."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import DDL, Table, event

from rewards.db import Base

Model = TypeVar("Model", bound=type[Base])

_POSTGRESQL_FUNCTION = """\
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of this table are never changed or deleted (%)', TG_TABLE_NAME;
END $$"""


def frozen(*, once: str | None = None) -> Callable[[Model], Model]:
    """Freeze a model's rows from the moment that its table is made.

    *once* names a column that may be empty at first: a row can change until it is filled.
    Migrations make the same triggers by :func:`freeze`.
    """

    def freeze_model(model: Model) -> Model:
        table = model.__table__
        assert isinstance(table, Table)
        for dialect in ("sqlite", "postgresql"):
            for statement in _statements(dialect, table.name, once):
                made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(table, "after_create", made.execute_if(dialect=dialect))
        return model

    return freeze_model


def freeze(op: Any, table: str, *, once: str | None = None) -> None:
    """Make the triggers in a migration (*op* is Alembic's)."""
    for statement in _statements(op.get_bind().dialect.name, table, once):
        op.execute(statement)


def thaw(op: Any, table: str) -> None:
    """Drop the triggers, for a migration that changes the table; it freezes it again after."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate") if postgresql else ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}" + (f" ON {table}" if postgresql else ""))


def _statements(dialect: str, table: str, once: str | None) -> Iterator[str]:
    filled = f" AND OLD.{once} IS NOT NULL" if once else ""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            when = f"WHEN 1=1{filled}" if verb == "UPDATE" else ""
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when} "
                "BEGIN SELECT RAISE(ABORT, 'rows of this table are never changed or deleted'); END"
            )
        return
    yield _POSTGRESQL_FUNCTION
    for verb in ("UPDATE", "DELETE"):
        when = f"WHEN (true{filled})" if verb == "UPDATE" else ""
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH ROW {when} EXECUTE FUNCTION refuse_change()"
        )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
