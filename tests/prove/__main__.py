"""Run the proofs, one a core at a time; build/prove.json keeps what they came to.

Figures add up: those of other shares, other seeds and other commits. A repeat counts once.
"""

import argparse
import fcntl
import json
import multiprocessing
import os
import secrets
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tests.conftest import ENGINES
from tests.prove import ALL, KINDS, Share, Size
from tests.prove.job import Job

# A small run is a rehearsal, and takes no full one's place.
RESULTS = {Size.FULL: Path("build/prove.json"), Size.SMALL: Path("build/prove-small.json")}


def main() -> int:
    arguments = read_arguments()
    print(f"Seed {arguments.seed}: repeat this run with --seed {arguments.seed}", flush=True)
    jobs = [
        Job(kind, engine, Size(arguments.size), arguments.seed, arguments.share)
        for kind in arguments.kind
        for engine in arguments.engine
    ]
    # Processes of their own: a proof may leave anything behind, and two cores are used.
    spawn = multiprocessing.get_context("spawn")
    failed = False
    with ProcessPoolExecutor(os.cpu_count(), mp_context=spawn, max_tasks_per_child=1) as pool:
        running = {pool.submit(job.run): job for job in jobs}
        for future in as_completed(running):
            job, entry = running[future], future.result()
            keep(job, entry)
            failed |= bool(entry["failures"])
            job.report(told(entry))
    print(f"Kept in {RESULTS[Size(arguments.size)]}")
    return int(failed)


def keep(job: Job, entry: dict[str, Any]) -> None:
    """Add one result to the file at once, so that an interrupted run loses nothing."""
    path = RESULTS[job.size]
    path.parent.mkdir(exist_ok=True)
    with path.with_suffix(".lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        results = json.loads(path.read_text()) if path.exists() else {"kinds": {}}
        add(results["kinds"], job, {"commit": commit(), **entry})
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
        unfinished.replace(path)


def add(kinds: dict[str, Any], job: Job, entry: dict[str, Any]) -> None:
    """Add one result to those of its kind and database; the same one again takes its place."""
    kind = kinds.setdefault(job.kind, {"engines": {}})
    kept = kind["engines"].get(job.engine, {"runs": []})["runs"]
    same = ("commit", "seed", "share")
    runs = [run for run in kept if any(run[name] != entry[name] for name in same)] + [entry]
    kind["engines"][job.engine] = {**totals(runs), "runs": runs}
    kind |= totals([run for engine in kind["engines"].values() for run in engine["runs"]])


def totals(runs: list[dict[str, Any]]) -> dict[str, Any]:
    details = Counter[str]()
    for run in runs:
        details.update(run["details"])
    return {
        "of": runs[0]["of"],
        "count": sum(run["count"] for run in runs),
        "failures": sum(len(run["failures"]) for run in runs),
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        "details": dict(details),
        "seeds": sorted({run["seed"] for run in runs}),
        "commits": sorted({run["commit"] for run in runs}),
    }


def told(entry: dict[str, Any]) -> str:
    """One result as a line of text, and its failures below."""
    details = ", ".join(f"{name} {n:,}" for name, n in entry["details"].items())
    line = f"{entry['count']:,} {entry['of']} in {entry['seconds']} s ({details})"
    wrong = [f"FAILED: {failure}" for failure in entry["failures"]]
    return "\n".join([line, *wrong]) if wrong else f"{line}, nothing failed"


def commit() -> str:
    """The commit that was proven, with a + if files differ from it."""
    asked = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--kind", type=words(KINDS), default=list(KINDS))
    parser.add_argument("--engine", type=words(ENGINES), default=list(ENGINES))
    parser.add_argument("--size", choices=list(Size), default=Size.FULL)
    parser.add_argument("--share", type=share, default=ALL, metavar="NUMBER/OF")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    return parser.parse_args()


def share(text: str) -> Share:
    """Reads 3/20: the third of twenty."""
    number, of = map(int, text.split("/"))
    if not 1 <= number <= of:
        raise argparse.ArgumentTypeError("there is no such share")
    return Share(number, of)


def words(known: Any) -> Any:
    """A reader of comma-separated words, each one of *known*."""

    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if not set(chosen) <= set(known):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(known)}")
        return chosen

    return read


if __name__ == "__main__":
    sys.exit(main())
