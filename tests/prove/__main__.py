"""Run the proofs, two at a time, and keep what each came to in build/prove.json."""

import argparse
import importlib
import json
import multiprocessing
import os
import secrets
import subprocess
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import ENGINES
from tests.prove import KINDS, Counts, Size

RESULTS = Path("build/prove.json")


@dataclass(frozen=True)
class Job:
    """One kind of proof on one database."""

    kind: str
    engine: str
    size: Size
    seed: int

    def run(self) -> dict[str, Any]:
        """Do it in this process; answers its entry in build/prove.json."""
        began = time.monotonic()
        try:
            counts = importlib.import_module(KINDS[self.kind]).run(
                self.size, self.seed, self.engine, self.report
            )
        except Exception:
            counts = Counts("runs", failures=[traceback.format_exc()])
        seconds = round(time.monotonic() - began, 1)
        entry = {**asdict(counts), "size": self.size, "seed": self.seed, "seconds": seconds}
        return {**entry, "finished_at": datetime.now(UTC).isoformat(timespec="seconds")}

    def report(self, line: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {self.kind} {self.engine}: {line}", flush=True)


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
    print(f"Kept in {RESULTS}")
    return int(failed)


def keep(job: Job, entry: dict[str, Any]) -> None:
    """Merge one result into the file at once, so that an interrupted run loses nothing."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"kinds": {}}
    engines = results["kinds"].setdefault(job.kind, {"engines": {}})["engines"]
    engines[job.engine] = {**entry, "commit": commit()}
    for kind in results["kinds"].values():
        every = kind["engines"].values()
        kind["count"] = sum(e["count"] for e in every)
        kind["failures"] = sum(len(e["failures"]) for e in every)
        kind["seconds"] = sum(e["seconds"] for e in every)
        kind["seeds"] = sorted({e["seed"] for e in every})
    RESULTS.parent.mkdir(exist_ok=True)
    unfinished = RESULTS.with_suffix(".part")
    unfinished.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    unfinished.replace(RESULTS)


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
