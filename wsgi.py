"""The composition root: makes the application out of its two packages, and its command line."""

import os
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate import Migrate

import merchants.web
import rewards.api
import rewards.cli
import rewards.web
from rewards.clock import Clock, utc_now
from rewards.db import db, prepare_engine
from rewards.settings import Settings, SettingsError

ROOT = Path(__file__).parent


def create_app(settings: Settings | None = None, clock: Clock = utc_now) -> Flask:
    """The application, by *settings* (by default from the environment) and *clock*."""
    if settings is None:
        try:
            settings = Settings.read(os.environ, ROOT)
        except SettingsError as error:
            raise click.ClickException(str(error)) from None
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_NAME="epoints",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
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
    rewards.api.register(app)
    merchants.web.register(app)
    rewards.cli.register(app)
    return app


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False)
def main() -> None:
    """Run and look after E-Points."""


if __name__ == "__main__":
    main()
