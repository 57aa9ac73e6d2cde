"""Do the migrations make exactly what the models say, on both databases?

Both ways are taken on an empty database, and what the database itself says of its tables,
constraints, indexes, triggers and functions is compared word by word.
"""

import re
import sys
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, text

import wsgi
from rewards import serving
from rewards.db import Base, prepare_engine
from rewards.settings import Settings
from tests import postgres

POSTGRESQL_SAYS = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename || '.' || indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""
SQLITE_SAYS = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def says(url: str) -> set[tuple[str, str, str]]:
    """What the database at *url* says of itself, the migrations' own table left out."""
    engine = create_engine(url)
    with engine.connect() as connection:
        query = SQLITE_SAYS if engine.dialect.name == "sqlite" else POSTGRESQL_SAYS
        rows = {(kind, name, _normal(sql)) for kind, name, sql in connection.execute(text(query))}
    engine.dispose()
    return {row for row in rows if "alembic_version" not in row[1]}


def _normal(sql: str) -> str:
    """*sql* without layout; the parts of a CREATE TABLE in the order of their words."""
    flat = re.sub(r"\s+", " ", sql.replace('"', "")).strip()
    table = re.fullmatch(r"(CREATE TABLE \w+) \((.*)\)", flat)
    if table is None:
        return flat
    return f"{table[1]}: " + " | ".join(sorted(p.strip() for p in table[2].split(", ")))


def differences(by_models: str, by_migrations: str, instance: Path) -> list[str]:
    """What one way makes and the other doesn't, as lines to read."""
    environment = {"INSTANCE": str(instance), "DATABASE_URL": by_migrations}
    app = wsgi.create_app(Settings.read(environment, instance))
    engine = create_engine(by_models)
    prepare_engine(engine)
    Base.metadata.create_all(engine)
    engine.dispose()
    with app.app_context():
        serving.migrate()
    wanted, made = says(by_models), says(by_migrations)
    return [
        *(f"only in the models: {row}" for row in sorted(wanted - made)),
        *(f"only in the migrations: {row}" for row in sorted(made - wanted)),
    ]


def main() -> int:
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found += differences(
            f"sqlite:///{folder}/models.sqlite3", f"sqlite:///{folder}/migrations.sqlite3", folder
        )
        with postgres.server() as server:
            with psycopg.connect(f"host={server} user=postgres", autocommit=True) as connection:
                for database in ("models", "migrations"):
                    connection.execute(f"CREATE DATABASE {database}")
            found += differences(
                postgres.url(server, "models"), postgres.url(server, "migrations"), folder
            )
    print("\n".join(found) or "Migrations and models agree on SQLite and PostgreSQL.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
