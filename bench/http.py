"""Redemptions over HTTP, as a till sends them: on PostgreSQL and on SQLite."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import ground
from bench.filling import TILLS, Filled, fill
from bench.stage import Bench, Measure
from rewards.settings import Settings

ROOT = Path(__file__).parent.parent
CONNECTIONS, CROWD = 16, 32
SERVICE = ["wsgi.py", "run", "--no-sample"]
HELLO = ["-m", "bench.hello"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(program: list[str], settings: Settings) -> Iterator[None]:
    """Run *program* with *settings* until the block ends; it answers when the block begins."""
    environment = {
        **os.environ,
        "INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        "PORT": str(settings.port),
        "GROUP_COMMIT": "on" if settings.group_commit else "off",
    }
    log = settings.instance / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, *program], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        _wait(process, settings.port, log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server did not come up: {log.read_text()[-2000:]}")


class Tills:
    """The load: wrk sends redemptions, each with its own key, and none may be refused."""

    def __init__(self, bench: Bench, filled: Filled, name: str) -> None:
        self._bench = bench
        self._folder = bench.scratch / name
        self._sent = self._run = 0
        self.p99_ms = 0.0
        (self._folder / "cards.txt").write_text("\n".join(filled.card_codes))
        (self._folder / "tokens.txt").write_text("\n".join(filled.till_tokens))

    def measure(self, port: int, connections: int, seconds: int | None = None) -> float:
        """Answers a second; leaves the slowest in a hundred in ``p99_ms``."""
        self._run += 1
        script = str(Path(__file__).parent / "wrk.lua")
        said = subprocess.run(
            [
                "wrk", "-t1", f"-c{connections}", f"-d{seconds or self._bench.seconds}s",
                "--timeout", "30s", "-s", script, f"http://127.0.0.1:{port}",
                "--", str(self._folder), str(self._run), str(self._sent),
            ],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        found = json.loads(said.splitlines()[-1])
        if found["refused"] or found["broken"]:
            raise RuntimeError(f"redemptions failed: {found}")
        # Some more were under way when it stopped.
        self._sent += found["requests"] + connections
        self.p99_ms = found["p99_ms"]
        return float(found["requests"] / found["seconds"])


@dataclass(frozen=True)
class Served:
    """A server to be measured, and who measures it."""

    tills: Tills
    port: int

    def rate(self) -> float:
        return self.tills.measure(self.port, CONNECTIONS)

    def p99_ms(self) -> float:
        self.tills.measure(self.port, CROWD)
        return self.tills.p99_ms


@contextmanager
def up(program: list[str], settings: Settings, tills: Tills) -> Iterator[Served]:
    """A server that has answered for a second already: nothing is compiled or read any more."""
    with served(program, settings):
        tills.measure(settings.port, CONNECTIONS, seconds=1)
        yield Served(tills, settings.port)


@contextmanager
def postgresql(bench: Bench) -> Iterator[dict[str, Measure]]:
    filled = bench.database("http")
    settings, plain = bench.settings("http", free_port()), bench.settings("hello", free_port())
    tills = Tills(bench, filled, "http")
    with ExitStack() as stack:
        service = stack.enter_context(up(SERVICE, settings, tills))
        single = stack.enter_context(up(SERVICE, alone(settings), tills))
        hello = stack.enter_context(up(HELLO, plain, tills))
        yield {
            "tpcb_16": bench.tpcb(CONNECTIONS),
            "http_16": service.rate,
            "http_alone_16": single.rate,
            "hello_16": hello.rate,
            "http_p99_32": service.p99_ms,
        }
    footprint(bench)


def alone(settings: Settings) -> Settings:
    """The same service at another port, where each redemption commits alone."""
    return replace(settings, port=free_port(), group_commit=False)


def footprint(bench: Bench) -> None:
    """Note all that a redemption leaves behind, in every table."""
    with bench.connect("http") as connection, bench.connect("filled") as before:
        total = "SELECT sum(pg_relation_size(oid) + pg_indexes_size(oid)) FROM pg_class "
        tables = total + "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        [now], [then] = (c.execute(tables).fetchone() or [0] for c in (connection, before))
        [made] = connection.execute("SELECT count(*) FROM redemption").fetchone() or [0]
    bench.notes["footprint"] = f"{(now - then) / made:.0f} B in all tables, over {made:,}"


@contextmanager
def sqlite(bench: Bench) -> Iterator[dict[str, Measure]]:
    settings = bench.sqlite_settings("sqlite", free_port())
    tills = Tills(bench, fill(settings, TILLS), "sqlite")
    bare = Commits(bench.scratch / "commits.sqlite3", bench.seconds)
    with (
        up(SERVICE, settings, tills) as service,
        up(SERVICE, alone(settings), tills) as single,
    ):
        yield {
            "sqlite_commits": bare.rate,
            "sqlite_http_16": service.rate,
            "sqlite_alone_16": single.rate,
        }


class Commits:
    """A loop of durable commits of one changed row: the most that SQLite can do on this disk."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._seconds = seconds
        self._connection = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
            "INSERT INTO counter VALUES (1, 0)",
        ):
            self._connection.execute(statement)
        ground.check_sqlite(self._connection)

    def rate(self) -> float:
        """Commits a second."""
        execute, until, done = self._connection.execute, time.monotonic() + self._seconds, 0
        while time.monotonic() < until:
            execute("BEGIN IMMEDIATE")
            execute("UPDATE counter SET n = n + 1 WHERE id = 1")
            execute("COMMIT")
            done += 1
        return done / self._seconds
