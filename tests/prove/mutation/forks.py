"""The tests as one session of pytest that never runs them itself: its forks do, with a mistake.

All is loaded and collected once, and nothing that a fork does stays.
"""

import itertools
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import tests.conftest
from tests.conftest import ENGINES

TESTS = Path("tests/ledger")
# The slow ones: they run on processes of their own, where no mutant is, or try their luck.
LEFT_OUT = {"test_races", "test_bank", "test_tampering"}
MODEL = "tests/ledger/test_model.py::test_any_course_of_events_ends_as_on_paper[sqlite]"
# As much of the model as tells most mistakes in what moves.
RUNS, SEED = 30, "1"
LONGEST = 300  # seconds for one mutant, whatever its tests usually take


class Tests:
    """A plugin that has *work* called instead of running the tests."""

    def __init__(self, work: Callable[["Tests"], None]) -> None:
        self._work = work
        self._items: dict[str, pytest.Item] = {}
        self._failed = False
        self.seconds: dict[str, float] = {}

    def load(self) -> None:
        """Collect the tests, then call *work*."""
        files = [str(f) for f in sorted(TESTS.glob("test_*.py")) if f.stem not in LEFT_OUT]
        pytest.main(["-q", "--no-header", "--no-summary", *files], [self])

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        _make_the_model_smaller()
        self._items = {item.nodeid: item for item in session.items}
        # What a session of tests makes once, the databases to be copied, is made here.
        assert not any(self.one_fails([self.on(engine)[0]]) for engine in ENGINES)
        self._work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= report.failed
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def on(self, engine: str) -> list[str]:
        """The tests on that database, but for the model; what is on none is with the first."""
        others = [other for other in ENGINES if other != engine]
        return [
            name
            for name in self._items
            if "test_model" not in name
            and not any(f"[{other}" in name for other in others)
            and (engine == ENGINES[0] or f"[{engine}" in name)
        ]

    def one_fails(
        self, names: Iterable[str], before: Callable[[str], None] = lambda name: None
    ) -> bool:
        """Run these tests here, until one fails; whether one did."""
        for name in names:
            before(name)
            item = self._items[name]
            # One of another file is said to follow, so that only what the session made is kept.
            another = next(i for i in self._items.values() if i.path != item.path)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=another)
            if self._failed:
                return True
        return False

    def fork(self, work: Callable[[], int], seconds: float) -> int:
        """Do *work* in a fork that is killed after so many seconds of CPU; answers its process."""
        pid = os.fork()
        if pid:
            return pid
        os.setpgid(0, 0)
        spent = int(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))
        # A mutant may wait for ever, which takes no CPU.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(LONGEST, spent))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        # All forks make their databases on one server, and their files in folders of their own.
        tests.conftest._numbers = itertools.count(os.getpid() * 1000)
        config: Any = next(iter(self._items.values())).config
        config._tmp_path_factory._basetemp = folder(os.getpid())
        folder(os.getpid()).mkdir()
        try:
            os._exit(work())
        except BaseException:
            os._exit(99)


def folder(pid: int) -> Path:
    """Where a fork's files are; whoever waited for it throws them away."""
    return Path(tempfile.gettempdir(), f"epoints-mutant-{pid}")


def wait(which: int = -1) -> tuple[int, int]:
    """Wait for a fork to end, or for any; answers its process and status."""
    pid, status = os.waitpid(which, 0)
    shutil.rmtree(folder(pid), ignore_errors=True)
    return pid, status


def _make_the_model_smaller() -> None:
    # Loaded by now; pytest wants to be the first to load hypothesis.
    from tests.ledger import machine, test_model

    os.environ["SEED"] = SEED
    test_model.RUNS, machine.RULES = RUNS, ()
    machine.check = partial(machine.check, shrink=False)
