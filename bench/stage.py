"""A stage: a place set up once, where figures are taken in turns, round after round."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from bench import ground
from bench.filling import Filled, fill
from rewards.settings import Settings
from tests import postgres

# Takes one figure, once.
Measure = Callable[[], float]

PGBENCH_SCALE = 16


@dataclass
class Bench:
    """One run: where it stands, how long it takes, and what else it has to say."""

    scratch: Path
    server: str
    quick: bool = False
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 5

    @property
    def seconds(self) -> int:
        """How long a rate is measured each time."""
        return 1 if self.quick else 5

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        return psycopg.connect(
            f"host={self.server} user=postgres dbname={database}", autocommit=True
        )

    def settings(self, name: str, port: int = 8000) -> Settings:
        """Settings for a service on the PostgreSQL database *name*."""
        return self._settings(name, f"postgresql://postgres@/{name}?host={self.server}", port)

    def sqlite_settings(self, name: str, port: int = 8000) -> Settings:
        return self._settings(name, "", port)

    def _settings(self, name: str, url: str, port: int) -> Settings:
        instance = str(self.scratch / name)
        return Settings.read(
            {"INSTANCE": instance, "DATABASE_URL": url, "PORT": str(port)}, self.scratch
        )

    @cached_property
    def filled(self) -> Filled:
        """What stands in every database that :meth:`database` makes."""
        self.say("filling a database …")
        with self.connect() as connection:
            connection.execute("CREATE DATABASE filled")
        return fill(self.settings("filled"))

    def database(self, name: str) -> Filled:
        """Make a database with people, shops and points to spend."""
        filled = self.filled
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE filled")
        self.settle()
        return filled

    def settle(self) -> None:
        """Write out what is left to write, so that it isn't written while something is measured."""
        with self.connect() as connection:
            connection.execute("CHECKPOINT")

    @cached_property
    def _pgbench(self) -> str:
        with self.connect() as connection:
            connection.execute("CREATE DATABASE pgbench")
        program = str(postgres.bindir() / "pgbench")
        self._run(program, "-i", "-I", "dtGvp", "-q", "-s", str(PGBENCH_SCALE), "pgbench")
        return program

    def tpcb(self, clients: int) -> Measure:
        """pgbench's own transaction, on tables with more branches than clients."""
        program = self._pgbench

        def transactions() -> float:
            said = self._run(
                program, "-n", "-b", "tpcb-like", "-M", "prepared", "-c", str(clients),
                "-j", "2", "-T", str(self.seconds), "pgbench",
            )  # fmt: skip
            return float(said.partition("tps = ")[2].split()[0])

        return transactions

    def _run(self, program: str, *arguments: str) -> str:
        command = [program, "-h", self.server, "-U", "postgres", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


Stage = Callable[[Bench], AbstractContextManager[dict[str, Measure]]]


@contextmanager
def standing(scratch: Path, quick: bool) -> Iterator[Bench]:
    """A run in a folder of its own, on a durable server of its own.

    Raises:
        ground.NotDurable: the figures would be of something else.
    """
    ground.check_disk(scratch)
    # The server's own user walks through it.
    scratch.chmod(0o755)
    with postgres.server(*ground.SERVER_OPTIONS, parent=scratch) as server:
        bench = Bench(scratch, server, quick)
        with bench.connect() as connection:
            ground.check_postgresql(connection)
        yield bench
