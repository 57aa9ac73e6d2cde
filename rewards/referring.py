"""References that PostgreSQL checks once a statement, where a foreign key checks every row.

A foreign key looks the other row up and locks it, one row after the other: for a batch of
redemptions that took a fifth of all of PostgreSQL's time. What these tables refer to is never
deleted and keeps its id (a trigger sees to that), so no lock is needed, and one query looks for
all rows of a statement. SQLite has ordinary foreign keys, which cost it nothing to speak of.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import DDL, ForeignKeyConstraint, Table, event

from rewards.db import Base

Model = TypeVar("Model", bound=type[Base])


def reference(column: str, table: str) -> Any:
    """A foreign key to *table*'s id for SQLite; stands in ``__table_args__``."""
    return ForeignKeyConstraint([column], [f"{table}.id"]).ddl_if(dialect="sqlite")


def referring(**columns: str) -> Callable[[Model], Model]:
    """Check *columns* (name to table) on PostgreSQL, beside a :func:`reference` for each."""

    def referring_model(model: Model) -> Model:
        _after_create(model, refers(_name(model), **columns))
        return model

    return referring_model


def kept(model: Model) -> Model:
    """Let PostgreSQL refuse to delete a model's rows or to change their ids."""
    _after_create(model, keeps(_name(model)))
    return model


def refers(table: str, **columns: str) -> Iterator[str]:
    """The statements behind :func:`referring`, for a migration too."""
    missing = " OR ".join(
        f"w.{column} IS NOT NULL AND (SELECT o.id FROM {other} o WHERE o.id = w.{column}) IS NULL"
        for column, other in columns.items()
    )
    yield (
        f"CREATE OR REPLACE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql "
        "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$\n"
        f"BEGIN\n    IF EXISTS (SELECT FROM written w WHERE {missing}) THEN\n"
        "        RAISE foreign_key_violation "
        f"USING MESSAGE = '{table} refers to what is not there';\n"
        "    END IF;\n    RETURN NULL;\nEND $$"
    )
    yield (
        f"CREATE TRIGGER {table}_refers AFTER INSERT ON {table} REFERENCING NEW TABLE AS written "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refers()"
    )


def keeps(table: str) -> Iterator[str]:
    """The statements behind :func:`kept`; they use the function of :mod:`rewards.immutable`."""
    yield (
        f"CREATE TRIGGER {table}_kept BEFORE DELETE OR UPDATE OF id ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _name(model: type[Base]) -> str:
    table = model.__table__
    assert isinstance(table, Table)
    return table.name


def _after_create(model: type[Base], statements: Iterator[str]) -> None:
    for statement in statements:
        made = DDL(statement)  # type: ignore[no-untyped-call]
        # All tables and the function that refuses are there only when the last one is made.
        event.listen(Base.metadata, "after_create", made.execute_if(dialect="postgresql"))
