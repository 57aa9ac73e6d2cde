"""The service as a process of its own, started as in production, to be stopped in every way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[3]
HOST = "127.0.0.1"


def free_port() -> int:
    """A port below those that the system gives out, so that no client can be given it."""
    while True:
        port = SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


AS_USUAL = ("wsgi.py", "run", "--no-sample")


class Service:
    """The service on a database; all of its processes are of one group."""

    def __init__(self, url: str, folder: Path, program: Sequence[str] = AS_USUAL) -> None:
        self.program = program
        self.port = free_port()
        self.log = folder / "service.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "INSTANCE": str(folder),
            "DATABASE_URL": url.replace("+psycopg", ""),
            "PORT": str(self.port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 60) -> None:
        """Start, unless it answers already."""
        if self.answers():
            return
        self.kill()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + patience
        while not self.answers():
            if self.process.poll() is not None:
                raise RuntimeError("the service didn't start")
            if time.monotonic() > deadline:
                raise TimeoutError("the service doesn't answer")
            time.sleep(0.02)

    def answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            return False
        try:
            with urlopen(f"http://{HOST}:{self.port}/sign-in", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes at once."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it without a warning, as when the power fails."""
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait(10)

    def workers(self) -> list[int]:
        """The processes that answer requests, below the one that looks after them."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def said(self, lines: int = 30) -> str:
        """The end of what it printed."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
