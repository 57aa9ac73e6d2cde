"""What a long past costs: reading one wallet, and verifying all of it."""

import hashlib
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from bench.filling import fill_past
from bench.stage import Bench, Measure
from rewards import ledger
from rewards.db import prepare_engine

SMALL, LARGE, LARGE_QUICK = 1_000, 1_000_000, 100_000
WALLETS_READ = 300
# A sealed entry with its prefix; its numbers and moments are of fixed size.
ENTRY = 127
HASHED = 100_000


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    small = Past(bench, "small", SMALL)
    large = Past(bench, "large", LARGE_QUICK if bench.quick else LARGE)
    bench.settle()
    bench.notes["read_scale"] = f"{large.transfers:,} transfers in the large ledger"
    yield {
        "read_small": small.read_ms,
        "read_large": large.read_ms,
        "verified": large.verified,
        "hashed": hashed,
    }
    small.engine.dispose()
    large.engine.dispose()


class Past:
    """A ledger of so many transfers; its wallets have equally many each, however many they are."""

    def __init__(self, bench: Bench, name: str, transfers: int) -> None:
        bench.say(f"writing a past of {transfers:,} transfers …")
        filled = bench.database(name)
        self.engine: Engine = create_engine(bench.settings(name).database_url)
        prepare_engine(self.engine)
        with self.engine.begin() as connection:
            self._wallet_ids = fill_past(connection, filled, transfers)
        # As the server's own housekeeping would have left it.
        with bench.connect(name) as housekeeping:
            housekeeping.execute("VACUUM ANALYZE")
            counted = housekeeping.execute("SELECT count(*) FROM transfer").fetchone()
            self.transfers: int = counted[0] if counted else 0

    def read_ms(self) -> float:
        """A wallet's balance and its newest page, each in a session of its own: the median."""
        wallets = random.Random(1).choices(self._wallet_ids, k=WALLETS_READ)
        return statistics.median(self._read(wallet_id) for wallet_id in wallets) * 1000

    def _read(self, wallet_id: int) -> float:
        begun = time.perf_counter()
        with Session(self.engine) as session:
            spendable = ledger.spendable(session, wallet_id, date.today())
            page = ledger.statement(session, wallet_id)
        took = time.perf_counter() - begun
        if not spendable or len(page.lines) != 20:
            raise RuntimeError(f"wallet {wallet_id} isn't what was written")
        return took

    def verified(self) -> float:
        """Transfers a second, with everything that is rebuilt from them."""
        begun = time.monotonic()
        with Session(self.engine) as session:
            drifts = list(ledger.verify(session))
        if drifts:
            raise RuntimeError(f"the ledger isn't sound: {drifts[:3]}")
        return self.transfers / (time.monotonic() - begun)


def hashed() -> float:
    """Hashes a second of as many bytes as a sealed entry has, in a bare loop."""
    entries = [number.to_bytes(8, "big") + bytes(ENTRY - 8) for number in range(HASHED)]
    sha256, begun = hashlib.sha256, time.monotonic()
    for entry in entries:
        sha256(entry).digest()
    return HASHED / (time.monotonic() - begun)
