"""Sealing with the installation's own key: by command, or by itself while it serves."""

import logging
from threading import Event, Thread

from flask import Flask
from sqlalchemy import Engine

from rewards.clock import Clock
from rewards.db import db
from rewards.errors import Refused
from rewards.ledger import seals
from rewards.settings import Settings

log = logging.getLogger(__name__)


def seal(
    engine: Engine, settings: Settings, clock: Clock, progress: seals.Progress = lambda done: None
) -> seals.Checkpoint | None:
    """Seal what is settled; the checkpoint, or None if nothing was new.

    Raises:
        seals.BadKey, seals.SealBroken, seals.NotSettled, seals.SealedMeanwhile: none was made.
    """
    signer = seals.signer(settings.seal_key, settings.instance / "seal-key")
    return seals.seal(engine, signer, seals.origin_of(settings.public_url), clock, progress)


def start(app: Flask) -> None:
    """Begin to seal in the background, at once and then at the settings' interval."""
    settings: Settings = app.extensions["settings"]
    if settings.seal_every:
        with app.app_context():
            engine = db.engine
        work = (engine, settings, app.extensions["clock"], Event())
        Thread(target=keep_sealing, args=work, name="sealer", daemon=True).start()


def keep_sealing(engine: Engine, settings: Settings, clock: Clock, stop: Event) -> None:
    """Seal again and again until *stop*; a run that fails is logged, and the next one tries."""
    while not stop.is_set():
        try:
            seal(engine, settings, clock)
        except (seals.NotSettled, seals.SealedMeanwhile) as later:
            log.info("Not sealed: %s", later)
        except (Refused, seals.BadKey) as refusal:
            log.error("Not sealed: %s", refusal)
        except Exception:
            log.exception("Sealing failed")
        stop.wait(settings.seal_every)
