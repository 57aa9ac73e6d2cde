"""The command that ends what was set aside for too long."""

import click
from flask import Flask
from flask.cli import with_appcontext

from rewards import ledger
from rewards.cli import act
from rewards.cli_ledger import bar
from rewards.db import db


def register(app: Flask) -> None:
    """Add the command to *app*."""
    app.cli.add_command(release_holds)


@click.command()
@with_appcontext
def release_holds() -> None:
    """Return points that were set aside to their wallets, where the time is over."""
    job, ended = act(), 0
    whole = ledger.count_overdue(job.session, job.now)
    with bar("Releasing") as progress:
        for some in ledger.time_out(job.session, job.now):
            db.session.commit()
            ended += some
            progress(ended, max(ended, whole))
    db.session.rollback()
    click.echo(f"{ended} holds whose time is over ended.")
