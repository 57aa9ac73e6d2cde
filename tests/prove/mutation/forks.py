"""Running the tests in forks: everything is loaded once, and nothing that a fork does stays."""

import itertools
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
from coverage import Coverage

import tests.conftest
from tests import postgres
from tests.prove.databases import opened

TESTS = Path("tests/ledger")
# The slow ones: they run on processes of their own, where no mutant is, or try their luck.
LEFT_OUT = {"test_model", "test_races", "test_bank", "test_tampering"}
OPTIONS = ["-q", "-x", "--no-header", "--no-summary", "-p", "no:randomly"]
LONGEST = 300  # seconds for one mutant, whatever its tests usually take
# As much of test_model.py as tells most mistakes in what moves.
RUNS, STEPS, SEED = 30, 40, 1


def files() -> list[str]:
    return [str(f) for f in sorted(TESTS.glob("test_*.py")) if f.stem not in LEFT_OUT]


@contextmanager
def loaded() -> Iterator[Path]:
    """Import all that the tests import, and have the empty databases that they copy.

    Answers SQLite's.
    """
    pytest.main([*OPTIONS, "--collect-only", *files()])
    build = tests.conftest.build_schema
    with tempfile.TemporaryDirectory(prefix="epoints-mutation-") as folder:
        template = Path(folder, "template.sqlite3")
        _made_in_a_fork(lambda: build(f"sqlite:///{template}"))
        with postgres.server() as server:
            with psycopg.connect(f"host={server} user=postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE template_epoints")
            _made_in_a_fork(lambda: build(postgres.url(server, "template_epoints")))
            tests.conftest.build_schema = lambda url: _copied(template, url)
            tests.conftest.prepared_server = lambda: nullcontext(server)
            yield template


def _made_in_a_fork(work: Callable[[], None]) -> None:
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    os.waitpid(pid, 0)


def _copied(template: Path, url: str) -> None:
    shutil.copy(template, url.removeprefix("sqlite:///"))


def fork(work: Callable[[], int], seconds: float) -> int:
    """Do *work* in a fork that is killed after so many seconds of CPU; answers its process."""
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    spent = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent, spent))
    # A mutant may wait for ever, which takes no CPU.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LONGEST)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # All forks make their databases on one server.
    tests.conftest._numbers = itertools.count(os.getpid() * 1000)
    try:
        os._exit(work())
    except BaseException:
        os._exit(99)


def run(engine: str, node_ids: Iterable[str], plugins: Collection[object] = ()) -> int:
    """Run these tests here, in a folder of their own."""
    folder = tempfile.mkdtemp(prefix="epoints-mutant-")
    options = [*OPTIONS, f"--engine={engine}", f"--basetemp={folder}/t"]
    try:
        return int(pytest.main([*options, *node_ids], list(plugins)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_model(template: Path) -> None:
    """Hold the ledger against the one on paper; raises where they differ."""
    # Loaded by now; pytest wants to be the first to load hypothesis.
    from tests.ledger import machine

    with tempfile.TemporaryDirectory(prefix="epoints-mutant-") as folder:
        path = shutil.copy(template, folder)
        with opened(f"sqlite:///{path}") as database:
            machine.check(database.engine, runs=RUNS, steps=STEPS, from_seed=SEED, shrink=False)


class Reach:
    """A plugin that notes which lines each test reaches, and how long it takes."""

    def __init__(self, cover: Coverage) -> None:
        self._cover = cover
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        self._cover.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
