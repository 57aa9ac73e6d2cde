"""Runs migrations on the application's own engine; called by Alembic."""

from alembic import context
from flask import current_app

from rewards.db import Base, db


def run() -> None:
    """Migrate inside one transaction, so that a failed step leaves nothing behind."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
