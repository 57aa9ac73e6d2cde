"""A PostgreSQL server of the tests' own: made, started and thrown away by them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg


def bindir() -> Path:
    """Where the server's programs are; not all of them are on the PATH."""
    found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    candidates = [Path(found.stdout.strip())] if found.returncode == 0 else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    raise RuntimeError("PostgreSQL's server programs are missing: run `make test-tools`")


@contextmanager
def server(*settings: str, parent: Path | None = None) -> Iterator[str]:
    """Start a server on a socket in a folder of its own; answers that folder.

    Without *settings* (``name=value``) it doesn't wait for the disk, as tests needn't.
    PostgreSQL refuses to run as root, so root hands it to the ``postgres`` user.
    """
    folder = Path(tempfile.mkdtemp(prefix="epoints-pg-", dir=parent))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    try:
        _run(
            "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-locale", "-U", "postgres",
            "--no-sync",
        )  # fmt: skip
        chosen = " ".join(f"-c {s}" for s in settings or ("fsync=off", "max_connections=200"))
        options = f"-k {folder} -c listen_addresses='' {chosen}"
        _run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield str(folder)
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    """Run one of the server's programs, as somebody whom it accepts."""
    as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    command = [*as_other, str(bindir() / program), *arguments]
    subprocess.run(command, check=True, capture_output=True, cwd="/")


def postmaster(folder: str) -> int:
    """The process that is the server whose socket is in *folder*."""
    return int(Path(folder, "data", "postmaster.pid").read_text().split()[0])


def connect(folder: str, database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of one's own to that server, in which each statement stands for itself."""
    return psycopg.connect(
        f"host={folder} user=postgres dbname={database}", autocommit=True, connect_timeout=10
    )


def revive(folder: str, patience: float = 30) -> None:
    """Start the server again, as it was started, unless it answers; wait until it does.

    One that is recovering is left to it. One whose processes are still dying refuses to start.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connect(folder).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        if not _alive(folder):
            with suppress(subprocess.CalledProcessError):
                _run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "restart")
        time.sleep(0.05)


def _alive(folder: str) -> bool:
    try:
        os.kill(postmaster(folder), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


def url(folder: str, database: str) -> str:
    """The SQLAlchemy address of *database* on the server whose socket is in *folder*."""
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"
