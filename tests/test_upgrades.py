"""A database that is in use is upgraded with all that stands in it."""

import itertools
import json
from datetime import UTC, datetime

import flask_migrate
import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

import wsgi
from rewards.schemes.checking import problems
from rewards.schemes.document import parse
from rewards.schemes.evaluate import Engine
from rewards.schemes.facts import Deed, Kind
from rewards.schemes.scheme import Scheme
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


_numbers = itertools.count(1)


@pytest.fixture
def url(database_kind: str, request: pytest.FixtureRequest, tmp_path) -> str:
    """An empty database."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path}/old.sqlite3"
    folder = request.getfixturevalue("postgres_folder")
    with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
        name = f"upgraded_{next(_numbers)}"
        connection.execute(f"CREATE DATABASE {name}")
    return postgres.url(folder, name)


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
        flask_migrate.upgrade(revision="0003")
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


# Rates that changed once, and what came by them: an event with a rule of its own, a gift of
# money and one of goods, a suggestion, a wallet that was full, and an award taken back.
IN_USE = """
INSERT INTO account (id, programme_id, kind, name) VALUES (1, 1, 'issuer', '甲'),
    (2, 1, 'expired', '甲'), (3, 1, 'wallet', '示例居民'), (4, 1, 'wallet', '示例居民');
INSERT INTO programme (id, name_zh, name_en, timezone, helpline, issuer_account_id,
    expired_account_id) VALUES (1, '甲', 'A', 'Asia/Shanghai', '', 1, 2);
INSERT INTO community (id, programme_id, slug, name_zh, name_en) VALUES (1, 1, 'a', '甲', 'A');
INSERT INTO resident (id, community_id, wallet_id, name, building, note, registered_at,
    wrong_tries, epoch) VALUES (1, 1, 3, '示例居民', '', '', '2020-01-01 00:00:00', 0, 1),
    (2, 1, 4, '示例居民', '', '', '2020-01-01 00:00:00', 0, 1);
INSERT INTO rates (id, programme_id, effective_from, points_per_hour, hours_cap, points_per_yuan,
    donation_cap, points_per_suggestion, suggestions_cap, expiry, grace_days, wallet_limit,
    when_full, set_by)
VALUES (5, 1, '2020-01-01 00:00:00', 10, 4, 1, 500, 20, 3,
        '{"kind": "months", "months": 12, "to_month_end": true}', 7, 100, 'refuse', 'staff:1'),
    (6, 1, '2026-01-01 00:00:00', 20, 0, 2, 0, 0, 0, '{"kind": "never"}', 0, NULL, 'trim',
        'staff:1');
INSERT INTO event (id, community_id, title, description, service, place, starts_at, ends_at,
    status, points_per_hour, hours_cap, bonus, rounds, created_by, created_at)
VALUES (1, 1, '甲', '', 'elders', '甲', '2025-05-31 17:00:00', '2025-05-31 19:00:00',
        'published', 10, 4, 0, 1, 'staff:1', '2025-05-01 00:00:00'),
    (2, 1, '乙', '', 'safety', '甲', '2025-06-01 01:00:00', '2025-06-01 03:00:00',
        'published', 15, 2, 5, 1, 'staff:1', '2025-05-01 00:00:00'),
    (3, 1, '丙', '', 'safety', '甲', '2026-06-01 01:00:00', '2026-06-01 03:00:00',
        'draft', 0, 0, 8, 0, 'staff:1', '2025-05-01 00:00:00');
INSERT INTO attendance (id, event_id, resident_id, in_way, in_at)
VALUES (7, 1, 1, 'scanned', '2025-05-31 17:00:00'),
    (8, 2, 1, 'scanned', '2025-06-01 01:00:00'),
    (9, 2, 2, 'scanned', '2025-06-01 01:00:00');
INSERT INTO staff (id, username, name, password_hash, active, epoch, wrong_tries)
VALUES (1, 'a', '甲', '', true, 1, 0);
INSERT INTO cause (id, community_id, title, description, active, added_at)
VALUES (1, 1, '甲', '', true, '2020-01-01 00:00:00');
INSERT INTO donation (id, reference, community_id, cause_id, resident_id, kind, amount_fen, goods,
    status, rates_id, given_at, recorded_by_id, ended_because, language, refunded_fen,
    withdrawn_fen, reinstated_fen)
VALUES (1, 'a', 1, 1, 1, 'cash', 5050, '', 'attested', 5, '2025-06-02 00:00:00', 1, '',
        'zh', 0, 0, 0),
    (2, 'b', 1, 1, 1, 'goods', 1000, '米', 'attested', 5, '2025-06-03 00:00:00', 1, '',
        'zh', 0, 0, 0);
INSERT INTO award (id, resident_id, source, source_id, points, because, rates_id, transfer_id,
    awarded_at, reversed_at, owed)
VALUES (1, 1, 'attendance', 7, 20, '{"way": "hours", "minutes": 120, "counted": 120, "bonus": 0}',
        5, 11, '2025-06-04 00:00:00', NULL, 0),
    (2, 1, 'attendance', 8, 30,
        '{"way": "hours", "counted": 120, "bonus": 5, "trimmed": 5, "wallet_limit": 100}', 5, 12,
        '2025-06-04 00:00:00', NULL, 0),
    (3, 2, 'attendance', 9, 35, '{"way": "hours", "counted": 120, "bonus": 5}', 5, 13,
        '2025-06-04 00:00:00', '2025-06-05 00:00:00', 0),
    (4, 1, 'donation', 1, 50, '{"way": "donation", "fen": 5050}', 5, 14,
        '2025-06-04 00:00:00', NULL, 0),
    (5, 1, 'donation', 2, 10, '{"way": "donation", "fen": 1000}', 5, 15,
        '2025-06-04 00:00:00', NULL, 0),
    (6, 1, 'suggestion', 1, 20, '{"way": "suggestion", "points": 20}', 5, 16,
        '2025-06-30 16:30:00', NULL, 0)
"""

LINES = [
    (1, "hours", "hours", 1, "2025-06-01", 20, 120),
    (2, "own-15-2-5-hours", "hours", 2, "2025-06-01", 30, 120),
    (2, "own-15-2-5-event", "event", 2, "2025-06-01", 5, 1),
    (4, "money", "money", None, "2025-06-02", 50, 5050),
    (5, "goods", "goods", None, "2025-06-03", 10, 1000),
    (6, "suggestion", "suggestion", None, "2025-07-01", 20, 1),
]


def test_rates_become_versions_that_pay_what_they_paid(url: str, tmp_path) -> None:
    app = wsgi.create_app(make_settings(url, tmp_path))
    engine = create_engine(url)
    with app.app_context():
        flask_migrate.upgrade(revision="0008")
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TIME ZONE 'UTC'"))
            for statement in IN_USE.split(";\n"):
                connection.exec_driver_sql(statement)
        flask_migrate.upgrade(revision="0010")
        wsgi.db.engine.dispose()

    def rows(query: str) -> list[tuple]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    first, second = rows(
        "SELECT id, number, submitted_by, approved_by, CAST(document AS TEXT) "
        "FROM scheme_version ORDER BY id"
    )
    assert (first[:4], second[:4]) == (
        (5, 1, "staff:1", "system"),
        (6, 2, "staff:1", "system"),
    )
    before, after = (parse(json.loads(version[4])) for version in (first, second))
    assert problems(before) == problems(after) == []
    assert (before.wallet.grace_days, before.wallet.limit, before.wallet.when_full) == (
        7, 100, "refuse",
    )  # fmt: skip
    # The bonus and the capped hours of the event's own rule; then that of the usual ones.
    assert paid(before, grade="own-15-2-5", minutes=180) == 35
    assert (paid(before, minutes=300), paid(after, minutes=300)) == (40, 100)
    assert paid(after, grade="own-0-0-8", minutes=300) == 8
    assert rows("SELECT id, grade FROM event ORDER BY id") == [
        (1, None), (2, "own-15-2-5"), (3, "own-0-0-8"),
    ]  # fmt: skip
    assert rows("SELECT DISTINCT scheme_id FROM award UNION SELECT scheme_id FROM donation") == [
        (5,)
    ]
    lines = rows(
        "SELECT award_id, rule, source, event_id, CAST(day AS TEXT), points, quantity "
        "FROM award_line ORDER BY id"
    )
    assert lines == LINES
    assert rows("SELECT DISTINCT household, CAST(tags AS TEXT) FROM resident") == [("", "[]")]
    with engine.connect() as connection, pytest.raises(DBAPIError, match="never changed"):
        connection.execute(text("UPDATE award_line SET points = 1"))
    engine.dispose()


# What an award that was taken back left as owed, as it was written before there were deductions.
OWING = """
INSERT INTO operation (id, scope, key, fingerprint, actor, recorded_at)
VALUES (1, 'reversal', 'k', 'f', 'staff:1', '2025-06-05 00:00:00'),
    (2, 'deduction', 'k', 'f', 'staff:1', '2026-06-05 00:00:00');
INSERT INTO owed (id, operation_id, account_id, transfer_id, amount, reason)
VALUES (1, 1, 4, 13, 12, '误扫')
"""

STANDING = "SELECT id, points, transfer_id, scheme_id, reversed_at IS NULL FROM award ORDER BY id"


def test_awards_and_what_is_owed_for_them_outlive_the_coming_of_deductions(
    url: str, tmp_path
) -> None:
    app = wsgi.create_app(make_settings(url, tmp_path))
    engine = create_engine(url)

    def rows(query: str) -> list[tuple]:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def write(*statements: str) -> None:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TIME ZONE 'UTC'"))
            for statement in statements:
                connection.exec_driver_sql(statement)
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT setval('account_id_seq', 4)"))

    with app.app_context():
        flask_migrate.upgrade(revision="0008")
        write(*IN_USE.split(";\n"), *OWING.split(";\n"))
        flask_migrate.upgrade(revision="0012")
        before = rows(STANDING)
        flask_migrate.upgrade(revision="0013")
        assert rows(STANDING) == before and len(before) == 6
        flask_migrate.upgrade()
        wsgi.db.engine.dispose()
    assert rows(STANDING) == before
    kept = (1, 1, 4, 13, 12, "误扫")
    assert rows("SELECT id, operation_id, account_id, transfer_id, amount, reason FROM owed") == [
        kept
    ]
    # A deduction's debt hangs on no award, and can be let go; neither is ever changed.
    write(
        "INSERT INTO owed (id, operation_id, account_id, amount, reason) VALUES (2, 2, 3, 4, '扣')",
        "INSERT INTO waived (owed_id, operation_id) VALUES (2, 2)",
    )
    for change in (
        "UPDATE owed SET amount = 1",
        "DELETE FROM owed",
        "UPDATE waived SET operation_id = 1",
        "DELETE FROM waived",
    ):
        with pytest.raises(DBAPIError, match="never changed"):
            write(change)
    assert rows("SELECT id, items FROM donation ORDER BY id") == [(1, 0), (2, 0)]
    write(
        "INSERT INTO complaint (id, attendance_id, reason, status, recorded_by_id, recorded_at,"
        " finding, taken, owed, lifted_because)"
        " VALUES (1, 7, '早退', 'recorded', 1, '2026-06-05 00:00:00', '', 0, 0, '')"
    )
    engine.dispose()


COLLECTING = """
INSERT INTO account (id, programme_id, kind, name)
VALUES (1, 1, 'issuer', '甲'), (2, 1, 'expired', '甲');
INSERT INTO programme (id, name_zh, name_en, timezone, helpline, issuer_account_id,
    expired_account_id, scheme_stamp) VALUES (1, '甲', 'A', 'Asia/Shanghai', '', 1, 2, '');
INSERT INTO community (id, programme_id, slug, name_zh, name_en) VALUES (1, 1, 'a', '甲', 'A');
INSERT INTO cause (id, community_id, title, description, active, added_at)
VALUES (4, 1, '助学', '', true, '2020-01-01 00:00:00'),
    (5, 1, '暖冬', '', false, '2020-01-01 00:00:00')
"""


def test_causes_get_an_account_for_points(url: str, tmp_path) -> None:
    app = wsgi.create_app(make_settings(url, tmp_path))
    engine = create_engine(url)
    with app.app_context():
        flask_migrate.upgrade(revision="0018")
        with engine.begin() as connection:
            for statement in COLLECTING.split(";\n"):
                connection.exec_driver_sql(statement)
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT setval('account_id_seq', 2)"))
        flask_migrate.upgrade(revision="0019")
        wsgi.db.engine.dispose()
    query = text(
        "SELECT c.id, a.kind, a.programme_id, a.name FROM cause c "
        "JOIN account a ON a.id = c.account_id ORDER BY c.id"
    )
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(query)] == [
            (4, "cause", 1, "助学"), (5, "cause", 1, "暖冬"),
        ]  # fmt: skip
    engine.dispose()


def paid(scheme: Scheme, *, minutes: int, grade: str | None = None) -> int:
    """What so much service at an event brings."""
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    deed = Deed(Kind.SERVICE, 1, moment, "Asia/Shanghai", minutes=minutes, event_id=1, grade=grade)
    engine = Engine(scheme)
    return engine.evaluate(deed, engine.tally()).points


def test_there_is_a_way_back_or_a_sentence_that_says_why_not(url: str, tmp_path) -> None:
    app = wsgi.create_app(make_settings(url, tmp_path))
    with app.app_context():
        flask_migrate.upgrade()
        flask_migrate.downgrade(revision="0010")
        with pytest.raises(SystemExit):
            flask_migrate.downgrade(revision="0008")
        flask_migrate.upgrade()
        wsgi.db.engine.dispose()
