"""Put every mistake into the ledger, one at a time, and see which the tests don't notice."""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.prove.__main__ import commit
from tests.prove.mutation import putting_in
from tests.prove.mutation.forks import MODEL, Tests, wait
from tests.prove.mutation.mutants import Mutant, mutants
from tests.prove.mutation.reaching import reached

RESULT = Path("build/mutation.json")
ENOUGH = 0.9
APART = tuple(f"rewards/ledger/{name}" for name in ("seals", "archive", "checks/seals"))
# What noticed a mutant, by the status that its fork ends with; 0 is that nothing did.
NOTICED = {1: "sqlite", 2: "model", 3: "postgresql"}


def main() -> int:
    arguments = read_arguments()
    until = time.monotonic() + 60 * arguments.minutes
    every = chosen(arguments.paths, arguments.again)
    Tests(partial(hunt, every, arguments.again, until)).load()
    result = kept()
    print(
        f"{result['killed']} of {result['mutants']} killed: {result['share']:.1%}, "
        f"{result['all'] - result['mutants']} to go. {RESULT}"
    )
    return int(result["share"] < ENOUGH)


def chosen(paths: list[Path], again: bool) -> list[Mutant]:
    """Those whose fate isn't known, or that survived before; in an order that chance has made.

    Wherever one leaves off, what was done is a sample of all.
    """
    known = {told: fate for told, (fate, _) in kept()["fates"].items()}
    wanted = {"survived"} if again else {None}
    every = [m for path in paths for m in mutants(path) if known.get(str(m)) in wanted]
    random.Random(1).shuffle(every)
    return every


def hunt(every: list[Mutant], thoroughly: bool, until: float, tests: Tests) -> None:
    """Find what became of each mutant; as many at a time as there are processors.

    PostgreSQL is asked where SQLite's tests don't get to, or where the code asks which of both it
    is; *thoroughly* whenever they see nothing.
    """
    began, done = time.monotonic(), 0
    running: dict[int, Mutant] = {}
    waiting = list(every)
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            mutant = waiting.pop(0)
            names = reached(tests, "sqlite").tests(mutant)
            usual = reached(tests, "sqlite").usual(names)
            others: list[str] = []
            if not names or thoroughly or "sqlite" in mutant.before:
                others = reached(tests, "postgresql").tests(mutant)
                usual += reached(tests, "postgresql").usual(others)
            work = partial(attempt, tests, mutant, (names, model(mutant), others))
            # Many a mutant never ends.
            running[tests.fork(work, 10 + 3 * usual + 20 * len(model(mutant)))] = mutant
        pid, status = wait()
        mutant = running.pop(pid)
        done += 1
        keep(mutant, fate(status), time.monotonic() - began)
        began = time.monotonic()
        if fate(status) == "survived":
            print(f"survived ({done}/{len(every)}): {mutant}", flush=True)
        if began > until:
            waiting = []


def attempt(tests: Tests, mutant: Mutant, rounds: Sequence[list[str]]) -> int:
    """Let the tests loose on a mutant; the key in :data:`NOTICED`, or 0."""
    try:
        putting_in.apply(mutant)
    except Exception:
        return 1
    return next((n for n, names in enumerate(rounds, 1) if tests.one_fails(names)), 0)


def model(mutant: Mutant) -> list[str]:
    """The model, where it may get to it."""
    return [] if mutant.path.startswith(APART) else [MODEL]


def fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "the clock"
    return NOTICED.get(os.WEXITSTATUS(status), "survived") if status else "survived"


def kept() -> dict[str, Any]:
    empty: dict[str, Any] = {"fates": {}, "seconds": 0}
    return json.loads(RESULT.read_text()) if RESULT.exists() else empty


def keep(mutant: Mutant, fate: str, seconds: float) -> None:
    """Add to what is kept: each mutant's newest fate counts, and only while there is such a one."""
    here, before = everything(), kept()
    fates = {told: known for told, known in before["fates"].items() if told in here}
    fates[str(mutant)] = [fate, version()]
    noticed = Counter(fate for fate, _ in fates.values())
    modules: dict[str, Counter[str]] = {}
    for told, (what, _) in fates.items():
        modules.setdefault(here[told].path, Counter())[what] += 1
    killed = len(fates) - noticed["survived"]
    result = {
        "all": len(here),
        "mutants": len(fates),
        "killed": killed,
        "share": killed / len(fates),
        "noticed by": dict(noticed),
        "modules": {path: dict(counts) for path, counts in sorted(modules.items())},
        "survivors": sorted(told for told, (what, _) in fates.items() if what == "survived"),
        "seconds": round(before["seconds"] + seconds, 1),
        "fates": fates,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


@cache
def everything() -> dict[str, Mutant]:
    return {str(mutant): mutant for path in core() for mutant in mutants(path)}


@cache
def version() -> str:
    return commit()


def core() -> list[Path]:
    return sorted(putting_in.CORE.rglob("*.py"))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=core())
    parser.add_argument("--minutes", type=float, default=1e6, help="leave off after so long")
    parser.add_argument(
        "--again", action="store_true", help="those that survived before, thoroughly"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
