"""Running the tests in forks: everything is loaded once, and nothing that a fork does stays."""

import importlib
import inspect
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from coverage import Coverage

import tests.conftest
from tests.prove.mutation.mutants import Mutant

TESTS = Path("tests/ledger")
# The slow ones: they run on processes of their own, where no mutant is, or try their luck.
LEFT_OUT = {"test_model", "test_races", "test_bank", "test_tampering", "test_bulk"}
OPTIONS = ["-q", "-x", "--engine=sqlite", "--no-header", "--no-summary", "-p", "no:randomly"]
LONGEST = 300  # seconds for one mutant, whatever its tests usually take


def files() -> list[str]:
    return [str(f) for f in sorted(TESTS.glob("test_*.py")) if f.stem not in LEFT_OUT]


def load() -> None:
    """Import all that the tests import, and make the empty database that they copy."""
    pytest.main([*OPTIONS, "--collect-only", *files()])
    template = Path(tempfile.mkdtemp(prefix="epoints-mutation-")) / "template.sqlite3"
    pid = os.fork()
    if not pid:
        tests.conftest.build_schema(f"sqlite:///{template}")
        os._exit(0)
    os.waitpid(pid, 0)

    def copied(url: str) -> None:
        shutil.copy(template, url.removeprefix("sqlite:///"))

    tests.conftest.build_schema = copied


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
    try:
        os._exit(work())
    except BaseException:
        os._exit(99)


def run(node_ids: Iterable[str], plugins: Collection[object] = ()) -> int:
    """Run these tests here, in a folder of their own."""
    folder = tempfile.mkdtemp(prefix="epoints-mutant-")
    try:
        return int(pytest.main([*OPTIONS, f"--basetemp={folder}/t", *node_ids], list(plugins)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def apply(mutant: Mutant) -> None:
    """Put the mistake into the function that is loaded."""
    target = importlib.import_module(mutant.path.removesuffix(".py").replace("/", "."))
    found: Any = target
    for name in mutant.function.split("."):
        found = inspect.getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType), mutant
    function.__code__ = mutant.code
