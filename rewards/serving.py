"""Bringing the service up: the database to the code's version, then the production server."""

import gc
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import upgrade as run_migrations
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from rewards.db import db
from rewards.settings import Settings

# That are in Flask at a time; most of them wait for the database.
THREADS = 16
# For how many seconds a server that was told to stop waits for what is under way. Whoever asked
# and hears no answer asks again with the same key.
LAST_ANSWERS = 10


def check_port(settings: Settings) -> None:
    """Stop with a sentence, before anything is prepared, if the port can't be had."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"Port {settings.port} on {settings.host} can't be used ({error.strerror}). "
                "Choose another with PORT=."
            ) from None


def migrate() -> None:
    """Bring the database to the code's version; stop with a sentence where that can't be."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        address = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
        raise click.ClickException(
            f"The database {address.render_as_string(hide_password=True)} can't be opened: "
            f"{str(error.orig).strip().splitlines()[0].rstrip('.')}."
        ) from None
    folder = Path(current_app.extensions["migrate"].directory)
    scripts = ScriptDirectory(str(folder))
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise click.ClickException(
            f"The database is newer than this code (its version is {current}). "
            "Install the newer release, or use another database."
        )
    if current != scripts.get_current_head():
        run_migrations()


def serve(app: Flask, target: str) -> None:
    """Serve *target* (``module:factory``) on the production server until told to stop."""
    with app.app_context():
        db.engine.dispose()
    run_server(target, app.extensions["settings"])


def collect_seldom() -> None:
    """Have this process look for garbage in cycles more seldom, and never in what stays.

    By Python's default it looks after 700 new objects, which are three redemptions.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def run_server(target: str, settings: Settings, **options: Any) -> None:
    """Run the production server for *target*, which makes an application of RSGI."""
    from granian import Granian
    from granian.constants import Interfaces, RuntimeModes
    from granian.log import LogLevels

    _let_go_while_it_starts()
    Granian(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        workers_kill_timeout=LAST_ANSWERS,
        # Requests and answers are read and written beside the event loop, not within it.
        runtime_mode=RuntimeModes.mt,
        websockets=False,
        log_level=LogLevels.warning,
        **{"interface": Interfaces.RSGI, **options},
    ).serve()


def _let_go_while_it_starts() -> None:
    """Have a process that is forked from now on end when it is told to, from its first moment.

    It inherits the server's own handler, which only makes a note in memory. Told to end before
    it had handlers of its own, it forgot, and the server waited for it for ever. What Ctrl+C sends
    to all of them is the server's to act upon.
    """
    told = {signal.SIGTERM, signal.SIGINT}

    def in_child() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, told)

    # Between the fork and the handlers a signal has to wait, or the note would be made again.
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, told),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, told),
        after_in_child=in_child,
    )
