"""Put every mistake into the ledger, one at a time, and see which the tests don't notice."""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from functools import partial
from itertools import islice
from pathlib import Path

from tests.conftest import ENGINES
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
    every = [mutant for path in arguments.paths for mutant in mutants(path)]
    if arguments.again:
        every = [mutant for mutant in every if str(mutant) in survivors()]
    if arguments.sample:
        every = random.Random(1).sample(every, min(arguments.sample, len(every)))
    Tests(partial(hunt, every, arguments.again)).load()
    result = json.loads(RESULT.read_text())
    print(f"{result['killed']} of {result['mutants']} killed: {result['share']:.1%}. {RESULT}")
    return int(result["share"] < ENOUGH)


def hunt(every: list[Mutant], thoroughly: bool, tests: Tests) -> None:
    """Find what became of each mutant; as many at a time as there are processors.

    PostgreSQL is asked where SQLite's tests don't get to; *thoroughly* whenever they see nothing.
    """
    began = time.monotonic()
    known = {engine: reached(tests, engine) for engine in ENGINES}
    fates: dict[Mutant, str] = {}
    running: dict[int, Mutant] = {}
    waiting = iter(every)
    while len(fates) < len(every):
        for mutant in islice(waiting, (os.cpu_count() or 1) - len(running)):
            chosen = {engine: reach.tests(mutant) for engine, reach in known.items()}
            if chosen["sqlite"] and not thoroughly:
                chosen["postgresql"] = []
            usual = sum(reach.usual(chosen[engine]) for engine, reach in known.items())
            work = partial(attempt, tests, mutant, chosen)
            # Many a mutant never ends.
            running[tests.fork(work, 10 + 3 * usual + (20 if may_move(mutant) else 0))] = mutant
        pid, status = wait()
        if mutant := running.pop(pid, None):
            fates[mutant] = fate(status)
            if fates[mutant] == "survived":
                print(f"survived ({len(fates)}/{len(every)}): {mutant}", flush=True)
    keep(fates, time.monotonic() - began)


def attempt(tests: Tests, mutant: Mutant, chosen: dict[str, list[str]]) -> int:
    """Let the tests loose on a mutant; the key in :data:`NOTICED`, or 0."""
    try:
        putting_in.apply(mutant)
    except Exception:
        return 1
    model = [MODEL] if may_move(mutant) else []
    rounds = (chosen["sqlite"], model, chosen["postgresql"])
    return next((n for n, names in enumerate(rounds, 1) if tests.one_fails(names)), 0)


def may_move(mutant: Mutant) -> bool:
    """Whether the model may get to it."""
    return not mutant.path.startswith(APART)


def fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "the clock"
    return NOTICED.get(os.WEXITSTATUS(status), "survived") if status else "survived"


def keep(fates: dict[Mutant, str], seconds: float) -> None:
    """Add to what is kept: each mutant's newest fate counts, and only while there is such a one."""
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {"fates": {}, "seconds": 0}
    here = {str(mutant): mutant for path in core() for mutant in mutants(path)}
    of_each = {
        **{told: kept for told, kept in result["fates"].items() if told in here},
        **{str(mutant): [fate, commit()] for mutant, fate in fates.items()},
    }
    noticed = Counter(fate for fate, _ in of_each.values())
    killed = len(of_each) - noticed["survived"]
    modules: dict[str, Counter[str]] = {}
    for told, (fate, _) in of_each.items():
        modules.setdefault(here[told].path, Counter())[fate] += 1
    result = {
        "all": len(here),
        "mutants": len(of_each),
        "killed": killed,
        "share": killed / len(of_each),
        "noticed by": dict(noticed),
        "modules": {path: dict(counts) for path, counts in sorted(modules.items())},
        "survivors": sorted(told for told, (fate, _) in of_each.items() if fate == "survived"),
        "seconds": round(result["seconds"] + seconds),
        "fates": of_each,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def survivors() -> set[str]:
    return set(json.loads(RESULT.read_text())["survivors"])


def core() -> list[Path]:
    return sorted(putting_in.CORE.rglob("*.py"))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=core())
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by chance")
    parser.add_argument(
        "--again", action="store_true", help="those that survived before, thoroughly"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
