"""The composition root: makes the application out of its two packages, and its command line."""

import os
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from flask_migrate import Migrate

import merchants.api
import merchants.api_holds
import merchants.sample
import merchants.web
import rewards.api
import rewards.cli
import rewards.cli_holds
import rewards.cli_ledger
import rewards.cli_nightly
import rewards.cli_seals
import rewards.web
from merchants.checkout import checking
from rewards import awards_check, sealer, serving
from rewards.clock import Clock, utc_now
from rewards.db import db, engine_options, prepare_engine
from rewards.deeds.checking import deductions
from rewards.giving_on.checking import points_gifts
from rewards.settings import Settings, SettingsError
from rewards.web.application import Application
from rewards.web.front import Front

ROOT = Path(__file__).parent


def create_app(settings: Settings | None = None, clock: Clock = utc_now) -> Application:
    """The application, by *settings* (by default from the environment) and *clock*."""
    if settings is None:
        try:
            settings = Settings.read(os.environ, ROOT)
        except SettingsError as error:
            raise click.ClickException(str(error)) from None
    app = Application(__name__, ROOT / "static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_NAME="epoints",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        # Only an answer that changed the session sends it: a slow file that was asked for before
        # must not bring back what stood in it then, such as who was signed in.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=24 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=20_000,
    )
    app.extensions["settings"] = settings
    app.extensions["clock"] = clock
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    rewards.web.register(app)
    api = rewards.api.register(app)
    merchants.web.register(app)
    merchants.api.register(app, api)
    merchants.api_holds.register(api)
    rewards.cli.register(app)
    rewards.cli_holds.register(app)
    checks = (awards_check.awards, deductions, points_gifts, checking.redemptions)
    rewards.cli_ledger.register(app, checks=checks)
    rewards.cli_nightly.register(app)
    rewards.cli_seals.register(app)
    return app


def create_front() -> Front:
    """The application in the process that serves it, where it also seals by itself."""
    app = create_app()
    sealer.start(app)
    serving.collect_seldom()
    return Front(app, serving.THREADS)


@click.group(
    cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False
)
def main() -> None:
    """Run and look after E-Points."""


@main.command("run")
@click.option("--sample/--no-sample", default=True, help="Fill an empty database to try it out.")
@with_appcontext
def run(sample: bool) -> None:
    """Bring the database up to date and serve; fill an empty one with sample data."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Settings = app.extensions["settings"]
    serving.check_port(settings)
    serving.migrate()
    if sample:
        merchants.sample.fill_if_empty(settings)
    click.echo(f"E-Points is served on {settings.public_url}")
    for line in merchants.sample.sign_ins(settings):
        click.echo(line)
    serving.serve(app, "wsgi:create_front")


if __name__ == "__main__":
    main()
