"""Settings: read from the environment once, in ``wsgi.py``; nothing else looks there."""

import os
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# Each has connections of its own to the database, which by default takes a hundred.
MOST_WORKERS = 4


class SettingsError(Exception):
    """A setting is missing or malformed; the message is one sentence that says which."""


@dataclass(frozen=True)
class Settings:
    """All that the service can be told from outside.

    ``public_url`` is the address that printed QR codes lead to, without a final slash.
    ``seal_key`` signs checkpoints; without it, a key is made in the instance folder when it is
    needed first. ``seal_every`` is in seconds; 0 leaves sealing to the command line.
    ``workers`` processes serve, each with its own group of redemptions.
    Without ``stripe_secret_key`` and ``stripe_webhook_secret`` donations by card are closed,
    and the pages say so.
    """

    instance: Path
    database_url: str
    secret_key: str
    host: str
    port: int
    public_url: str
    stripe_secret_key: str | None = None
    stripe_webhook_secret: str | None = None
    seal_key: str | None = None
    seal_every: int = 0
    group_commit: bool = True
    workers: int = 1

    @property
    def secure(self) -> bool:
        """Whether the site is reached over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @classmethod
    def read(cls, environ: Mapping[str, str], root: Path) -> "Settings":
        """Settings from *environ*; the instance folder is made below *root* if need be.

        Raises:
            SettingsError: one is malformed, or the instance folder can't be written.
        """
        instance = _instance(environ.get("INSTANCE") or str(root / "instance"))
        host = environ.get("HOST") or "127.0.0.1"
        port = _port(environ.get("PORT") or "8000")
        stripe_key = environ.get("STRIPE_SECRET_KEY") or None
        webhook = environ.get("STRIPE_WEBHOOK_SECRET") or None
        if (stripe_key is None) != (webhook is None):
            raise SettingsError(
                "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET together, or neither."
            )
        database_url = _database(environ.get("DATABASE_URL") or "", instance)
        return cls(
            instance=instance,
            database_url=database_url,
            secret_key=_secret(environ.get("SECRET_KEY") or None, instance),
            host=host,
            port=port,
            public_url=_address(environ.get("PUBLIC_URL") or f"http://{host}:{port}"),
            stripe_secret_key=stripe_key,
            stripe_webhook_secret=webhook,
            seal_key=_seal_key(environ.get("SEAL_KEY") or None),
            seal_every=_seconds("SEAL_EVERY", environ.get("SEAL_EVERY") or "3600"),
            group_commit=_switch("GROUP_COMMIT", environ.get("GROUP_COMMIT") or "on"),
            workers=_workers(environ.get("WORKERS") or "", database_url),
        )


def _instance(path: str) -> Path:
    folder = Path(path).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"INSTANCE: the folder {folder} can't be made: {error.strerror}."
        ) from None
    return folder


def _switch(name: str, text: str) -> bool:
    if text not in {"on", "off"}:
        raise SettingsError(f"{name} must be on or off, not {text!r}.")
    return text == "on"


def _seconds(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise SettingsError(f"{name} must be a number of seconds, 0 for never, not {text!r}.")
    return int(text)


def _workers(text: str, database_url: str) -> int:
    """How many processes serve: by default one for each processor, but one alone on SQLite.

    Several would write there in smaller groups, and each of them costs more than it brings.
    """
    if not text:
        several = min(os.cpu_count() or 1, MOST_WORKERS)
        return 1 if database_url.startswith("sqlite") else several
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise SettingsError(f"WORKERS must be a number from 1 to 64, not {text!r}.")
    return int(text)


def _seal_key(given: str | None) -> str | None:
    try:
        if given is None or len(b64decode(given, validate=True)) == 32:
            return given
    except ValueError:
        pass
    raise SettingsError("SEAL_KEY must be 32 random bytes in base64.")


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _database(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'epoints.sqlite3'}"
    scheme, found, rest = url.partition("://")
    if found and scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    if found and scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return url
    raise SettingsError(
        "DATABASE_URL must begin with postgresql:// or sqlite:/// and name a database."
    )


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise SettingsError(f"PUBLIC_URL must be an http or https address, not {url!r}.")
    return url.rstrip("/")


def _secret(given: str | None, instance: Path) -> str:
    """The signing secret: given, or made on first run and kept in the instance folder."""
    if given is not None:
        if len(given) < 32:
            raise SettingsError("SECRET_KEY must have at least 32 characters.")
        return given
    kept = instance / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return kept.read_text(encoding="ascii")
