"""Redemptions in the ledger itself, from eight threads on PostgreSQL."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from bench.filling import Filled
from bench.stage import Bench, Measure
from rewards import ledger
from rewards.act import Actor
from rewards.bulk import writing
from rewards.clock import utc_now
from rewards.db import prepare_engine
from rewards.ledger import seals
from rewards.settings import Settings
from rewards.web.grouping import Group

CLIENTS = 8
WARM_UP = 0.3


@dataclass(frozen=True)
class Purchase:
    """One redemption to be made, or repeated."""

    key: str
    wallet_id: int
    merchant_id: int
    points: int


# Makes one redemption for good: committed when it returns.
Redeem = Callable[[Purchase], object]

CASHIER = Actor("staff", 1, "示例收银员")


class Till:
    """The ledger's part of a redemption, without cards and receipts: alone or in groups."""

    def __init__(self, engine: Engine, filled: Filled) -> None:
        self._engine, self._programme_id = engine, filled.programme_id
        self.grouped: Redeem = Group(partial(Session, engine), self._take).ask

    def alone(self, purchase: Purchase) -> ledger.Outcome:
        """One redemption in a transaction of its own."""
        with Session(self._engine) as session:
            [outcome] = self._take(session, [purchase])
            session.commit()
        return outcome

    def _take(self, session: Session, purchases: Sequence[Purchase]) -> list[ledger.Outcome]:
        now, today = utc_now(), date.today()
        with writing(session) as writer:
            batch = ledger.Batch(writer, now, [self._claim(p) for p in purchases], "transfer")
            opening = ledger.Purses(writer, sorted({p.wallet_id for p in purchases}))
        if batch.fresh:
            purses = opening.opened(session, now)
            for position, number in zip(batch.fresh, batch.ids["transfer"], strict=False):
                bought = purchases[position]
                purse = purses[bought.wallet_id]
                shares = purse.take(bought.points, today=today, programme_id=self._programme_id)
                spend = ledger.Spend(
                    number, bought.wallet_id, bought.merchant_id, shares, "示例清茶", now
                )
                batch.done(position, {"transfer": number}, spend)
            with writing(session, last=True) as writer:
                batch.write(writer)
        return batch.outcomes()

    def _claim(self, purchase: Purchase) -> ledger.Claim:
        scope = f"redemption:merchant:{purchase.merchant_id}"
        body = {"wallet": purchase.wallet_id, "points": purchase.points}
        return ledger.Claim.of(CASHIER, scope, purchase.key, body)


@dataclass
class Load:
    """Eight clients that redeem as fast as they are answered; kept to be repeated."""

    filled: Filled
    seconds: float

    def __post_init__(self) -> None:
        self._runs = itertools.count(1)
        self._made: list[list[Purchase]] = []

    def spread(self, redeem: Redeem) -> float:
        """Redemptions a second, over all shops; keeps them for :meth:`repeats`."""
        shops = self.filled.merchant_account_ids
        self._made = [[] for _ in range(CLIENTS)]
        return self._measure(redeem, [self._keep(made, self._new(shops)) for made in self._made])

    def one_shop(self, redeem: Redeem) -> float:
        """Redemptions a second where one shop takes all of them."""
        shop = self.filled.merchant_account_ids[:1]
        return self._measure(redeem, [self._new(shop) for _ in range(CLIENTS)])

    def repeats(self, redeem: Redeem) -> float:
        """Redemptions a second that were all made in the last :meth:`spread`."""
        return self._measure(redeem, [itertools.cycle(made) for made in self._made])

    def _keep(self, made: list[Purchase], purchases: Iterator[Purchase]) -> Iterator[Purchase]:
        for purchase in purchases:
            made.append(purchase)
            yield purchase

    def _new(self, shops: Sequence[int]) -> Iterator[Purchase]:
        run = next(self._runs)
        chance = random.Random(run)
        for number in itertools.count():
            yield Purchase(
                f"bench-{run}-{number:08d}",
                chance.choice(self.filled.wallet_ids),
                chance.choice(shops),
                chance.randint(1, 5),
            )

    def _measure(self, redeem: Redeem, clients: Sequence[Iterator[Purchase]]) -> float:
        begin = threading.Barrier(CLIENTS)

        def client(purchases: Iterator[Purchase]) -> int:
            begin.wait()
            since = time.monotonic() + WARM_UP
            until, done = since + self.seconds, 0
            for purchase in purchases:
                redeem(purchase)
                now = time.monotonic()
                if now > until:
                    break
                done += now > since
            return done

        with ThreadPoolExecutor(CLIENTS) as pool:
            return sum(pool.map(client, clients)) / self.seconds


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    filled = bench.database("ledger")
    settings = bench.settings("ledger")
    engine = create_engine(settings.database_url, pool_size=CLIENTS)
    prepare_engine(engine)
    load, till = Load(filled, bench.seconds), Till(engine, filled)

    def sealed() -> float:
        with sealing(settings):
            return load.spread(till.grouped)

    yield {
        "tpcb_8": bench.tpcb(CLIENTS),
        "ledger": partial(load.spread, till.grouped),
        "replays": partial(load.repeats, till.grouped),
        "ledger_alone": partial(load.spread, till.alone),
        "ledger_hot": partial(load.one_shop, till.grouped),
        "ledger_sealed": sealed,
        "transfer_bytes": partial(bytes_a_transfer, bench),
    }
    engine.dispose()


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
