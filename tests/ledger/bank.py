"""The bank test: much happens at once, and whoever looks meanwhile finds every point.

Tellers (threads, in one process or several) do all kinds of movements in the same few wallets,
each by a clock of its own, lose some of them before the commit and repeat others. An auditor reads
one state of everything, again and again.
"""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.db import prepare_engine, reading
from tests.ledger.accounts import PROGRAMME, Accounts
from tests.ledger.asking import NOW, Ask, say, work

WALLETS, SHOPS = 12, 3
DAYS = [*(NOW.date() + timedelta(days=n) for n in (0, 1, 2)), ledger.NEVER]


def founded(engine: Engine) -> Accounts:
    """The accounts of a new bank, committed."""
    with Session(engine) as session:
        accounts = Accounts.opened(session, WALLETS, SHOPS)
        session.commit()
    return accounts


# Enough for each teller to have earned and spent something.
LEAST = 40


class Teller:
    """One thread's work: what it asks follows from its seed and from what it was told."""

    def __init__(self, bank: Accounts, seed: str) -> None:
        self.bank, self.seed, self.random = bank, seed, Random(seed)
        self.asked: list[tuple[Ask, str]] = []
        self.known: dict[str, list[int]] = {"award": [], "redeem": [], "hold": [], "give": []}

    def work(self, engine: Engine, until: float) -> Counter[str]:
        """Ask until the moment *until* (monotonic), and some however busy the machine is.

        Counts what was done.
        """
        happened: Counter[str] = Counter()
        while time.monotonic() < until or happened.total() < LEAST:
            if self.asked and self.random.random() < 0.1:
                ask, first = self.random.choice(self.asked)
                said = say(engine, ask)
                assert said.outcome in ("replayed", first), (ask, said)
                happened["replay"] += 1
                continue
            ask = self.next()
            if ask.what != "time out" and self.random.random() < 0.05:
                lose(engine, ask)
                happened["lost and retried"] += 1
            said = say(engine, ask)
            happened[ask.what if said.outcome == "done" else said.outcome] += 1
            if ask.what != "time out":
                self.asked = [*self.asked[-200:], (ask, said.outcome)]
            if said.outcome == "done":
                kept = "redeem" if ask.what == "capture" else ask.what
                if kept in self.known:
                    self.known[kept].append(said.body["id"])
        return happened

    def next(self) -> Ask:
        """Something to ask; of what this teller did before where it undoes or ends something."""
        dice, known = self.random, self.known
        what = dice.choices(list(WHATS), list(WHATS.values()))[0]
        now = NOW + timedelta(hours=dice.randrange(60))
        body: dict[str, Any] = {
            "wallet": dice.choice(self.bank.wallets),
            "shop": dice.choice(self.bank.shops),
            "amount": dice.randint(1, 20),
        }
        if what == "award":
            body |= {"issuer": self.bank.issuer, "day": str(dice.choice(DAYS)), "amount": 25}
        elif what == "hold":
            body |= {"until": (now + timedelta(hours=dice.randint(1, 20))).isoformat()}
        elif what == "give":
            others = [*self.bank.wallets, self.bank.cause]
            body["to"] = dice.choice([to for to in others if to != body["wallet"]])
        elif what == "expire":
            body = {"programme": PROGRAMME, "expired": self.bank.expired}
        elif what in SUBJECTS:
            name, of = SUBJECTS[what]
            if not known[of]:
                return self.next()
            body[name] = dice.choice(known[of][-50:])
        return Ask(what, f"{self.seed}-{len(self.asked)}-{dice.getrandbits(60)}", now, body)


WHATS = {
    "award": 20,
    "redeem": 40,
    "hold": 10,
    "capture": 8,
    "release": 4,
    "give_back": 8,
    "take_back": 4,
    "give": 12,
    "return_gift": 4,
    "expire": 4,
    "time out": 2,
}
SUBJECTS = {
    "give_back": ("transfer", "redeem"),
    "take_back": ("transfer", "award"),
    "return_gift": ("transfer", "give"),
    "capture": ("hold", "hold"),
    "release": ("hold", "hold"),
}


def lose(engine: Engine, ask: Ask) -> None:
    """Do what is asked, and never commit."""
    with Session(engine) as session:
        act = Act(session, SYSTEM, ask.now)
        ledger.once(act, "ask", ask.key, {"what": ask.what, **ask.body}, work(ask))


def tell(url: str, bank: Accounts, seeds: Sequence[str], seconds: float) -> Counter[str]:
    """So many tellers, in threads of this process, for some seconds."""
    engine = create_engine(url, pool_size=len(seeds))
    prepare_engine(engine)
    until = time.monotonic() + seconds
    try:
        with ThreadPoolExecutor(len(seeds)) as pool:
            tellers = [pool.submit(Teller(bank, seed).work, engine, until) for seed in seeds]
            return sum((teller.result() for teller in tellers), Counter())
    finally:
        engine.dispose()


def audit(engine: Engine, bank: Accounts) -> None:
    """Look at one state of everything: no point is missing, none is there twice."""
    token = reading.set(True)
    try:
        with Session(engine) as session:
            ledger.consistent(session)
            seen = session.execute(text(STATE)).one()
            sums = {row.id: int(row.total) for row in session.execute(text(SUMS))}
    finally:
        reading.reset(token)
    assert seen.posted == seen.in_lots + seen.held, seen
    assert min(seen.least_posted, seen.least_held, seen.least_free, seen.least_lot) >= 0, seen
    others = [sums.get(account, 0) for account in (bank.expired, bank.cause, *bank.shops)]
    assert min(others) >= 0
    assert seen.posted == sum(sums.get(wallet, 0) for wallet in bank.wallets)
    assert seen.posted + sum(others) + sums.get(bank.issuer, 0) == 0, "the total has changed"


STATE = """
SELECT sum(posted) AS posted, sum(held) AS held, min(posted) AS least_posted,
       min(held) AS least_held, min(posted - held) AS least_free,
       (SELECT coalesce(sum(remaining), 0) FROM lot) AS in_lots,
       (SELECT coalesce(min(remaining), 0) FROM lot) AS least_lot
FROM balance"""

SUMS = """
SELECT id, sum(change) AS total FROM (
    SELECT credit_id AS id, sum(amount) AS change FROM transfer GROUP BY credit_id
    UNION ALL
    SELECT debit_id, -sum(amount) FROM transfer GROUP BY debit_id) AS moves
GROUP BY id"""
