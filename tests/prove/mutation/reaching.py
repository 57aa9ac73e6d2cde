"""Which tests reach which line of the ledger, measured once for each state of both."""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coverage import Coverage

from tests.prove.mutation import forks, putting_in
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


def reached(engine: str) -> Reached:
    """Measured, or as it was measured of the same files before."""
    kept = KEPT / f"{engine}-{_state()}.json"
    if not kept.exists():
        found = _measure(engine)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([found.lines, found.seconds]))
    lines, seconds = json.loads(kept.read_text())
    return Reached({f: {int(n): t for n, t in of.items()} for f, of in lines.items()}, seconds)


def _state() -> str:
    files = sorted([*putting_in.CORE.rglob("*.py"), *forks.TESTS.rglob("*.py")])
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _measure(engine: str) -> Reached:
    """Run the tests once as they are."""
    with tempfile.TemporaryDirectory(prefix="epoints-reach-") as folder:

        def work() -> int:
            cover = Coverage(
                data_file=f"{folder}/data", source=[str(putting_in.CORE)], config_file=False
            )
            cover.start()
            plugin = forks.Reach(cover)
            failed = forks.run(engine, forks.files(), [plugin])
            cover.stop()
            cover.save()
            Path(folder, "seconds").write_text(json.dumps(plugin.seconds))
            return failed

        _, status = os.waitpid(forks.fork(work, 3600), 0)
        if status:
            sys.exit("The tests fail without any mistake of ours: mend that first.")
        cover = Coverage(data_file=f"{folder}/data", config_file=False)
        cover.load()
        data = cover.get_data()
        lines = {
            os.path.relpath(file): {
                line: [test for test in tests if test]
                for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        return Reached(lines, json.loads(Path(folder, "seconds").read_text()))
