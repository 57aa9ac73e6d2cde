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

# The column that names the transfer is the trigger's argument.
_POSTGRESQL_ARCHIVED = """\
CREATE OR REPLACE FUNCTION refuse_unarchived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF CAST(to_jsonb(OLD) ->> TG_ARGV[0] AS bigint)
        > (SELECT coalesce(max(last_id), 0) FROM archive) THEN
        RAISE EXCEPTION 'rows of this table are never changed or deleted (%)', TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$"""


def frozen(*, once: str | None = None, archived: str | None = None) -> Callable[[Model], Model]:
    """Freeze a model's rows from the moment that its table is made.

    *once* names a column that may be empty at first: a row can change until it is filled.
    *archived* names the column with the transfer's id: a row can be deleted once an archive
    covers it. Migrations make the same triggers by :func:`freeze`.
    """

    def freeze_model(model: Model) -> Model:
        table = model.__table__
        assert isinstance(table, Table)
        for dialect in ("sqlite", "postgresql"):
            for statement in _statements(dialect, table.name, once, archived):
                made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(table, "after_create", made.execute_if(dialect=dialect))
        return model

    return freeze_model


def freeze(op: Any, table: str, *, once: str | None = None, archived: str | None = None) -> None:
    """Make the triggers in a migration (*op* is Alembic's)."""
    for statement in _statements(op.get_bind().dialect.name, table, once, archived):
        op.execute(statement)


def thaw(op: Any, table: str) -> None:
    """Drop the triggers, for a migration that changes the table; it freezes it again after."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate") if postgresql else ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}" + (f" ON {table}" if postgresql else ""))


def _statements(dialect: str, table: str, once: str | None, archived: str | None) -> Iterator[str]:
    if dialect == "sqlite":
        yield from _on_sqlite(table, once, archived)
        return
    yield _POSTGRESQL_FUNCTION
    filled = f"WHEN (true AND OLD.{once} IS NOT NULL)" if once else "WHEN (true)"
    yield (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        f"FOR EACH ROW {filled} EXECUTE FUNCTION refuse_change()"
    )
    if archived:
        yield _POSTGRESQL_ARCHIVED
    refuse = f"refuse_unarchived('{archived}')" if archived else "refuse_change()"
    yield (
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {refuse}"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _on_sqlite(table: str, once: str | None, archived: str | None) -> Iterator[str]:
    filled = f" AND OLD.{once} IS NOT NULL" if once else ""
    covered = "(SELECT coalesce(max(last_id), 0) FROM archive)"
    here = f"WHEN OLD.{archived} > {covered} " if archived else " "
    for verb, when in (("UPDATE", f"WHEN 1=1{filled} "), ("DELETE", here)):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when}"
            "BEGIN SELECT RAISE(ABORT, 'rows of this table are never changed or deleted'); END"
        )
