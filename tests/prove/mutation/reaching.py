"""Which tests reach which line of the ledger, measured once for each state of both."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from coverage import Coverage

from tests.prove.mutation import putting_in
from tests.prove.mutation.forks import TESTS, Tests, wait
from tests.prove.mutation.mutants import Mutant

KEPT = Path("build/reach")


@dataclass
class Reached:
    """By file and line the tests that reach it, and how many seconds each test takes."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that a mistake may show in, the quickest first."""
        found = set(self._reaching(mutant.path, range(mutant.line, mutant.begins, -1)))
        for path, line in putting_in.lines_using(putting_in.depending(mutant)):
            found.update(self._reaching(path, range(line, max(line - 10, 0), -1)))
        return sorted(found, key=lambda test: self.seconds.get(test, 0))

    def _reaching(self, path: str, lines: Iterable[int]) -> list[str]:
        """The tests that reach the line, or the statement's line that is counted for it."""
        known = self.lines.get(path, {})
        return next((known[line] for line in lines if known.get(line)), [])

    def usual(self, tests: Iterable[str]) -> float:
        return sum(self.seconds.get(test, 0) for test in tests)


@cache
def reached(tests: Tests, engine: str) -> Reached:
    """Measured, or as it was measured of the same files before."""
    kept = KEPT / f"{engine}-{_state()}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        measuring = tests.fork(partial(_measure, tests, engine, kept), 3600)
        # Mutants may be running meanwhile: theirs is not to be taken for this one's end.
        if wait(measuring)[1]:
            sys.exit("The tests fail without any mistake of ours: mend that first.")
    lines, seconds = json.loads(kept.read_text())
    return Reached({f: {int(n): t for n, t in of.items()} for f, of in lines.items()}, seconds)


def _state() -> str:
    files = sorted([*putting_in.CORE.rglob("*.py"), *TESTS.rglob("*.py")])
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _measure(tests: Tests, engine: str, kept: Path) -> int:
    """Run the tests once as they are, and keep which reach what."""
    cover = Coverage(data_file=None, source=[str(putting_in.CORE)], config_file=False)
    cover.start()
    failed = tests.one_fails(tests.on(engine), cover.switch_context)
    cover.stop()
    data = cover.get_data()
    lines = {
        os.path.relpath(file): {
            line: [test for test in found if test]
            for line, found in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    kept.write_text(json.dumps([lines, tests.seconds]))
    return int(failed)
