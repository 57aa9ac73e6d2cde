"""Commands that look after the ledger: verify it, move old months to an archive, check one."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards import ledger, sealcheck
from rewards.cli import act
from rewards.communities import Programme
from rewards.db import db, reading
from rewards.errors import Refused
from rewards.ledger import Check, Drift, verification
from rewards.ledger.archive import detaching, file
from rewards.ledger.archive.model import Archive
from rewards.ledger.archive.refusals import LedgerDrifts, MonthNotOver

CHECKS = "ledger checks"


def register(app: Flask, checks: Sequence[Check]) -> None:
    """Add the commands to *app*; *checks* are those of all who build on the ledger."""
    app.extensions[CHECKS] = tuple(checks)
    for command in (verify, archive, archive_check):
        app.cli.add_command(command)


@dataclass(frozen=True)
class Run:
    """What a reconciliation saw."""

    seconds: float
    transfers: int
    found: list[Drift]
    figures: verification.Figures


@contextmanager
def bar(label: str) -> Iterator[ledger.Progress]:
    """A progress bar on the terminal; where there is none, nothing is drawn."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as drawn:

        def progress(done: int, whole: int) -> None:
            drawn.length = whole
            drawn.update(done - drawn.pos)

        yield progress


@contextmanager
def one_state() -> Iterator[Session]:
    """A session of its own that sees one state of the ledger while others write; takes no lock."""
    before = reading.set(True)
    try:
        with Session(db.engine) as session:
            ledger.consistent(session)
            yield session
    finally:
        reading.reset(before)


@contextmanager
def writing() -> Iterator[Session]:
    """A session of its own that commits at the end."""
    with Session(db.engine, expire_on_commit=False) as session, session.begin():
        yield session


def verified(
    outside: str | None, progress: ledger.Progress, files: Sequence[file.Contents] = ()
) -> Run:
    """Check everything; nothing is written."""
    started = time.monotonic()
    with one_state() as session:
        whole = ledger.count(session)
    db.engine.dispose()
    with ledger.helping(whole) as helpers, one_state() as session:
        found = list(
            ledger.verify(
                session,
                more=current_app.extensions[CHECKS],
                outside=outside,
                files=files,
                helpers=helpers,
                progress=progress,
            )
        )
        figures, count = verification.figures(session), ledger.count(session)
    return Run(time.monotonic() - started, count, found, figures)


@click.command()
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint that was kept elsewhere; the ledger must still lead to it.",
)
@click.option(
    "--archive",
    "archives",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="An archive's file, to vouch for what has left; with a checkpoint all are needed.",
)
@with_appcontext
def verify(checkpoint: Path | None, archives: Sequence[Path]) -> None:
    """Rebuild all that is kept from the transfers alone and compare; exit 1 on any drift."""
    began = act().now
    try:
        files = [file.read(path) for path in archives]
    except (Refused, OSError) as refusal:
        raise click.ClickException(str(refusal)) from None
    with bar("Verifying") as progress:
        try:
            note = checkpoint.read_text("utf-8") if checkpoint else None
            run = verified(note, progress, files)
        except (sealcheck.Malformed, UnicodeDecodeError) as error:
            raise click.ClickException(f"{checkpoint}: {error}") from None
    with writing() as session:
        verification.keep(
            session,
            ran_at=began,
            seconds=run.seconds,
            checked=run.transfers,
            found=run.found,
            figures=run.figures,
        )
    for drift in run.found:
        click.echo(f"DRIFT {drift.what} {drift.id}: {drift}", err=True)
    if run.found:
        raise click.ClickException(
            f"{run.transfers} transfers checked, {len(run.found)} drifts found."
        )
    click.echo(f"{run.transfers} transfers checked: no drift.")


FILE = click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
CHECKPOINT = click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The checkpoint of the archive, as it was published.",
)


def _month(context: click.Context, parameter: click.Parameter, value: str) -> date:
    try:
        return datetime.strptime(value, "%Y-%m").date()
    except ValueError:
        raise click.BadParameter("use a year and a month, as 2026-01.") from None


def month_end(session: Session, month: date) -> datetime:
    """When the month is over everywhere: the latest of the programmes' midnights."""
    following = (month + timedelta(days=31)).replace(day=1)
    zones = session.scalars(select(Programme.timezone).distinct()).all() or ["UTC"]
    midnights = [datetime.combine(following, midnight(), ZoneInfo(zone)) for zone in zones]
    return max(midnights).astimezone(UTC)


@click.command()
@click.option(
    "--through", required=True, callback=_month, metavar="YYYY-MM", help="The last month."
)
@FILE
@with_appcontext
def archive(through: date, path: Path) -> None:
    """Move the transfers of old months into FILE, proved before anything is deleted.

    Run it again with the same FILE if it was stopped: it goes on from there.
    """
    now = act().now
    try:
        row = _archive(through, path, now)
    except (Refused, OSError) as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(
        f"{row.last_leaf - row.first_leaf + 1} transfers, {row.first_id} to {row.last_id}, are in "
        f"{path} (SHA-256 {row.sha256}). Keep the file, and a copy elsewhere."
    )


def _archive(through: date, path: Path, now: datetime) -> Archive:
    with one_state() as session:
        before = month_end(session, through)
    if now < before + timedelta(days=1):
        raise MonthNotOver
    if not path.exists():
        with bar("Verifying") as progress:
            if verified(None, progress).found:
                raise LedgerDrifts
        with one_state() as session, bar("Writing") as progress:
            stretch = detaching.due(session, before)
            detaching.write(session, stretch, path, now, progress)
    with bar("Checking") as progress:
        contents = file.read(path, progress=lambda done: progress(done, max(done, 1)))
    with writing() as session:
        done = session.scalar(select(Archive).where(Archive.sha256 == contents.sha256))
        if done is None:
            stretch = detaching.belongs(session, contents, before)
            done = detaching.detach(session, stretch, contents, now)
        return done


@click.command("archive-check")
@FILE
@CHECKPOINT
@with_appcontext
def archive_check(path: Path, checkpoint: Path | None) -> None:
    """Let an archive FILE prove itself, without the database."""
    try:
        with bar("Checking") as progress:
            contents = file.read(
                path,
                checkpoint.read_text("utf-8") if checkpoint else None,
                lambda done: progress(done, max(done, 1)),
            )
    except (Refused, OSError, UnicodeDecodeError) as refusal:
        raise click.ClickException(str(refusal)) from None
    header = contents.header
    click.echo(
        f"{contents.entries} transfers, {header.first_id} to {header.last_id}, are those of "
        f"{contents.statement.origin}, as sealed in its checkpoint of {contents.statement.size}."
    )
