"""The ways in which things break, each struck while the tills are at work.

A fault returns when it is over or can't be mended from inside; what is then still down (the
service, the database server) is started again by the scene.
"""

import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests import postgres
from tests.prove.crashes import proxy
from tests.prove.crashes.clockwork import set_clock
from tests.prove.crashes.ground import can_mount
from tests.prove.crashes.tills import Tills

if TYPE_CHECKING:
    from tests.prove.crashes.scene import Scene

SQLITE, POSTGRESQL = "sqlite", "postgresql"
Strike = Callable[["Scene", Tills, Random], None]


@dataclass(frozen=True)
class Fault:
    """One way to break, on which databases, and what it takes."""

    name: str
    strike: Strike
    engines: tuple[str, ...]
    small_disk: bool = False
    settable_clock: bool = False

    def missing(self) -> str | None:
        """What this machine lacks for it."""
        if self.small_disk and not can_mount():
            return "a small disk can only be mounted by root"
        return None


FAULTS: list[Fault] = []


def on(engine: str) -> list[Fault]:
    """The faults that make sense on this database."""
    return [fault for fault in FAULTS if engine in fault.engines]


def fault(
    *engines: str, small_disk: bool = False, settable_clock: bool = False
) -> Callable[[Strike], Strike]:
    def add(strike: Strike) -> Strike:
        usual = (SQLITE, POSTGRESQL)
        FAULTS.append(Fault(strike.__name__, strike, engines or usual, small_disk, settable_clock))
        return strike

    return add


@fault()
def kill_server(scene: "Scene", tills: Tills, rng: Random) -> None:
    scene.service.kill()


@fault()
def kill_server_again_when_it_is_back(scene: "Scene", tills: Tills, rng: Random) -> None:
    scene.service.kill()
    scene.service.start()
    tills.until(rng.randint(1, 20), 5)
    scene.service.kill()


@fault()
def kill_worker(scene: "Scene", tills: Tills, rng: Random) -> None:
    """Only the process that answers; the one that looks after it lives on."""
    for worker in scene.service.workers():
        os.kill(worker, signal.SIGKILL)
    tills.until_silent(5, 1)


@fault()
def freeze_server(scene: "Scene", tills: Tills, rng: Random) -> None:
    """Longer than the tills' patience: they ask again while the first is still under way."""
    scene.service.signal(signal.SIGSTOP)
    time.sleep(1.2)
    scene.service.signal(signal.SIGCONT)


@fault()
def lock_database(scene: "Scene", tills: Tills, rng: Random) -> None:
    """Another program holds what every writer needs, longer than the tills' patience."""
    with _locked(scene):
        time.sleep(1.2)


@contextmanager
def _locked(scene: "Scene") -> Iterator[None]:
    url = scene.here.url(scene.name)
    if scene.here.server is None:
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.rollback()
            other.close()
        return
    with postgres.connect(scene.here.server, scene.name) as connection:
        connection.execute("BEGIN; LOCK TABLE balance IN ACCESS EXCLUSIVE MODE")
        yield
        connection.execute("ROLLBACK")


@fault()
def reset_connections(scene: "Scene", tills: Tills, rng: Random) -> None:
    scene.proxy.bad = (proxy.RESET_BEFORE, proxy.RESET_AFTER, proxy.GOOD)
    _for_a_while(scene, tills)


@fault()
def drop_answers(scene: "Scene", tills: Tills, rng: Random) -> None:
    """The commit happened, but nobody heard of it."""
    scene.proxy.bad = (proxy.DROP, proxy.DROP, proxy.GOOD)
    _for_a_while(scene, tills)


@fault()
def send_half_requests(scene: "Scene", tills: Tills, rng: Random) -> None:
    scene.proxy.bad = (proxy.HALF, proxy.GOOD)
    _for_a_while(scene, tills)


@fault()
def send_slow_requests(scene: "Scene", tills: Tills, rng: Random) -> None:
    scene.proxy.bad = (proxy.SLOW, proxy.GOOD)
    _for_a_while(scene, tills)


def _for_a_while(scene: "Scene", tills: Tills) -> None:
    tills.until_silent(25, 0.8)
    scene.proxy.bad = (proxy.GOOD,)


@fault(settable_clock=True)
def set_clock_forward(scene: "Scene", tills: Tills, rng: Random) -> None:
    set_clock(scene.folder, 3600)
    tills.until(30, 1)


@fault(settable_clock=True)
def set_clock_back(scene: "Scene", tills: Tills, rng: Random) -> None:
    set_clock(scene.folder, -3600)
    tills.until(30, 1)


@fault(small_disk=True)
def fill_disk(scene: "Scene", tills: Tills, rng: Random) -> None:
    """Not a byte is left, until somebody makes room."""
    filler = Path(scene.here.folder, "filler")
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    tills.until_silent(10, 1.5)
    filler.unlink()


@fault(SQLITE)
def refuse_writes(scene: "Scene", tills: Tills, rng: Random) -> None:
    """The system lets no file of the service grow beyond what it is, at some byte of a write."""
    log = Path(scene.here.folder, f"{scene.name}.sqlite3-wal")
    for worker in scene.service.workers():
        allowed = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        most = log.stat().st_size + rng.randint(0, 8192)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, allowed[1]))
        tills.until_silent(10, 1.5)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, allowed)


@fault(POSTGRESQL)
def kill_backend(scene: "Scene", tills: Tills, rng: Random) -> None:
    """One of the database's processes dies; the server ends all others and recovers."""
    os.kill(rng.choice(_backends(scene)), signal.SIGKILL)
    tills.until_silent(3, 1)


@fault(POSTGRESQL)
def freeze_backend(scene: "Scene", tills: Tills, rng: Random) -> None:
    """With whatever locks it holds."""
    frozen = rng.choice(_backends(scene))
    os.kill(frozen, signal.SIGSTOP)
    time.sleep(1.2)
    with suppress(ProcessLookupError):
        os.kill(frozen, signal.SIGCONT)


@fault(POSTGRESQL)
def disconnect_backends(scene: "Scene", tills: Tills, rng: Random) -> None:
    """An administrator ends all of the service's sessions."""
    assert scene.here.server is not None
    with postgres.connect(scene.here.server) as connection:
        for backend in _backends(scene):
            connection.execute("SELECT pg_terminate_backend(%s)", [backend])
    tills.until_silent(3, 0.5)


@fault(POSTGRESQL)
def kill_postmaster(scene: "Scene", tills: Tills, rng: Random) -> None:
    assert scene.here.server is not None
    os.kill(postgres.postmaster(scene.here.server), signal.SIGKILL)
    tills.until_silent(3, 1)


@fault(POSTGRESQL)
def stop_postgresql_at_once(scene: "Scene", tills: Tills, rng: Random) -> None:
    """As ``pg_ctl stop -m immediate`` does it, and started again under the running service."""
    assert scene.here.server is not None
    os.kill(postgres.postmaster(scene.here.server), signal.SIGQUIT)
    tills.until_silent(3, 1)


def _backends(scene: "Scene") -> list[int]:
    assert scene.here.server is not None
    with postgres.connect(scene.here.server) as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = %s"
        rows = connection.execute(asked, [scene.name, "client backend"]).fetchall()
    return [int(pid) for (pid,) in rows]
