"""A hundred thousand awards in one act, against PostgreSQL's own fastest way to load the rows."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bench.stage import Bench, Measure
from rewards import ledger
from rewards.act import SYSTEM, Act
from rewards.clock import utc_now
from rewards.db import prepare_engine
from tests import postgres

TABLES = ("transfer", "lot", "lot_entry", "balance")


@contextmanager
def stage(bench: Bench) -> Iterator[dict[str, Measure]]:
    filled = bench.database("bulk")
    engine = create_engine(bench.settings("bulk").database_url)
    prepare_engine(engine)
    wallet_ids = open_wallets(engine, filled.programme_id, 10_000 if bench.quick else 100_000)
    acts = Acts(engine, filled.issuer_id, wallet_ids)
    # The rows that are copied are those of an act like the measured ones.
    acts.award()
    bench.notes["bulk_copy"] = f"{len(wallet_ids):,} awards"
    yield {"awards_act": acts.award, "awards_copy": Copies(bench).copy}
    engine.dispose()


def open_wallets(engine: Engine, programme_id: int, wanted: int) -> Sequence[int]:
    """So many empty wallets, written straight into the tables."""
    with engine.begin() as connection:
        made = connection.scalars(
            text(
                "WITH made AS (INSERT INTO account (programme_id, kind, name) "
                "SELECT :programme, 'wallet', 'bulk' FROM generate_series(1, :wanted) "
                "RETURNING id) INSERT INTO balance (account_id, posted, held) "
                "SELECT id, 0, 0 FROM made RETURNING account_id"
            ),
            {"programme": programme_id, "wanted": wanted},
        )
        return list(made)


@dataclass
class Acts:
    """Awards to everybody, all or none; each act by another last day, and so into new lots."""

    engine: Engine
    issuer_id: int
    wallet_ids: Sequence[int]
    done: int = 0

    def award(self) -> float:
        """The seconds that one act takes, with its commit."""
        self.done += 1
        expires_on = date.today() + timedelta(days=365 + self.done)
        now = utc_now()
        accruals = [
            ledger.Accrual(wallet_id, 10, expires_on, "示例", now) for wallet_id in self.wallet_ids
        ]

        def work(op: ledger.Operation) -> dict[str, int]:
            return {"awarded": len(ledger.accrue(op, self.issuer_id, accruals))}

        begun = time.monotonic()
        with Session(self.engine) as session:
            act = Act(session, SYSTEM, now)
            ledger.once(act, "bench", f"bulk-{self.done}", {}, work).result()
            session.commit()
        return time.monotonic() - begun


class Copies:
    """The same rows into tables of the same shape, by psql's ``\\copy`` in one transaction."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._folder = bench.scratch / "copied"
        self._folder.mkdir(exist_ok=True)
        with bench.connect("bulk") as connection:
            connection.execute("CREATE SCHEMA copied")
            for table in TABLES:
                connection.execute(
                    f"CREATE TABLE copied.{table} (LIKE public.{table} INCLUDING ALL)"
                )
            keys = connection.execute(
                "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)",
                [list(TABLES)],
            ).fetchall()
            # Copied tables refer to one another where the ledger's do.
            connection.execute("SET search_path TO copied, public")
            for table, key in keys:
                connection.execute(f"ALTER TABLE copied.{table} ADD {key}")
        last = "(SELECT max(id) FROM operation)"
        ids = f"SELECT id FROM transfer WHERE operation_id = {last}"
        lots = f"SELECT lot_id FROM lot_entry WHERE transfer_id IN ({ids})"
        rows = {
            "transfer": f"SELECT * FROM transfer WHERE operation_id = {last} ORDER BY id",
            "lot": f"SELECT * FROM lot WHERE id IN ({lots}) ORDER BY id",
            "lot_entry": f"SELECT * FROM lot_entry WHERE transfer_id IN ({ids}) ORDER BY 1",
            "balance": "SELECT b.* FROM balance b JOIN account a ON a.id = b.account_id "
            "WHERE a.name = 'bulk' ORDER BY 1",
        }
        self._psql([f"\\copy ({query}) TO {self._file(table)}" for table, query in rows.items()])

    def copy(self) -> float:
        """The seconds that it takes, with its commit."""
        with self._bench.connect("bulk") as connection:
            for table in TABLES:
                connection.execute(f"TRUNCATE copied.{table} CASCADE")
        begun = time.monotonic()
        self._psql([f"\\copy copied.{table} FROM {self._file(table)}" for table in TABLES])
        return time.monotonic() - begun

    def _file(self, table: str) -> str:
        return str(self._folder / table)

    def _psql(self, commands: Sequence[str]) -> None:
        options = [part for command in commands for part in ("-c", command)]
        subprocess.run(
            [
                str(postgres.bindir() / "psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1",
                "-h", self._bench.server, "-U", "postgres", "-d", "bulk", *options,
            ],
            check=True, capture_output=True,
        )  # fmt: skip
