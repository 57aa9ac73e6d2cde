"""Runs migrations on the application's own engine; called by Alembic."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from rewards.db import Base, BigId, UtcDateTime, db


def render(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own column types by their names in what is generated."""
    if kind == "type":
        for name, known in (("BigId", BigId), ("UtcDateTime", UtcDateTime)):
            if item is known or (isinstance(known, type) and isinstance(item, known)):
                autogen.imports.add(f"from rewards.db import {name}")
                return name if item is known else f"{name}()"
    return False


def foreign_keys(connection: Connection, state: str) -> None:
    """Switch them on the driver's own connection, where no transaction has begun."""
    connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")


def run() -> None:
    """Migrate inside one transaction, so that a failed step leaves nothing behind.

    SQLite changes a table by copying it and dropping the old one. Foreign keys would take that
    for a deletion, so they rest meanwhile (a pragma that only works outside a transaction) and
    are checked as a whole before the end.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would leave dangling references: {broken[:5]}")
        connection.commit()
        if connection.dialect.name == "sqlite":
            foreign_keys(connection, "ON")


run()
