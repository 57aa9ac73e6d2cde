"""The ledger and the paper, side by side: what is done to both, and how they are compared.

A run is one transaction, rolled back at its end: what is in the database is this run's alone,
and looking at all of it after each step is cheap.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from rewards import ledger
from rewards.act import SYSTEM, Act
from tests.conftest import START
from tests.ledger.accounts import Accounts
from tests.ledger.paper import Award, Deduction, Gift, Hold, No, Paper, Redemption

WALLETS, SHOPS = 3, 2

# All that a run wrote, summed, in one statement: a second would cost more than what it finds.
SIDES = 1_000_000
EVERYTHING = f"""
SELECT 'lot', account_id, CAST(expires_on AS text), remaining,
       coalesce((SELECT sum(change) FROM lot_entry WHERE lot_id = lot.id), 0) -
       coalesce((SELECT sum(amount) FROM hold_lot WHERE lot_id = lot.id AND NOT EXISTS
                 (SELECT 1 FROM hold_end WHERE hold_end.hold_id = hold_lot.hold_id)), 0)
FROM lot
UNION ALL
SELECT 'transfer', debit_id * {SIDES} + credit_id, CAST(sum(amount) AS text), count(*),
       sum(CASE WHEN coalesce(came, 0) <> amount * (SELECT count(*) FROM balance b
                                                     WHERE b.account_id = credit_id)
                  OR coalesce(went, 0) <> amount * (SELECT count(*) FROM balance b
                                                     WHERE b.account_id = debit_id)
           THEN 1 ELSE 0 END)
FROM transfer LEFT JOIN
     (SELECT transfer_id, sum(CASE WHEN change > 0 THEN change ELSE 0 END) AS came,
             sum(CASE WHEN change < 0 THEN -change ELSE 0 END) AS went
      FROM lot_entry GROUP BY transfer_id) AS entries
     ON transfer_id = id
GROUP BY 2
UNION ALL
SELECT 'balance', account_id, '', posted, held FROM balance"""

# PostgreSQL takes as long to plan it as to do it, unless a function of its own does.
PLANNED_ONCE = f"""
CREATE FUNCTION everything() RETURNS TABLE (a text, b bigint, c text, d bigint, e bigint)
LANGUAGE plpgsql AS $$ BEGIN
RETURN QUERY SELECT r.a, CAST(r.b AS bigint), r.c, CAST(r.d AS bigint), CAST(r.e AS bigint)
FROM ({EVERYTHING}) AS r (a, b, c, d, e);
END $$"""


def accounts_of(engine: Engine) -> Accounts:
    """The accounts that every run begins with, committed."""
    with Session(engine) as session:
        accounts = Accounts.opened(session, WALLETS, SHOPS)
        if engine.dialect.name == "postgresql":
            session.connection().exec_driver_sql(PLANNED_ONCE)
        session.commit()
    return accounts


@dataclass(frozen=True)
class Call:
    """A call that was answered: what was asked under which key, and what was told."""

    key: str
    body: Mapping[str, Any]
    told: Any


def told(answer: ledger.Answer) -> Any:
    """What a caller is told, in a form that can be compared."""
    if answer.refusal is not None:
        return answer.refusal.code, answer.refusal.facts
    return answer.body


def never(op: ledger.Operation) -> Any:
    raise AssertionError("a repeat did the work again")


class Both(RuleBasedStateMachine):
    """The ledger and the paper, and what holds for them after each step."""

    engine: ClassVar[Engine]
    accounts: ClassVar[Accounts]
    happened: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.connection = self.engine.connect()
        self.transaction = self.connection.begin()
        self.paper = Paper(WALLETS, SHOPS, START)
        self.keys, self.turns = itertools.count(1), itertools.count()
        self.calls: list[Call] = []
        self.awards: list[Award] = []
        self.redemptions: list[Redemption] = []
        self.holds: list[Hold] = []
        self.deductions: list[Deduction] = []
        self.gifts: list[Gift] = []
        self.crash_next, self.verified = False, 0
        self.happened["runs"] += 1

    def teardown(self) -> None:
        self.transaction.rollback()
        self.connection.close()

    def session(self) -> Session:
        """A session for one request; its commit is the run's, and so nobody's."""
        return Session(self.connection, join_transaction_mode="rollback_only")

    def once(self, key: str, body: Mapping[str, Any], work: Callable[..., Any]) -> ledger.Answer:
        with self.session() as session:
            answer = ledger.once(Act(session, SYSTEM, self.paper.now), "model", key, body, work)
            session.commit()
            return answer

    def do(self, what: str, body: Any, work: Callable[..., Any], paper: Callable[[], Any]) -> Any:
        """Do the same in both; the ledger's answer and the paper's, or None if both refuse."""
        key, body = f"key-{next(self.keys)}", {"what": what, "body": body}
        if self.crash_next:
            self.crash_next = False
            self.happened["crash and retry"] += 1
            savepoint = self.connection.begin_nested()
            self.once(key, body, work)
            savepoint.rollback()
        answer = self.once(key, body, work)
        assert not answer.replayed
        self.calls.append(Call(key, body, told(answer)))
        try:
            expected = paper()
        except No as no:
            if "wallets" in no.facts:
                no.facts["wallets"] = [self.accounts.wallets[n] for n in no.facts["wallets"]]
            assert told(answer) == (no.code, no.facts)
            self.happened[f"{what} refused"] += 1
            return None
        self.happened[what] += 1
        return answer.result(), expected

    @invariant()
    def both_agree(self) -> None:
        self.happened["steps"] += 1
        found: dict[str, list[Any]] = {"lot": [], "transfer": [], "balance": []}
        for what, *row in self.everything():
            found[what].append(row)
        balances = self.transfers_agree(found["transfer"])
        lots = {}
        for wallet, day, remaining, rebuilt in found["lot"]:
            assert remaining == rebuilt, "a lot is not what its entries and holds come to"
            lots[wallet, day] = remaining
        kept = {wallet: (posted, held) for wallet, _, posted, held in found["balance"]}
        for wallet, paper in zip(self.accounts.wallets, self.paper.wallets, strict=True):
            assert kept[wallet] == (balances[wallet], paper.held)
            assert balances[wallet] == paper.posted
            for day, amount in paper.lots.items():
                assert lots.pop((wallet, day.isoformat()), 0) == amount >= 0
        assert not any(lots.values())
        self.reads_agree()

    def everything(self) -> list[Any]:
        """Asked for beside SQLAlchemy, as it is asked for after each step."""
        planned = self.engine.dialect.name == "postgresql"
        cursor = self.connection.connection.cursor()
        try:
            return cursor.execute(
                "SELECT * FROM everything()" if planned else EVERYTHING
            ).fetchall()
        finally:
            cursor.close()

    def transfers_agree(self, rows: list[Any]) -> Counter[int]:
        """No transfer more or less than on paper; answers what they come to by account."""
        balances: Counter[int] = Counter()
        transfers = 0
        for sides, amount, number, torn in rows:
            debit, credit = divmod(sides, SIDES)
            assert torn == 0, "a transfer's lot entries don't come to its amount"
            balances[credit] += int(amount)
            balances[debit] -= int(amount)
            transfers += number
        assert transfers == self.paper.transfers
        assert balances[self.accounts.issuer] == -self.paper.issued
        assert balances[self.accounts.expired] == self.paper.expired
        assert balances[self.accounts.cause] == self.paper.cause
        assert [balances[shop] for shop in self.accounts.shops] == self.paper.shops
        assert sum(balances.values()) == 0
        return balances

    def reads_agree(self) -> None:
        """What is shown, though no job ran: one by turns, because asking costs like a step."""
        paper, wallets, now = self.paper, self.accounts.wallets, self.paper.now
        question, n = divmod(next(self.turns) % (3 * 2 * WALLETS), 2 * WALLETS)
        if n >= WALLETS:
            return
        with self.session() as session:
            if question == 0:
                spendable = ledger.spendable_of(session, wallets, paper.today, now=now)
                assert [spendable.get(wallet, 0) for wallet in wallets] == [
                    paper.spendable(n) for n in range(WALLETS)
                ]
            elif question == 1:
                dated = ledger.dated(session, wallets[n], paper.today, now=now)
                assert [(lot.expires_on, lot.amount) for lot in dated] == paper.dated(n)
            else:
                assert ledger.owed(session, wallets[n]) == paper.wallets[n].owed
