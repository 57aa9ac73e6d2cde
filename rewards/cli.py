"""The command line of whoever runs the service: one small function a command."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from rewards import founding, serving
from rewards.act import SYSTEM, Act
from rewards.administration import new_password
from rewards.clock import Clock
from rewards.db import db
from rewards.errors import Refused
from rewards.staff_inputs import PASSWORD_LEAST


def register(app: Flask) -> None:
    """Add the commands to *app*."""
    app.cli.add_command(init)


def act() -> Act:
    """An act of the operator's, on the application's session. The command commits at its end."""
    clock: Clock = current_app.extensions["clock"]
    return Act(db.session(), SYSTEM, clock())


def _slug(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 40:
        raise click.BadParameter("use small letters, digits and hyphens, at most 40.")
    return value


def _timezone(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, KeyError, OSError):
        raise click.BadParameter("use an IANA name, such as Asia/Shanghai.") from None


def _ask_password(username: str) -> str | None:
    """A password typed twice, or None to have one made."""
    while typed := click.prompt(
        f"Password for {username} (empty: one is made and shown once)",
        default="",
        show_default=False,
        hide_input=True,
    ):
        if len(typed) < PASSWORD_LEAST:
            click.echo(f"Use at least {PASSWORD_LEAST} characters.")
        elif typed == click.prompt("The same again", hide_input=True):
            return str(typed)
        else:
            click.echo("The two differ.")
    return None


@click.command()
@click.option("--programme", prompt="Programme, in Chinese", help="Its name in Chinese.")
@click.option("--programme-en", prompt="Programme, in English", help="Its name in English.")
@click.option("--community", prompt="First community, in Chinese", help="Its name in Chinese.")
@click.option("--community-en", prompt="First community, in English", help="Its name in English.")
@click.option("--slug", prompt="Its short name in addresses", callback=_slug, help="As xiangyun.")
@click.option("--timezone", default="Asia/Shanghai", callback=_timezone, show_default=True)
@click.option("--helpline", default="", help="Printed on the cards, for whoever finds one.")
@click.option("--username", prompt="Administrator's user name", help="To sign in with.")
@click.option("--name", prompt="Administrator's own name", help="As shown in the audit log.")
@with_appcontext
def init(username: str, name: str, **given: Any) -> None:
    """Begin a real installation: a programme, its first community and an administrator."""
    typed = _ask_password(username)
    password = typed or new_password()
    names = founding.Names(
        programme_zh=given["programme"],
        programme_en=given["programme_en"],
        community_zh=given["community"],
        community_en=given["community_en"],
        slug=given["slug"],
        timezone=given["timezone"],
        helpline=given["helpline"],
    )
    serving.migrate()
    try:
        founding.found(act(), names, username=username, name=name, password=password)
    except Refused as refusal:
        db.session.rollback()
        raise click.ClickException(str(refusal)) from None
    db.session.commit()
    if typed is None:
        click.echo(f"Password, shown only now: {password}")
    click.echo(
        f"{names.programme_zh} has begun. Sign in as {username} at "
        f"{current_app.extensions['settings'].public_url}/sign-in and set the points rules."
    )
