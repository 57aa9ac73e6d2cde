"""Many callers at one moment: threads of this process, or of several.

A process that is started has to import this module, so it asks for little.
"""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import Engine, create_engine

from rewards.db import prepare_engine
from tests.ledger.asking import Ask, Said, say


class Threads:
    """Callers in this process, who all begin at one moment."""

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine, self.number = engine, number
        self.pool = ThreadPoolExecutor(number)

    def __call__(self, asks: Sequence[Ask]) -> list[Said]:
        ready = Barrier(len(asks))

        def ask(one: Ask) -> Said:
            ready.wait(60)
            return say(self.engine, one)

        return list(self.pool.map(ask, asks))

    def close(self) -> None:
        self.pool.shutdown()


class Processes:
    """Callers in several processes, each with threads and connections of its own."""

    def __init__(self, url: str, processes: int, number: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.share = number // processes
        self.ends = []
        self.processes = []
        for _ in range(processes):
            here, there = spawn.Pipe()
            process = spawn.Process(target=_serve, args=(url, self.share, there), daemon=True)
            process.start()
            self.ends.append(here)
            self.processes.append(process)
        for end in self.ends:
            assert end.recv() == "ready"

    def __call__(self, asks: Sequence[Ask]) -> list[Said]:
        # Each process gets every so-and-so-many-th: no kind of ask stays within one of them.
        step = len(self.ends)
        for n, end in enumerate(self.ends):
            end.send(list(asks[n::step]))
        said: list[Any] = [None] * len(asks)
        for n, end in enumerate(self.ends):
            said[n::step] = end.recv()
        for one in said:
            if isinstance(one, Exception):
                raise one
        return said

    def close(self) -> None:
        for end, process in zip(self.ends, self.processes, strict=True):
            end.send(None)
            process.join(30)


def _serve(url: str, number: int, end: Any) -> None:
    engine = create_engine(url, pool_size=number)
    prepare_engine(engine)
    threads = Threads(engine, number)
    end.send("ready")
    while (asks := end.recv()) is not None:
        try:
            end.send(threads(asks))
        except Exception as error:
            end.send([RuntimeError(repr(error))] * len(asks))
    threads.close()
    engine.dispose()
