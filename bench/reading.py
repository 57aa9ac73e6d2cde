"""What a long past costs: reading one wallet, and verifying all of it."""

import hashlib
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from bench.filling import fill_past
from bench.stage import Bench, Measure
from rewards import ledger
from rewards.clock import utc_now
from rewards.db import prepare_engine
from rewards.ledger import Drift, seals
from rewards.ledger.checks import CHECKS
from rewards.ledger.seals import entries
from rewards.ledger.seals.proofs import shown
from rewards.sealcheck import entry_bytes

SMALL, LARGE, LARGE_QUICK = 1_000, 1_000_000, 100_000
WALLETS_READ, READERS = 300, 10
HASHED = 50_000


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    small = Past(bench, "small", SMALL)
    large = Past(bench, "large", LARGE_QUICK if bench.quick else LARGE)
    bench.settle()
    bench.notes["read_scale"] = f"{large.transfers:,} transfers in the large ledger"
    bench.say("sealing it …")
    bare = Hashes(large.seal())
    yield {
        "read_small": small.read_ms,
        "read_large": large.read_ms,
        "verified": partial(large.verified, ledger.verify),
        "verified_sums": partial(large.verified, sums),
        "hashed": bare.rate,
    }
    small.engine.dispose()
    large.engine.dispose()


class Past:
    """A ledger of so many transfers; its wallets have equally many each, however many they are."""

    def __init__(self, bench: Bench, name: str, transfers: int) -> None:
        bench.say(f"writing a past of {transfers:,} transfers …")
        filled = bench.database(name)
        self._settings = bench.settings(name)
        self.engine: Engine = create_engine(self._settings.database_url)
        prepare_engine(self.engine)
        with self.engine.begin() as connection:
            self._wallet_ids = fill_past(connection, filled, transfers)
        # As the server's own housekeeping would have left it.
        with bench.connect(name) as housekeeping:
            housekeeping.execute("VACUUM ANALYZE")
            counted = housekeeping.execute("SELECT count(*) FROM transfer").fetchone()
            self.transfers: int = counted[0] if counted else 0

    def read_ms(self) -> float:
        """A wallet's balance and its newest page, each in a session of its own.

        The mean of the medians of several connections: on which processor PostgreSQL's process
        for one happens to be makes a quarter's difference.
        """
        wallets = iter(random.Random(1).choices(self._wallet_ids, k=WALLETS_READ))
        medians = []
        for _ in range(READERS):
            self.engine.dispose()
            few = itertools.islice(wallets, WALLETS_READ // READERS)
            medians.append(statistics.median(self._read(wallet_id) for wallet_id in few))
        return statistics.mean(medians) * 1000

    def _read(self, wallet_id: int) -> float:
        begun = time.perf_counter()
        with Session(self.engine) as session:
            spendable = ledger.spendable(session, wallet_id, date.today())
            page = ledger.statement(session, wallet_id)
        took = time.perf_counter() - begun
        if not spendable or len(page.lines) != 20:
            raise RuntimeError(f"wallet {wallet_id} isn't what was written")
        return took

    def seal(self) -> list[bytes]:
        """Seal all of it, as it would have been by now; some of the entries that were hashed."""
        settings = self._settings
        signer = seals.signer(None, settings.instance / "seal-key")
        seals.seal(self.engine, signer, "bench/seals", utc_now)
        with Session(self.engine) as session:
            key = session.get_one(seals.SealLog, 1).salt_key
            rows = entries.read(session.connection(), 0, self.transfers, HASHED)
        return [
            b"\0" + entry_bytes(shown(entry), entries.salt_of(entry.id, key))
            for entry in (entries.Entry(*row) for row in rows)
        ]

    def verified(self, verify: Callable[..., Iterator[Drift]]) -> float:
        """Transfers a second, with everything that is rebuilt from them."""
        begun = time.monotonic()
        self.engine.dispose()
        with ledger.helping(self.transfers) as helpers, Session(self.engine) as session:
            ledger.consistent(session)
            drifts = list(verify(session, helpers=helpers))
        if drifts:
            raise RuntimeError(f"the ledger isn't sound: {drifts[:3]}")
        return self.transfers / (time.monotonic() - begun)


def sums(session: Session, helpers: object) -> Iterator[Drift]:
    """What is kept against what the transfers come to, without the seals."""
    for check in CHECKS:
        yield from check(session)


@dataclass
class Hashes:
    """A bare loop over sealed entries: what hashing them costs at the least."""

    entries: list[bytes]

    def rate(self) -> float:
        """Entries a second."""
        sha256, begun = hashlib.sha256, time.monotonic()
        for entry in self.entries:
            sha256(entry).digest()
        return len(self.entries) / (time.monotonic() - begun)
