"""Redemptions in the ledger itself, from eight clients on PostgreSQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from sqlalchemy import create_engine

from bench.clients import CLIENTS, clients
from bench.stage import Bench, Measure
from rewards.clock import utc_now
from rewards.db import prepare_engine
from rewards.ledger import seals
from rewards.settings import Settings


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    filled, settings = bench.database("ledger"), bench.settings("ledger")
    with clients(settings, filled) as eight:

        def rate(load: str, *, grouped: bool = True) -> Measure:
            return lambda: eight.rate(load, bench.seconds, grouped=grouped)

        def sealed() -> float:
            with sealing(settings):
                return eight.rate("spread", bench.seconds)

        yield {
            "tpcb_8": bench.tpcb(CLIENTS),
            "ledger": rate("spread"),
            "replays": rate("repeats"),
            "ledger_alone": rate("spread", grouped=False),
            "ledger_hot": rate("one_shop"),
            "ledger_sealed": sealed,
            "transfer_bytes": partial(bytes_a_transfer, bench),
        }


@contextmanager
def sealing(settings: Settings) -> Iterator[None]:
    """Let another process seal every second until the block ends, all of the past before it."""
    spawn = get_context("spawn")
    began = spawn.Event()
    sealer = spawn.Process(target=keep_sealing, args=(settings, began), daemon=True)
    sealer.start()
    try:
        if not began.wait(60):
            raise RuntimeError("nothing was sealed")
        yield
    finally:
        sealer.terminate()
        sealer.join()


def keep_sealing(settings: Settings, began: Event) -> None:
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    signer = seals.signer(None, settings.instance / "seal-key")
    while True:
        seals.seal(engine, signer, "bench/seals", utc_now)
        began.set()
        time.sleep(1)


def bytes_a_transfer(bench: Bench) -> float:
    """Heap and indexes of transfers and their lot entries, after all that load."""
    with bench.connect("ledger") as connection:
        sizes = dict(
            connection.execute(
                "SELECT relname, pg_relation_size(oid) + pg_indexes_size(oid) FROM pg_class "
                "WHERE relname IN ('transfer', 'lot_entry', 'operation')"
            ).fetchall()
        )
        [transfers] = connection.execute("SELECT count(*) FROM transfer").fetchone() or [0]
    each = {name: size / transfers for name, size in sizes.items()}
    bench.notes["bytes_transfer"] = (
        f"transfer alone {each['transfer']:.0f} B, lot entry {each['lot_entry']:.0f} B, "
        f"operation {each['operation']:.0f} B, over {transfers:,} transfers"
    )
    return float(each["transfer"] + each["lot_entry"])
