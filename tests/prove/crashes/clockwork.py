"""The service with a clock that can be set while it runs: a file says by how many seconds."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import wsgi
from rewards import serving
from rewards.clock import utc_now
from rewards.settings import Settings
from rewards.web.front import Front


def set_clock(folder: Path, seconds: int) -> None:
    """Let the clock of the service whose instance folder it is be off by so much."""
    new = folder / "clock.new"
    new.write_text(str(seconds))
    new.replace(folder / "clock")


def settings() -> Settings:
    return Settings.read(os.environ, wsgi.ROOT)


def create_front() -> Front:
    file = settings().instance / "clock"

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=int(file.read_text()))

    return Front(wsgi.create_app(settings(), clock), serving.THREADS)


if __name__ == "__main__":
    serving.run_server("tests.prove.crashes.clockwork:create_front", settings())
