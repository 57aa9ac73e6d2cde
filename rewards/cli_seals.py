"""The command that seals, and shows the key that others check by."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from rewards import ledger, sealer
from rewards.cli_ledger import bar
from rewards.db import db, reading
from rewards.errors import Refused
from rewards.ledger import seals


def register(app: Flask) -> None:
    """Add the command to *app*."""
    app.cli.add_command(seal)


@click.command()
@with_appcontext
def seal() -> None:
    """Seal all settled transfers and sign a checkpoint, to be given to outsiders."""
    settings, clock = current_app.extensions["settings"], current_app.extensions["clock"]
    whole, done = _unsealed(), 0
    with bar("Sealing") as progress:

        def told(count: int) -> None:
            nonlocal done
            done += count
            progress(done, max(whole, done, 1))

        try:
            made = sealer.seal(db.engine, settings, clock, told)
        except (Refused, seals.BadKey) as refusal:
            raise click.ClickException(str(refusal)) from None
    click.echo(f"Key: {made.key}\n\n{made.note}" if made else "Nothing new to seal.")


def _unsealed() -> int:
    """How many transfers the progress bar stands for."""
    reading.set(True)
    newest = seals.latest(db.session())
    count = ledger.count(db.session()) - (newest.size if newest else 0)
    db.session.rollback()
    reading.set(False)
    return count
