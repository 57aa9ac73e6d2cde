"""Clients that redeem in the ledger as fast as they are answered, all in one group.

Two processes of four clients each came to a fifth more or to less, as the kernel happened to
spread them and their backends over two processors (docs/performance.md): one group of eight has
half the work for each redemption, and comes to the same each time.
"""

import gc
import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection

from sqlalchemy import Engine, create_engine

from bench.filling import Filled
from rewards import ledger
from rewards.act import Actor
from rewards.bulk import Writer, transaction
from rewards.clock import utc_now
from rewards.db import engine_options, prepare_engine
from rewards.settings import Settings
from rewards.web.grouping import Group, Place

CLIENTS = 8
WARM_UP = 0.3
# So many purchases a second a client has at hand: what is measured is to redeem them.
AHEAD = 1500


@dataclass(frozen=True)
class Purchase:
    """One redemption to be made, or repeated."""

    key: str
    wallet_id: int
    merchant_id: int
    points: int


CASHIER = Actor("staff", 1, "示例收银员")


class Till:
    """The ledger's part of a redemption, without cards and receipts: alone or in groups."""

    def __init__(self, engine: Engine, programme_id: int) -> None:
        self._engine, self._programme_id = engine, programme_id
        self.group = Group(partial(transaction, engine), self._take)

    def alone(self, purchase: Purchase) -> ledger.Outcome:
        """One redemption in a transaction of its own."""
        with transaction(self._engine) as writer:
            [outcome] = self._take(writer, [purchase])
            writer.commit()
        return outcome

    def _take(self, writer: Writer, purchases: Sequence[Purchase]) -> list[ledger.Outcome]:
        now, today = utc_now(), date.today()
        batch = ledger.Batch(writer, now, [self._claim(p) for p in purchases], "transfer")
        opening = ledger.Purses(writer, sorted({p.wallet_id for p in purchases}))
        if batch.fresh:
            purses = opening.opened(now)
            for position, number in zip(batch.fresh, batch.ids["transfer"], strict=False):
                bought = purchases[position]
                purse = purses[bought.wallet_id]
                shares = purse.take(bought.points, today=today, programme_id=self._programme_id)
                spend = ledger.Spend(
                    number, bought.wallet_id, bought.merchant_id, shares, "示例清茶", now
                )
                batch.done(position, {"transfer": number}, spend)
            batch.write(writer)
        return batch.outcomes()

    def _claim(self, purchase: Purchase) -> ledger.Claim:
        scope = f"redemption:merchant:{purchase.merchant_id}"
        body = {"wallet": purchase.wallet_id, "points": purchase.points}
        return ledger.Claim.of(CASHIER, scope, purchase.key, body)


@dataclass(frozen=True)
class Wanted:
    """What the clients are to do: ``spread`` over all shops, at ``one_shop``, or ``repeats``."""

    load: str
    grouped: bool
    seconds: float


class Crew:
    """The clients; what they redeemed last, spread, is kept to be repeated."""

    def __init__(self, till: Till, filled: Filled) -> None:
        self._till, self._filled = till, filled
        self._runs = itertools.count(1)
        self._made: list[list[Purchase]] = []

    def redeem(self, wanted: Wanted) -> int:
        """How many redemptions were answered in the time."""
        make = {"spread": self._spread, "one_shop": self._one_shop, "repeats": self._repeats}
        loads = make[wanted.load](round(wanted.seconds * AHEAD))
        # What they were thought out to do isn't looked through for garbage while they do it.
        gc.freeze()
        since = time.monotonic() + WARM_UP
        hours = Hours(since, since + wanted.seconds)
        if wanted.grouped:
            return grouped(self._till, loads, hours)
        with ThreadPoolExecutor(len(loads)) as pool:
            return sum(pool.map(partial(alone, self._till, hours), loads))

    def _spread(self, ahead: int) -> list[Iterator[Purchase]]:
        self._made = [[] for _ in range(CLIENTS)]
        shops = self._filled.merchant_account_ids
        return [self._keep(made, self._ready(shops, ahead)) for made in self._made]

    def _one_shop(self, ahead: int) -> list[Iterator[Purchase]]:
        shop = self._filled.merchant_account_ids[:1]
        return [self._ready(shop, ahead) for _ in range(CLIENTS)]

    def _repeats(self, _ahead: int) -> list[Iterator[Purchase]]:
        return [itertools.cycle(made) for made in self._made]

    def _ready(self, shops: Sequence[int], ahead: int) -> Iterator[Purchase]:
        """New purchases, so many of them thought out by now."""
        purchases = self._new(shops)
        return itertools.chain(list(itertools.islice(purchases, ahead)), purchases)

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
                chance.choice(self._filled.wallet_ids),
                chance.choice(shops),
                chance.randint(1, 5),
            )


@dataclass(frozen=True)
class Hours:
    """When redemptions begin to count, and when nobody asks for more."""

    since: float
    until: float


def alone(till: Till, hours: Hours, purchases: Iterator[Purchase]) -> int:
    """One client, each of whose redemptions commits alone; how many count."""
    done = 0
    for purchase in purchases:
        till.alone(purchase)
        now = time.monotonic()
        if now > hours.until:
            break
        done += now > hours.since
    return done


def grouped(till: Till, loads: Sequence[Iterator[Purchase]], hours: Hours) -> int:
    """Clients whose redemptions are written in groups; how many count.

    Whoever is answered asks for the next, at once, as pgbench's clients do: no thread of ours
    takes time from what is measured.
    """
    counts, over = [0] * len(loads), [threading.Event() for _ in loads]

    def ask(client: int) -> None:
        till.group.submit(next(loads[client]), partial(answered, client))

    def answered(client: int, place: Place[Purchase, ledger.Outcome]) -> None:
        now = time.monotonic()
        if place.error is not None or now > hours.until:
            failed.extend([place.error] if place.error else [])
            over[client].set()
            return
        counts[client] += now > hours.since
        ask(client)

    failed: list[BaseException] = []
    for client in range(len(loads)):
        ask(client)
    for finished in over:
        finished.wait()
    if failed:
        raise failed[0]
    return sum(counts)


def work(orders: Connection, settings: Settings, filled: Filled) -> None:
    """Redeem as it is ordered, in a process of its own, until the orders end."""
    options = engine_options(settings.database_url)
    engine = create_engine(settings.database_url, pool_size=CLIENTS, **options)
    prepare_engine(engine)
    crew = Crew(Till(engine, filled.programme_id), filled)
    while (wanted := orders.recv()) is not None:
        orders.send(crew.redeem(wanted))
    engine.dispose()


class Clients:
    """Eight clients in a process of their own; made by :func:`clients`."""

    def __init__(self, crew: Connection) -> None:
        self._crew = crew

    def rate(self, load: str, seconds: float, *, grouped: bool = True) -> float:
        """Redemptions a second; *load* is one of :class:`Wanted`'s."""
        self._crew.send(Wanted(load, grouped, seconds))
        done: int = self._crew.recv()
        return done / seconds


@contextmanager
def clients(settings: Settings, filled: Filled) -> Iterator[Clients]:
    """The clients, until the block ends."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=work, args=(there, settings, filled), daemon=True)
    process.start()
    there.close()
    try:
        yield Clients(here)
        here.send(None)
    finally:
        here.close()
        process.join(10)
        process.kill()
