"""What the benchmark stands on: a real disk, durable databases, and a machine to be named."""

import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres import bindir

# Where a commit costs nothing, a ratio to it says nothing.
IN_MEMORY = {"tmpfs", "ramfs", "devtmpfs", "none"}

POSTGRESQL = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}

# As a small installation would set it; both sides of each ratio run on the same server.
SERVER_OPTIONS = (
    *(f"{name}={value}" for name, value in POSTGRESQL.items()),
    # What any load of a full run works on fits in it, pgbench's and ours.
    "shared_buffers=2GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "max_connections=200",
)


class NotDurable(Exception):
    """The figures would be of commits that no disk has seen; says why."""


def filesystem(path: Path, mounts: str | None = None) -> str:
    """The type of the filesystem that *path* is on, by the kernel's table of mounts."""
    table = Path("/proc/mounts").read_text() if mounts is None else mounts
    deepest, found = -1, "unknown"
    for line in table.splitlines():
        _, point, kind, *_ = line.split(" ")
        where = Path(point.replace("\\040", " "))
        # Of two mounts at the same place the later one is seen.
        if path.resolve().is_relative_to(where) and len(where.parts) >= deepest:
            deepest, found = len(where.parts), kind
    return found


def check_disk(folder: Path, kind: str | None = None) -> str:
    """The type of *folder*'s filesystem.

    Raises:
        NotDurable: it is kept in memory.
    """
    kind = kind or filesystem(folder)
    if kind in IN_MEMORY:
        raise NotDurable(
            f"{folder} is on {kind}, in memory. Choose a folder on a disk with --scratch."
        )
    return kind


def check_postgresql(connection: "psycopg.Connection[Any]") -> None:
    """See that the server waits for its disk at every commit.

    Raises:
        NotDurable: a setting says that it doesn't.
    """
    for name, wanted in POSTGRESQL.items():
        row = connection.execute(f"SHOW {name}").fetchone()
        if row is None or row[0] != wanted:
            raise NotDurable(f"PostgreSQL's {name} is {row and row[0]}, and must be {wanted}.")
    row = connection.execute("SHOW data_directory").fetchone()
    check_disk(Path(row[0] if row else "/"))


def check_sqlite(connection: sqlite3.Connection) -> None:
    """See that SQLite waits for its disk at every commit.

    Raises:
        NotDurable: a PRAGMA says that it doesn't.
    """
    for name, wanted in (("journal_mode", "wal"), ("synchronous", 2)):
        [found] = connection.execute(f"PRAGMA {name}").fetchone()
        if found != wanted:
            raise NotDurable(f"SQLite's {name} is {found}, and must be {wanted}.")


def sync_ms(folder: Path) -> float:
    """How long this disk takes to keep 8 kB for good, in milliseconds: the median of 100."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(100):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), b"\0" * 8192, 0)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


def machine(scratch: Path, kind: str) -> dict[str, Any]:
    """What the figures were taken on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    server = subprocess.run(
        [str(bindir() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "filesystem": kind,
        "sync_ms": round(sync_ms(scratch), 3),
        "postgresql": server.stdout.split()[2],
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
