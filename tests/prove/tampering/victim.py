"""A sealed ledger with something of everything in it, and the checkpoint that was kept outside."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.ledger import seals
from rewards.ledger.seals import checkpoints
from tests.conftest import START, Database

ORIGIN = "points.example/seals"
TODAY = START.date()
DATES = (TODAY + timedelta(days=10), TODAY + timedelta(days=200), ledger.NEVER)


@dataclass(frozen=True)
class Victim:
    """``outside`` is the note of the first checkpoint, of the transfers up to ``known``.

    After it the ledger went on and was sealed once more (up to ``sealed``), and then went on.
    """

    database: Database
    signer: seals.Signer
    outside: str
    known: int
    sealed: int
    last: int
    issuer: int
    shop: int
    wallets: list[int]

    def get_past_the_guards(self, session: Session) -> None:
        """What the owner of a database can do: triggers and constraints hold no more."""
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
            for table, name in (("lot", "remaining_not_negative"), ("balance", "floor")):
                session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}"))
            return
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.all():
            session.execute(text(f"DROP TRIGGER {name}"))


def signer_of(number: int) -> seals.Signer:
    """A key of its own for each number."""
    return checkpoints._signer(b64encode(bytes([number] * 32)).decode(), "a proof")


def victim(database: Database, rng: Random, transfers: int = 600) -> Victim:
    """Some *transfers* of every kind; about half of them are known outside."""
    with Session(database.engine) as session:
        opened = {
            kind: ledger.open_account(session, kind, kind, 1).id
            for kind in (ledger.ISSUER, ledger.MERCHANT, ledger.EXPIRED)
        }
        wallets = [ledger.open_account(session, ledger.WALLET, "w", 1).id for _ in range(8)]
        session.commit()
    busy = _Busy(database, rng, wallets, opened)
    signer = signer_of(1)

    def seal() -> seals.Checkpoint:
        made = seals.seal(database.engine, signer, ORIGIN, lambda: START)
        assert made is not None
        return made

    busy.work(transfers // 2)
    first = seal()
    busy.work(transfers // 4)
    second = seal()
    busy.work(transfers // 4)
    return Victim(
        database,
        signer,
        first.note,
        first.through_id,
        second.through_id,
        busy.last,
        opened[ledger.ISSUER],
        opened[ledger.MERCHANT],
        wallets,
    )


@dataclass
class _Busy:
    """Makes a ledger busy by the ledger's own functions."""

    database: Database
    rng: Random
    wallets: list[int]
    opened: dict[str, int]
    keys: int = 0
    last: int = 0

    def work(self, transfers: int) -> None:
        """Awards, then redemptions and gifts of them, some of them undone; a few are set aside."""
        given = self._do(lambda op: self._accrue(op, transfers * 2 // 3))
        spent = [i for _ in range(transfers // 6) for i in self._do(self._redeem)]
        for transfer in self.rng.sample(spent, len(spent) // 4):
            self._do(lambda op, t=transfer: [ledger.give_back(op, t, reason="示例")])
        gifts = [i for _ in range(transfers // 30) for i in self._do(self._give)]
        for transfer in self.rng.sample(gifts, len(gifts) // 4):
            self._do(lambda op, t=transfer: self._return(op, t))
        for transfer in self.rng.sample(given, 5):
            self._do(lambda op, t=transfer: self._take_back(op, t))
        for number in range(6):
            self._do(lambda op, n=number: self._set_aside(op, captured=n % 2 == 0))

    def _do(self, work: Callable[[ledger.Operation], Iterable[int]]) -> list[int]:
        self.keys += 1
        with Session(self.database.engine) as session:
            act = Act(session, SYSTEM, START + timedelta(minutes=self.keys))
            answer = ledger.once(
                act, "busy", f"key-{self.keys}", {}, lambda op: {"ids": list(work(op))}
            )
            session.commit()
        # A wallet may have too little: then that one thing didn't happen.
        ids: list[int] = [] if answer.refusal else answer.result()["ids"]
        self.last = max([self.last, *ids])
        return ids

    def _accrue(self, op: ledger.Operation, count: int) -> list[int]:
        accruals = [
            ledger.Accrual(
                self.rng.choice(self.wallets),
                self.rng.randint(20, 90),
                self.rng.choice(DATES),
                f"示例 {i}",
                op.now,
            )
            for i in range(count)
        ]
        return ledger.accrue(op, self.opened[ledger.ISSUER], accruals)

    def _redeem(self, op: ledger.Operation) -> list[int]:
        wallet, amount = self.rng.choice(self.wallets), self.rng.randint(1, 20)
        shop = self.opened[ledger.MERCHANT]
        return [ledger.redeem(op, wallet, shop, amount, today=TODAY, reason="示例")]

    def _give(self, op: ledger.Operation) -> list[int]:
        wallet, neighbour = self.rng.sample(self.wallets, 2)
        return [ledger.give(op, wallet, neighbour, self.rng.randint(1, 20), today=TODAY)]

    def _return(self, op: ledger.Operation, transfer: int) -> list[int]:
        return [ledger.return_gift(op, transfer, today=TODAY, reason="示例")]

    def _take_back(self, op: ledger.Operation, transfer: int) -> list[int]:
        taken = ledger.take_back(
            op, transfer, today=TODAY, reason="示例", when_spent=ledger.WhenSpent.OWE
        )
        return [taken.transfer_id] if taken.transfer_id else []

    def _set_aside(self, op: ledger.Operation, *, captured: bool) -> list[int]:
        until = op.now + timedelta(days=30)
        hold = ledger.place(
            op,
            self.rng.choice(self.wallets),
            self.opened[ledger.MERCHANT],
            self.rng.randint(2, 9),
            today=TODAY,
            until=until,
            reason="示例",
        )
        return [ledger.capture(op, hold, 1)] if captured else []
