"""A PostgreSQL server of the tests' own: made, started and thrown away by them."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    programs = bindir()
    folder = Path(tempfile.mkdtemp(prefix="epoints-pg-", dir=parent))
    as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_other:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run([*as_other, *command], check=True, capture_output=True, cwd="/")

    data = str(folder / "data")
    try:
        run(
            str(programs / "initdb"), "-D", data, "-A", "trust", "-E", "UTF8", "--no-locale",
            "-U", "postgres", "--no-sync",
        )  # fmt: skip
        chosen = " ".join(f"-c {s}" for s in settings or ("fsync=off", "max_connections=200"))
        options = f"-k {folder} -c listen_addresses='' {chosen}"
        run(
            str(programs / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"),
            "-w", "start",
        )  # fmt: skip
        try:
            yield str(folder)
        finally:
            run(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def url(folder: str, database: str) -> str:
    """The SQLAlchemy address of *database* on the server whose socket is in *folder*."""
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"
