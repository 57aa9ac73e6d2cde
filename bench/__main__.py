"""Take the figures in turns, print the table of their ratios, and keep it in build/bench.json."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import bulk, ground, http, ledger, reading, rules
from bench.stage import Bench, Stage, standing
from bench.table import FIGURES, KEYS, RATIOS, UNITS, Ratio, Rounds, drawn

RESULTS = Path("build/bench.json")

STAGES: dict[str, Stage] = {
    "ledger": ledger.stage,
    "http": http.postgresql,
    "sqlite": http.sqlite,
    "bulk": bulk.stage,
    "reading": reading.stage,
    "rules": rules.stage,
}


def main() -> int:
    arguments = read_arguments()
    ratios = [ratio for ratio in RATIOS if ratio.key in (arguments.only or KEYS)]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="epoints-bench-", dir=arguments.scratch) as folder:
        scratch = Path(folder)
        try:
            with standing(scratch, arguments.quick) as bench:
                machine = ground.machine(scratch, ground.check_disk(scratch))
                rounds = take(bench, ratios)
        except ground.NotDurable as reason:
            print(f"Nothing was measured. {reason}", file=sys.stderr)
            return 1
    print(drawn(ratios, rounds))
    print("\n".join(f"{name}: {note}" for name, note in bench.notes.items()))
    print(f"{machine}\n{time.monotonic() - begun:.0f} s, medians of {bench.rounds} rounds")
    keep(
        {
            **{ratio.key: round(ratio.value(rounds), 3) for ratio in ratios},
            "figures": {name: list(taken) for name, taken in rounds.items()},
            "units": {name: UNITS[name].strip() for name in rounds},
            "notes": bench.notes,
            "machine": machine,
            "quick": bench.quick,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    return 0


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=KEYS, metavar="KEY", help="take only this ratio"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        default=os.environ.get("QUICK", "") not in ("", "0"),
        help="shorter rounds and smaller ledgers, to see that it works (also QUICK=1)",
    )
    parser.add_argument(
        "--scratch",
        type=Path,
        default=Path("/var/tmp"),
        help="a folder on the disk to be measured (%(default)s)",
    )
    return parser.parse_args()


def take(bench: Bench, ratios: Sequence[Ratio]) -> Rounds:
    """Every figure of *ratios*, round after round: in each, all of a stage take their turns.

    What only stands beside comes after the rounds. Clients that each wait for a commit of their
    own leave the kernel spreading processes over processors badly for half a minute, and what is
    measured next pays for it (docs/performance.md).
    """
    wanted = set().union(*(ratio.figures for ratio in ratios))
    beside = {ratio.beside for ratio in ratios}
    rounds: dict[str, list[float]] = {}
    for stage, figures in FIGURES.items():
        names = [name for name in figures if name in wanted]
        if not names:
            continue
        with STAGES[stage](bench) as measures:
            for number, name in turns(bench.rounds, names, beside):
                bench.say(f"{stage}: {name}, {number} of {bench.rounds}")
                rounds.setdefault(name, []).append(measures[name]())
    return rounds


def turns(
    rounds: int, names: Sequence[str], beside: Collection[str | None]
) -> Iterator[tuple[int, str]]:
    """Which round takes which figure: the pairs in turns, and then what stands *beside*."""
    for apart in (False, True):
        for number in range(1, rounds + 1):
            yield from ((number, name) for name in names if (name in beside) == apart)


def keep(result: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"Kept in {RESULTS}")


if __name__ == "__main__":
    sys.exit(main())
