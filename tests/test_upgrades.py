"""A database that is in use is upgraded with all that stands in it."""

import flask_migrate
import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

import wsgi
from tests import postgres
from tests.conftest import make_settings

FILLED = """
INSERT INTO account (id, programme_id, kind, name)
VALUES (1, 1, 'issuer', '甲'), (2, 2, 'issuer', '乙');
INSERT INTO programme (id, name_zh, name_en, timezone, helpline, issuer_account_id)
VALUES (1, '甲', 'A', 'Asia/Shanghai', '', 1), (2, '乙', 'B', 'Asia/Shanghai', '', 2);
INSERT INTO rates (id, programme_id, effective_from, points_per_hour, hours_cap, points_per_yuan,
    donation_cap, points_per_suggestion, suggestions_cap, expiry_months, set_by)
VALUES (1, 1, '2020-01-01', 1, 0, 1, 0, 1, 0, 12, 'system'),
    (2, 1, '2021-01-01', 1, 0, 1, 0, 1, 0, NULL, 'system'),
    (3, 2, '2021-01-01', 1, 0, 1, 0, 1, 0, 12, 'system')
"""


@pytest.fixture
def url(database_kind: str, request: pytest.FixtureRequest, tmp_path) -> str:
    """An empty database."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path}/old.sqlite3"
    folder = request.getfixturevalue("postgres_folder")
    with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE upgraded")
    return postgres.url(folder, "upgraded")


def test_months_become_policies_and_programmes_get_their_account(url: str, tmp_path) -> None:
    app = wsgi.create_app(make_settings(url, tmp_path))
    engine = create_engine(url)
    with app.app_context():
        flask_migrate.upgrade(revision="0002")
        with engine.begin() as connection:
            for statement in FILLED.split(";\n"):
                connection.execute(text(statement))
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT setval('account_id_seq', 2)"))
        flask_migrate.upgrade()
        wsgi.db.engine.dispose()
    with engine.connect() as connection:
        kinds = connection.execute(
            text("SELECT p.id, a.kind, a.programme_id, a.name FROM programme p "
                 "JOIN account a ON a.id = p.expired_account_id ORDER BY p.id")
        )  # fmt: skip
        assert [tuple(row) for row in kinds] == [(1, "expired", 1, "甲"), (2, "expired", 2, "乙")]
        policies = connection.execute(
            text("SELECT CAST(expiry AS TEXT), grace_days, wallet_limit, when_full "
                 "FROM rates ORDER BY id")
        )  # fmt: skip
        months = '{"kind": "months", "months": 12, "to_month_end": true}'
        assert [tuple(row) for row in policies] == [
            (months, 0, None, "trim"),
            ('{"kind": "never"}', 0, None, "trim"),
            (months, 0, None, "trim"),
        ]
    with engine.connect() as connection, pytest.raises(DBAPIError, match="never changed"):
        connection.execute(text("UPDATE rates SET grace_days = 1"))
    engine.dispose()
