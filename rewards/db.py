"""The database: one declarative base, two engines that behave alike."""

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, MetaData, Table, event
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from rewards.turns import Turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives rowids only to a column typed exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")

# Set by the web edge for requests that only read: SQLite then takes no write lock.
reading: ContextVar[bool] = ContextVar("reading", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive one is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every model. Constraint names are fixed, so migrations can name them."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime}
    )


def table(model: type[Base]) -> Table:
    """A model's table, for statements that need nothing of the ORM, and cost less without it."""
    return cast(Table, model.__table__)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def engine_options(database_url: str) -> dict[str, Any]:
    """What SQLAlchemy's engine is made with."""
    # The connection that was used last finds most in the caches, the processors' too.
    shared: dict[str, Any] = {"pool_use_lifo": True}
    if not database_url.startswith("sqlite"):
        return shared
    # A batch's statements differ by its number of rows; all of them are to be kept prepared.
    return {**shared, "connect_args": {"cached_statements": 512}}


def prepare_engine(engine: Engine) -> None:
    """Make SQLite durable, strict about foreign keys, and a queue for its writers.

    The driver's own transaction control is switched off, as SQLAlchemy's documentation
    advises: a transaction that may write begins IMMEDIATE, so that two writers wait for
    one another at the start instead of failing in the middle. They wait in a queue of our
    own (:class:`Turns`), because SQLite's way of waiting is to sleep and try again.
    """
    if engine.dialect.name != "sqlite":
        _prepare_postgresql(engine)
        return
    turns = Turns(_file(engine))

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            # A page that is written again and again is copied into the database once in a while.
            "wal_autocheckpoint=4000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        only_reads = reading.get()
        # What a statement of many rows would need to undo itself went to a file, page by page. A
        # reader may sort a million rows, and leaves them to files.
        store = "DEFAULT" if only_reads else "MEMORY"
        if connection.info.get("store") != store:
            connection.exec_driver_sql(f"PRAGMA temp_store={store}")
            connection.info["store"] = store
        if only_reads:
            connection.exec_driver_sql("BEGIN")
            return
        # Whoever waited in vain asks SQLite all the same, and is told that it is locked.
        # One that has written before and begins anew still has its turn.
        held = connection.info.get("writing", False)
        connection.info["writing"] = held or turns.take(30)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def _checkin(connection: Any, record: Any) -> None:
        """Committed, rolled back or broken: the connection is out of use, so the next may write."""
        if record.info.pop("writing", False):
            turns.give()


def _file(engine: Engine) -> str | None:
    """The file that SQLite's database is; None for one in memory."""
    path = engine.url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return None
    return path


def _prepare_postgresql(engine: Engine) -> None:
    """Plan for a disk without a moving head, and for statements too short to be compiled.

    By its default costs, made for such disks, PostgreSQL reads the whole of a table of some
    thousand rows rather than look ten of them up.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        connection.execute("SET random_page_cost = 1.1")
        connection.execute("SET jit = off")
        # What `rewards.calls` sends is in it.
        connection.execute("SET client_encoding = 'UTF8'")
        # The driver would prepare statements too, and with every rollback drop all that are.
        connection.prepare_threshold = None
        connection.commit()
