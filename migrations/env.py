"""Runs migrations on the application's own engine; called by Alembic."""

from typing import Any

from alembic import context
from flask import current_app

from rewards.db import Base, BigId, UtcDateTime, db


def render(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own column types by their names in what is generated."""
    if kind == "type":
        for name, known in (("BigId", BigId), ("UtcDateTime", UtcDateTime)):
            if item is known or (isinstance(known, type) and isinstance(item, known)):
                autogen.imports.add(f"from rewards.db import {name}")
                return name if item is known else f"{name}()"
    return False


def run() -> None:
    """Migrate inside one transaction, so that a failed step leaves nothing behind."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
