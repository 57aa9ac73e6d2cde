"""Put every mistake into the ledger, one at a time, and see which the tests don't notice."""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.prove.__main__ import commit
from tests.prove.mutation import forks, putting_in
from tests.prove.mutation.mutants import Mutant, mutants
from tests.prove.mutation.reaching import Reached, reached

RESULT = Path("build/mutation.json")
ENOUGH = 0.9
# What noticed a mutant, by the status that its fork ends with; 0 is that nothing did.
NOTICED = {1: "sqlite", 2: "model", 3: "postgresql"}


def main() -> int:
    arguments = read_arguments()
    every = [mutant for path in arguments.paths for mutant in mutants(path)]
    if arguments.again:
        every = [mutant for mutant in every if str(mutant) in survivors()]
    if arguments.sample:
        every = random.Random(1).sample(every, min(arguments.sample, len(every)))
    began = time.monotonic()
    with forks.loaded() as template:
        known = {engine: reached(engine) for engine in ("sqlite", "postgresql")}
        print(f"{len(every)} mutants, {len(known['sqlite'].seconds)} tests", flush=True)
        fates = decide(every, known, template)
    result = keep(every, fates, time.monotonic() - began)
    print(f"{result['killed']} of {result['mutants']} killed: {result['share']:.1%}. {RESULT}")
    return int(result["share"] < ENOUGH)


def decide(every: list[Mutant], known: dict[str, Reached], template: Path) -> list[str]:
    """What became of each mutant; as many at a time as there are processors."""
    fates = [""] * len(every)
    running: dict[int, int] = {}
    waiting = list(enumerate(every))
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            number, mutant = waiting.pop(0)
            tests = {engine: reach.tests(mutant) for engine, reach in known.items()}
            usual = sum(reach.usual(tests[engine]) for engine, reach in known.items())
            work = forks.fork(lambda m=mutant, t=tests: attempt(m, t, template), 60 + 5 * usual)
            running[work] = number
        pid, status = os.waitpid(-1, 0)
        if pid not in running:
            continue
        number = running.pop(pid)
        fates[number] = fate(status)
        if fates[number] == "survived":
            print(f"survived ({number + 1}/{len(every)}): {every[number]}", flush=True)
    return fates


def attempt(mutant: Mutant, tests: dict[str, list[str]], template: Path) -> int:
    """Let the tests loose on a mutant; the key in :data:`NOTICED`, or 0."""
    try:
        putting_in.apply(mutant)
        if tests["sqlite"] and forks.run("sqlite", tests["sqlite"]):
            return 1
    except Exception:
        return 1
    try:
        forks.run_model(template)
    except Exception:
        return 2
    return 3 if tests["postgresql"] and forks.run("postgresql", tests["postgresql"]) else 0


def fate(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "the clock"
    return NOTICED.get(os.WEXITSTATUS(status), "survived") if status else "survived"


def keep(every: list[Mutant], fates: list[str], seconds: float) -> dict[str, Any]:
    """Add to what is kept: each mutant's newest fate counts, and only while there is such a one."""
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {"fates": {}, "seconds": 0}
    here = {str(mutant): mutant for path in core() for mutant in mutants(path)}
    of_each = {
        **{told: kept for told, kept in result["fates"].items() if told in here},
        **{str(m): [f, commit()] for m, f in zip(every, fates, strict=True)},
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
    return result


def survivors() -> set[str]:
    return set(json.loads(RESULT.read_text())["survivors"])


def core() -> list[Path]:
    return sorted(putting_in.CORE.rglob("*.py"))


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove.mutation", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=core())
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by chance")
    parser.add_argument("--again", action="store_true", help="only those that survived before")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
