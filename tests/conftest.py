"""Real databases for every test: a fresh SQLite file and a fresh PostgreSQL database each."""

import contextvars
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import wsgi
from rewards import credentials, serving
from rewards.act import SYSTEM, Act, Actor
from rewards.db import db, prepare_engine
from rewards.settings import Settings
from tests import postgres, sparing

ENGINES = ("sqlite", "postgresql")
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # a Friday, 09:00 in Beijing

Acting = Callable[..., AbstractContextManager[Act]]


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class IsolatedClient(FlaskClient):
    """Sends each request in a context of its own, as a server would.

    pytest-flask keeps a request context open around the test; requests that shared it would
    share its session, and a forgotten commit would pass.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **kwargs)


@dataclass
class Database:
    """One test's own database."""

    url: str
    engine: Engine


def pytest_collection_finish() -> None:
    sparing.keep()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", action="append", choices=ENGINES, help="only this database")


def pytest_configure(config: pytest.Config) -> None:
    sparing.spare()
    config.addinivalue_line("markers", "one_database: what is tested doesn't depend on which")
    config.addinivalue_line("markers", "postgresql_only: what is tested can't be on SQLite")
    # Whoever takes this module without pytest leaves hypothesis for pytest to load.
    from hypothesis import HealthCheck, settings

    # A machine that is busy with something else proves nothing wrong.
    settings.register_profile(
        "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any-machine")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--engine") or ENGINES
        if metafunc.definition.get_closest_marker("one_database"):
            kinds = kinds[:1]
        if metafunc.definition.get_closest_marker("postgresql_only"):
            kinds = [kind for kind in kinds if kind == "postgresql"]
        metafunc.parametrize("database_kind", kinds, scope="session")


def make_settings(database_url: str, instance: Path) -> Settings:
    """Settings for tests: a database, a folder, and keys that open nothing."""
    return Settings(
        instance=instance,
        database_url=database_url,
        secret_key="a secret for tests only, long enough",
        host="127.0.0.1",
        port=8000,
        public_url="http://localhost",
        stripe_secret_key="sk_test_for_tests",
        stripe_webhook_secret="whsec_for_tests",
    )


def build_schema(url: str) -> None:
    """Make the tables, constraints and triggers in an empty database, as migrated."""
    app = wsgi.create_app(make_settings(url, Path()))
    with app.app_context():
        serving.migrate()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    build_schema(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    with postgres.server() as folder:
        with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE template_epoints")
        build_schema(postgres.url(folder, "template_epoints"))
        yield folder


_numbers = itertools.count(1)


@contextmanager
def _postgres_database(folder: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
        # Page by page through the log, as it copies by default, takes twice the time.
        copied = "STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_epoints {copied}")
        yield postgres.url(folder, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Database]:
    """A fresh database with all tables; the test runs once on each kind."""
    if database_kind == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = tmp_path / "epoints.sqlite3"
        shutil.copy(template, path)
        yield from opened(f"sqlite:///{path}")
        return
    with _postgres_database(request.getfixturevalue("postgres_folder")) as url:
        yield from opened(url)


def opened(url: str) -> Iterator[Database]:
    """The database at that address, until its test is over."""
    engine = create_engine(url)
    prepare_engine(engine)
    try:
        yield Database(url, engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def quick_secrets() -> Iterator[None]:
    """Hash secrets with the least work: what argon2 costs is for guessers to pay, not tests."""
    usual = credentials._hasher
    credentials._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    credentials._hasher = usual


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def acting(database: Database, clock: FakeClock) -> Acting:
    """``with acting() as act:`` opens a session, hands out an act, and commits at the end.

    Keep the blocks short and send no request from inside one: on SQLite a transaction that
    may write holds the only write lock.
    """

    @contextmanager
    def begin(actor: Actor = SYSTEM) -> Iterator[Act]:
        with Session(database.engine) as session:
            yield Act(session, actor, clock())
            session.commit()

    return begin


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    instance = tmp_path / "instance"
    instance.mkdir()
    return make_settings(database.url, instance)


@pytest.fixture
def app(settings: Settings, clock: FakeClock) -> Iterator[Flask]:
    app = wsgi.create_app(settings, clock)
    app.config["TESTING"] = True
    # Each test has an application of its own; compiling its pages anew was half of the time.
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    app.test_client_class = IsolatedClient
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def new_client(app: Flask) -> Callable[[], FlaskClient]:
    """Another browser, with cookies of its own."""
    return app.test_client
