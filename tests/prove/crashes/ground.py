"""Where crashes happen: databases that wait for the disk, each made from a small prepared world."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import wsgi
from rewards import cards, ledger, serving, tokens
from rewards.act import SYSTEM, Act
from rewards.clock import utc_now
from rewards.communities import Programme
from rewards.db import db
from rewards.staff import Staff
from tests import postgres, world
from tests.conftest import make_settings
from tests.merchants import shop

TEMPLATE = "template_crashes"
MEGABYTES = {"sqlite": 16, "postgresql": 160}
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=100")


@dataclass(frozen=True)
class Ground:
    """A folder, on a small disk of its own where that is wanted, and what is in it.

    ``server`` is the folder of the PostgreSQL server, if there is one.
    """

    engine: str
    folder: Path
    server: str | None

    def url(self, name: str) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder}/{name}.sqlite3"
        return postgres.url(self.server, name)

    def copy(self, name: str) -> None:
        """A fresh database of that name, with the small world in it."""
        if self.server is None:
            for end in ("", "-wal", "-shm"):
                Path(self.folder, f"{name}.sqlite3{end}").unlink(missing_ok=True)
            shutil.copy(
                Path(self.folder, f"{TEMPLATE}.sqlite3"), Path(self.folder, f"{name}.sqlite3")
            )
            return
        with postgres.connect(self.server) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")

    @property
    def known(self) -> "Known":
        return Known(**json.loads(Path(self.folder, "known.json").read_text()))


@dataclass(frozen=True)
class Known:
    """What the tills know: a cashier's token, and the codes of the cards."""

    token: str
    codes: list[str]


def can_mount() -> bool:
    """Whether a disk of its own can be had."""
    return os.getuid() == 0 and shutil.which("mount") is not None and _try_mount()


def _try_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "epoints", folder],
            capture_output=True,
            check=False,
        )
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return tried.returncode == 0


@contextmanager
def ground(engine: str, *, small_disk: bool) -> Iterator[Ground]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="epoints-crash-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        if small_disk:
            size = f"size={MEGABYTES[engine]}m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "epoints", folder], check=True)
            stack.callback(subprocess.run, ["umount", "-l", folder], check=True)
        server = None
        if engine == "postgresql":
            server = stack.enter_context(postgres.server(*DURABLE, parent=folder))
        here = Ground(engine, folder, server)
        if server is not None:
            with postgres.connect(server) as connection:
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
        _build(here)
        yield here
        if server is not None:
            postgres.revive(server)


def _build(here: Ground) -> None:
    """A shop with a cashier, and residents with cards and points of several dates."""
    app = wsgi.create_app(make_settings(here.url(TEMPLATE), here.folder))
    with app.app_context():
        serving.migrate()
        act = Act(db.session(), SYSTEM, utc_now())
        made = shop.build(act, points=0)
        codes = [made.card_code]
        codes += [
            cards.issue(act, world.resident(act, i)).code for i in made.world.resident_ids[1:]
        ]
        for number, resident_id in enumerate(made.world.resident_ids):
            _give(act, made.world.programme_id, resident_id, number)
        secret = tokens.issue(act, act.session.get_one(Staff, made.cashier_id)).secret
        db.session.commit()
        db.engine.dispose()
    Path(here.folder, "known.json").write_text(json.dumps({"token": secret, "codes": codes}))


def _give(act: Act, programme_id: int, resident_id: int, number: int) -> None:
    """Many points in lots of several dates; but to the first resident so few that they run out."""
    holder = world.resident(act, resident_id)
    programme = act.session.get_one(Programme, programme_id)
    day: date = act.now.date()
    lots = [(60 if number == 0 else 3_000, day + timedelta(days=30 * i)) for i in range(1, 6)]
    accruals = [
        ledger.Accrual(holder.wallet_id, amount, last, "示例", act.now)
        for amount, last in [*lots, (60 if number == 0 else 100_000, ledger.NEVER)]
    ]

    def work(op: ledger.Operation) -> dict[str, list[int]]:
        return {"transfers": ledger.accrue(op, programme.issuer_account_id, accruals)}

    ledger.once(act, "given", f"resident-{number}", {}, work).result()
