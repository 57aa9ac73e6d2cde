"""Crashes: whatever fails under load, no acknowledged answer is lost and none is doubled.

The service runs as a process of its own, as it is started in production, on a database that
waits for its disk. Several tills redeem and void over HTTP; then something breaks. When it is
mended every request is sent again under its key: one that was answered must be answered the same,
one that wasn't must have its one effect, and ``verify`` must find no drift.
"""

from collections.abc import Sequence
from random import Random
from traceback import format_exc

from tests.prove import ALL, Counts, Report, Share, Size
from tests.prove.crashes import faults
from tests.prove.crashes.faults import Fault
from tests.prove.crashes.ground import Ground, ground
from tests.prove.crashes.judging import COUNTED, Tally, judge
from tests.prove.crashes.scene import Scene

SEEDS = {Size.SMALL: 1, Size.FULL: 20}
SMALL = {
    "sqlite": ("kill_server", "drop_answers", "refuse_writes", "set_clock_forward"),
    "postgresql": ("kill_postmaster", "kill_backend"),
}


def run(size: Size, seed: int, engine: str, report: Report, share: Share = ALL) -> Counts:
    """Each kind of fault that makes sense on the database, with some seeds each."""
    counts = Counts("crashes")
    tally = Tally()
    for small_disk in (False, True):
        chosen = [f for f in _chosen(size, engine, report) if f.small_disk is small_disk]
        if not chosen:
            continue
        with ground(engine, small_disk=small_disk) as here:
            for fault in chosen:
                tally += _crash_often(here, fault, seed, share.among(range(SEEDS[size])), counts)
                report(f"{fault.name}: {counts.count} crashes, {len(counts.failures)} failures")
    counts.details = {**dict(tally), **{name: tally[name] for name in COUNTED}}
    return counts


def _chosen(size: Size, engine: str, report: Report) -> list[Fault]:
    able = []
    for fault in faults.on(engine):
        if size is Size.SMALL and fault.name not in SMALL[engine]:
            continue
        if (missing := fault.missing()) is None:
            able.append(fault)
        else:
            report(f"{fault.name} is left out: {missing}")
    return able


def _crash_often(
    here: Ground, fault: Fault, seed: int, numbers: Sequence[int], counts: Counts
) -> Tally:
    """One kind of fault with each of its seeds; what is wrong goes into *counts*."""
    tally = Tally()
    with Scene(here, fault) as scene:
        for number in numbers:
            again = f"{seed}-{number}"
            where = f"{fault.name} with seed {again}"
            try:
                scene.get_ready()
                tills = scene.break_and_mend(Random(f"{fault.name} {again}"), again)
                verdict = judge(here.url(scene.name), tills)
            except Exception:
                scene.begun = False
                counts.failures.append(f"{where}: {format_exc()}\n{scene.service.said()}")
                continue
            counts.count += 1
            tally[fault.name] += 1
            counts.failures += [f"{where}: {wrong}" for wrong in verdict.wrong]
            tally += verdict.tally
    return tally
