"""Put every mistake into the ledger, one at a time, and see which the tests don't notice."""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from coverage import Coverage

from tests.prove.mutation import forks
from tests.prove.mutation.mutants import Mutant, mutants

RESULT = Path("build/mutation.json")
ENOUGH = 0.9
# Which tests reach each line (by file and line), the quickest first, and their seconds.
Reached = dict[str, dict[int, list[str]]]


def main() -> int:
    arguments = read_arguments()
    began = time.monotonic()
    forks.load()
    reached, seconds = measure()
    every = [mutant for path in arguments.paths for mutant in mutants(path)]
    if arguments.sample:
        every = random.Random(1).sample(every, min(arguments.sample, len(every)))
    print(
        f"{len(every)} mutants, {len(seconds)} tests of {sum(seconds.values()):.0f} s", flush=True
    )
    fates = decide(every, reached, seconds)
    result = summary(every, fates, time.monotonic() - began)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"{result['killed']} of {result['mutants']} killed: {result['share']:.1%}. {RESULT}")
    return int(result["share"] < ENOUGH)


def measure() -> tuple[Reached, dict[str, float]]:
    """Run the tests once as they are: which lines each reaches, and how long it takes."""
    folder = Path(tempfile.mkdtemp(prefix="epoints-reach-"))

    def work() -> int:
        cover = Coverage(
            data_file=str(folder / "data"), source=["rewards/ledger"], config_file=False
        )
        cover.start()
        plugin = forks.Reach(cover)
        failed = forks.run(forks.files(), [plugin])
        cover.stop()
        cover.save()
        (folder / "seconds").write_text(json.dumps(plugin.seconds))
        return failed

    _, status = os.waitpid(forks.fork(work, 3600), 0)
    if status:
        sys.exit("The tests fail without any mistake of ours: mend that first.")
    seconds: dict[str, float] = json.loads((folder / "seconds").read_text())
    cover = Coverage(data_file=str(folder / "data"), config_file=False)
    cover.load()
    reached: Reached = {}
    for file in cover.get_data().measured_files():
        lines = cover.get_data().contexts_by_lineno(file)
        reached[os.path.relpath(file)] = {
            line: sorted((t for t in tests if t), key=lambda test: seconds.get(test, 0))
            for line, tests in lines.items()
        }
    return reached, seconds


def decide(every: list[Mutant], reached: Reached, seconds: dict[str, float]) -> dict[int, str]:
    """What became of each mutant, by its number; as many at a time as there are processors."""
    fates: dict[int, str] = {}
    running: dict[int, int] = {}
    waiting = list(enumerate(every))
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            number, mutant = waiting.pop(0)
            tests = reaching(mutant, reached.get(mutant.path, {}))
            if not tests:
                fates[number] = "not reached"
                continue
            usual = sum(seconds.get(test, 0) for test in tests)
            running[forks.fork(lambda m=mutant, t=tests: attempt(m, t), 20 + 5 * usual)] = number
        if running:
            pid, status = os.waitpid(-1, 0)
            number = running.pop(pid)
            fates[number] = fate(status)
            if fates[number] == "survived":
                print(f"survived ({len(fates)}/{len(every)}): {every[number]}", flush=True)
    return fates


def reaching(mutant: Mutant, lines: dict[int, list[str]]) -> list[str]:
    """The tests that reach the mutated line, or the statement's line that is counted for it."""
    return next((lines[n] for n in range(mutant.line, mutant.begins, -1) if lines.get(n)), [])


def attempt(mutant: Mutant, tests: list[str]) -> int:
    forks.apply(mutant)
    return forks.run(tests)


def fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "killed by the clock"
    return "survived" if os.WEXITSTATUS(status) == 0 else "killed"


def summary(every: list[Mutant], fates: dict[int, str], seconds: float) -> dict[str, Any]:
    counts = Counter(fates.values())
    killed = sum(n for fate, n in counts.items() if fate.startswith("killed"))
    modules = {
        path: dict(Counter(fates[i] for i, m in enumerate(every) if m.path == path))
        for path in sorted({mutant.path for mutant in every})
    }
    return {
        "mutants": len(every),
        "killed": killed,
        "share": killed / len(every),
        "fates": dict(counts),
        "kinds": dict(Counter(mutant.kind for mutant in every)),
        "modules": modules,
        "survivors": [
            {"where": f"{m.path}:{m.line}", "function": m.function, "kind": m.kind,
             "before": m.before, "after": m.after, "fate": fates[i]}
            for i, m in enumerate(every) if not fates[i].startswith("killed")
        ],
        "seconds": round(seconds),
    }  # fmt: skip


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.mutation", description=__doc__)
    core = sorted(Path("rewards/ledger").rglob("*.py"))
    parser.add_argument("paths", nargs="*", type=Path, default=core)
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by chance")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
