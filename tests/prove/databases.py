"""Fresh databases for the proofs, as many as are wanted and from any process."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from rewards.db import prepare_engine
from tests import postgres
from tests.conftest import Database, build_schema

TEMPLATE = "template_epoints"


@dataclass(frozen=True)
class Source:
    """Where databases are made from a template; can be handed to another process."""

    engine: str
    folder: str

    @contextmanager
    def fresh(self, name: str) -> Iterator[Database]:
        """A database of that name with all tables and no rows, dropped at the end."""
        if self.engine == "sqlite":
            path = Path(self.folder, f"{name}.sqlite3")
            shutil.copy(Path(self.folder, f"{TEMPLATE}.sqlite3"), path)
            yield from _opened(f"sqlite:///{path}")
            for file in path.parent.glob(f"{name}.sqlite3*"):
                file.unlink()
            return
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield from _opened(postgres.url(self.folder, name))
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def source(engine: str) -> Iterator[Source]:
    """A place for databases of that kind, with a server of its own if they need one."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="epoints-prove-") as folder:
            build_schema(f"sqlite:///{folder}/{TEMPLATE}.sqlite3")
            yield Source(engine, folder)
        return
    with postgres.server() as folder:
        made = Source(engine, folder)
        made._run(f"CREATE DATABASE {TEMPLATE}")
        build_schema(postgres.url(folder, TEMPLATE))
        yield made


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """That database again, with an engine of this process's own."""
    yield from _opened(url)


def _opened(url: str) -> Iterator[Database]:
    engine = create_engine(url, pool_size=64)
    prepare_engine(engine)
    try:
        yield Database(url, engine)
    finally:
        engine.dispose()
