"""What is run every night, and the sweeping of expired points, which is part of it."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from rewards import expiration
from rewards.cli import act
from rewards.cli_ledger import bar
from rewards.communities import Programme
from rewards.db import db

# In this order: what is free again can expire, and what happened by then is sealed and verified.
NIGHTLY = ("release-holds", "expire", "seal", "verify")


def register(app: Flask) -> None:
    """Add the commands to *app*."""
    app.cli.add_command(expire)
    app.cli.add_command(nightly)


@click.command()
@with_appcontext
def expire() -> None:
    """Sweep the points past their last day, by each programme's own calendar."""
    for programme_id in db.session.scalars(select(Programme.id).order_by(Programme.id)).all():
        programme = db.session.get_one(Programme, programme_id)
        name, swept, after = programme.name_zh, 0, 0
        whole = expiration.due(act(), programme)
        with bar(name) as progress:
            while lots := expiration.sweep(act(), programme, after=after):
                db.session.commit()
                swept, after = swept + len(lots), lots[-1]
                progress(swept, max(swept, whole))
        db.session.rollback()
        click.echo(f"{name}: lots of expired points swept: {swept}.")


@click.command()
@click.pass_context
def nightly(context: click.Context) -> None:
    """Run each night's commands in turn; one that fails doesn't keep the rest from running."""
    failed = []
    for name in NIGHTLY:
        command = current_app.cli.commands.get(name)
        if command is None:
            continue
        try:
            context.invoke(command)
        except click.ClickException as error:
            error.show()
            failed.append(name)
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")
