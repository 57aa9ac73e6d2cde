"""Run the proofs, one a core at a time; build/prove.json keeps what they came to."""

import argparse
import json
import multiprocessing
import os
import secrets
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tests.conftest import ENGINES
from tests.prove import KINDS, Size
from tests.prove.job import Job

# A small run is a rehearsal, and takes no full one's place.
RESULTS = {Size.FULL: Path("build/prove.json"), Size.SMALL: Path("build/prove-small.json")}


def main() -> int:
    arguments = read_arguments()
    print(f"Seed {arguments.seed}: repeat this run with --seed {arguments.seed}", flush=True)
    jobs = [
        Job(kind, engine, Size(arguments.size), arguments.seed)
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
    """Merge one result into the file at once, so that an interrupted run loses nothing."""
    path = RESULTS[job.size]
    results = json.loads(path.read_text()) if path.exists() else {"kinds": {}}
    engines = results["kinds"].setdefault(job.kind, {"engines": {}})["engines"]
    engines[job.engine] = {**entry, "commit": commit()}
    for kind in results["kinds"].values():
        every = kind["engines"].values()
        kind["count"] = sum(e["count"] for e in every)
        kind["failures"] = sum(len(e["failures"]) for e in every)
        kind["seconds"] = sum(e["seconds"] for e in every)
        kind["seeds"] = sorted({e["seed"] for e in every})
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    unfinished.replace(path)


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
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    return parser.parse_args()


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
