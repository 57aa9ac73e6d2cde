"""Rates become versions of a scheme, which say as data what they were by their columns.

An event that had a rule of its own has a grade instead, which its version pays for as that rule
did. Awards keep what was recorded with them, and get the lines that caps count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime()
rates = sa.table(
    "rates",
    *map(sa.column, ("id", "programme_id", "points_per_hour", "hours_cap", "points_per_yuan")),
    *map(sa.column, ("donation_cap", "points_per_suggestion", "suggestions_cap", "grace_days")),
    *map(sa.column, ("wallet_limit", "when_full", "set_by")),
    sa.column("effective_from", MOMENT),
    sa.column("expiry", sa.JSON),
)
version = sa.table(
    "scheme_version",
    *map(sa.column, ("id", "programme_id", "number", "note")),
    *map(sa.column, ("drafted_by", "submitted_by", "approved_by")),
    sa.column("document", sa.JSON),
    sa.column("effective_from", MOMENT),
    sa.column("approved_at", MOMENT),
)
programme = sa.table("programme", sa.column("id"), sa.column("timezone"))
community = sa.table("community", sa.column("id"), sa.column("programme_id"))
resident = sa.table("resident", sa.column("id"), sa.column("community_id"))
event = sa.table(
    "event",
    *map(sa.column, ("id", "community_id", "points_per_hour", "hours_cap", "bonus", "grade")),
    sa.column("starts_at", MOMENT),
)
attendance = sa.table("attendance", sa.column("id"), sa.column("event_id"))
donation = sa.table(
    "donation", sa.column("id"), sa.column("kind"), sa.column("given_at", MOMENT)
)
award = sa.table(
    "award",
    *map(sa.column, ("id", "resident_id", "source", "source_id", "points")),
    sa.column("because", sa.JSON),
    sa.column("awarded_at", MOMENT),
    sa.column("reversed_at", MOMENT),
)
award_line = sa.table(
    "award_line",
    *map(sa.column, ("award_id", "rule", "source", "resident_id", "household", "event_id")),
    sa.column("day", sa.Date),
    *map(sa.column, ("points", "quantity")),
)

# A rule that an event had of its own: points an hour, most hours, and points for taking part.
Own = tuple[int, int, int]
# So many of them a version has room for.
MOST_OWN = 60
BATCH = 2_000

NAME = {"zh": "简单积分规则", "en": "Simple rules"}
# What events and suggestions could be about until now.
CLASSES = {
    "environment": ("环境", "Environment"),
    "elders": ("助老", "Help for older people"),
    "culture": ("文化", "Culture"),
    "safety": ("安全", "Safety"),
    "education": ("教育", "Education"),
    "facilities": ("设施", "Facilities"),
    "service": ("服务", "Services"),
    "other": ("其他", "Other"),
}


def upgrade() -> None:
    _make_tables()
    _describe_residents_and_events()
    own = _own_rules()
    _write_rates_as_versions(own)
    _grade_events(own)
    _write_lines()
    _point_to_versions("award")
    _point_to_versions("donation")
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(op.f("ck_event_rule_not_negative"), type_="check")
        for name in ("points_per_hour", "hours_cap", "bonus"):
            batch.drop_column(name)
    op.drop_table("rates")


def _make_tables() -> None:
    op.create_table(
        "scheme_version",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("effective_from", UtcDateTime(), nullable=False),
        sa.Column("drafted_by", sa.String(length=40), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "approved_by <> submitted_by OR approved_by = 'system'",
            name=op.f("ck_scheme_version_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_scheme_version_programme_id_programme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_version")),
        sa.UniqueConstraint(
            "programme_id", "number", name=op.f("uq_scheme_version_programme_id_number")
        ),
    )
    op.create_index(
        op.f("ix_scheme_version_programme_id_effective_from"),
        "scheme_version",
        ["programme_id", "effective_from"],
    )
    op.create_table(
        "scheme_withdrawal",
        sa.Column("version_id", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_scheme_withdrawal_reason_given")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["scheme_version.id"],
            name=op.f("fk_scheme_withdrawal_version_id_scheme_version"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_scheme_withdrawal")),
    )
    freeze(op, "scheme_withdrawal")
    op.create_table(
        "scheme_draft",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("based_on_id", BigId, nullable=True),
        sa.Column("drafted_by", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=40), nullable=True),
        sa.Column("returned_because", sa.String(length=200), nullable=True),
        sa.Column("version_id", BigId, nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'approved', 'discarded')",
            name=op.f("ck_scheme_draft_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'approved') = (version_id IS NOT NULL)",
            name=op.f("ck_scheme_draft_approved_is"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('submitted', 'approved') OR "
            "(effective_on IS NOT NULL AND submitted_by IS NOT NULL)",
            name=op.f("ck_scheme_draft_submitted_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_scheme_draft_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["based_on_id"],
            ["scheme_version.id"],
            name=op.f("fk_scheme_draft_based_on_id_scheme_version"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["scheme_version.id"],
            name=op.f("fk_scheme_draft_version_id_scheme_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_draft")),
        sa.UniqueConstraint("version_id", name=op.f("uq_scheme_draft_version_id")),
    )
    op.create_index(op.f("ix_scheme_draft_programme_id_id"), "scheme_draft", ["programme_id", "id"])

    op.create_table(
        "award_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("award_id", BigId, nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("household", sa.String(length=80), nullable=False),
        sa.Column("event_id", BigId, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", BigId, nullable=False),
        sa.Column("quantity", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_award_line_award_id_award")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_award_line_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_line")),
    )
    op.create_index(op.f("ix_award_line_award_id"), "award_line", ["award_id"])
    op.create_index(op.f("ix_award_line_resident_id_day"), "award_line", ["resident_id", "day"])
    op.create_index(
        "ix_award_line_household_day",
        "award_line",
        ["household", "day"],
        sqlite_where=sa.text("household <> ''"),
        postgresql_where=sa.text("household <> ''"),
    )


def _describe_residents_and_events() -> None:
    with op.batch_alter_table("resident") as batch:
        batch.add_column(
            sa.Column("household", sa.String(length=60), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("resident") as batch:
        batch.alter_column("household", existing_type=sa.String(length=60), server_default=None)
        batch.alter_column("tags", existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table("event") as batch:
        batch.alter_column(
            "service", existing_type=sa.String(length=20), type_=sa.String(length=40)
        )
        batch.add_column(sa.Column("grade", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("level", sa.String(length=40), nullable=True))


def _own_rules() -> dict[int, Counter[Own]]:
    """How many events have which rule of their own, by the rates in force when they begin."""
    connection = op.get_bind()
    by_programme: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(rates).order_by(rates.c.effective_from, rates.c.id)):
        by_programme[row.programme_id].append(row)
    found: dict[int, Counter[Own]] = defaultdict(Counter)
    for held in connection.execute(_events()):
        began = [r for r in by_programme[held.programme_id] if r.effective_from <= held.starts_at]
        own = held.points_per_hour, held.hours_cap, held.bonus
        if began and own != (began[-1].points_per_hour, began[-1].hours_cap, 0):
            found[began[-1].id][own] += 1
    return {number: Counter(dict(own.most_common(MOST_OWN))) for number, own in found.items()}


def _events() -> sa.Select[Any]:
    of_community = event.c.community_id == community.c.id
    return sa.select(event, community.c.programme_id).join(community, of_community)


def _grade_events(own: dict[int, Counter[Own]]) -> None:
    """Give the events with a rule of their own the grade that is paid by it."""
    for points, most, bonus in {rule for rules in own.values() for rule in rules}:
        op.execute(
            event.update()
            .where(
                event.c.points_per_hour == points,
                event.c.hours_cap == most,
                event.c.bonus == bonus,
            )
            .values(grade=_grade((points, most, bonus)))
        )


def _point_to_versions(table: str) -> None:
    # The tables that it refers to needn't be read; one has an index that can't be.
    alone = {"resolve_fks": False}
    with op.batch_alter_table(table, reflect_kwargs=alone) as batch:
        batch.drop_constraint(op.f(f"fk_{table}_rates_id_rates"), type_="foreignkey")
        batch.alter_column("rates_id", existing_type=BigId, new_column_name="scheme_id")
    with op.batch_alter_table(table, reflect_kwargs=alone) as batch:
        batch.create_foreign_key(
            op.f(f"fk_{table}_scheme_id_scheme_version"), "scheme_version", ["scheme_id"], ["id"]
        )


def _write_lines() -> None:
    """What each award that stands was given for, as the rules of its version say it."""
    connection = op.get_bind()
    last = 0
    for _ in count():
        rows = connection.execute(_awards().where(award.c.id > last).limit(BATCH)).all()
        if not rows:
            break
        last = rows[-1].id
        lines = [line for row in rows for line in _lines(row)]
        if lines:
            connection.execute(award_line.insert(), lines)
    freeze(op, "award_line")


def _awards() -> sa.Select[Any]:
    served = sa.and_(award.c.source == "attendance", attendance.c.id == award.c.source_id)
    gave = sa.and_(award.c.source == "donation", donation.c.id == award.c.source_id)
    return (
        sa.select(
            award,
            programme.c.timezone,
            event.c.id.label("event_id"),
            event.c.grade,
            event.c.starts_at,
            donation.c.kind,
            donation.c.given_at,
        )
        .join(resident, resident.c.id == award.c.resident_id)
        .join(community, community.c.id == resident.c.community_id)
        .join(programme, programme.c.id == community.c.programme_id)
        .outerjoin(attendance, served)
        .outerjoin(event, event.c.id == attendance.c.event_id)
        .outerjoin(donation, gave)
        .where(award.c.reversed_at.is_(None))
        .order_by(award.c.id)
    )


def _lines(row: Any) -> Iterator[dict[str, Any]]:
    """An award's lines: the hours and the bonus for taking part, or the one for all else."""
    facts = row.because
    points = row.points + facts.get("trimmed", 0)
    if row.source == "attendance":
        bonus = facts.get("bonus", 0)
        own = f"{row.grade}-" if row.grade else ""
        moment = row.starts_at or row.awarded_at
        hours = _line(row, f"{own}hours", "hours", points - bonus, moment)
        yield hours | {"quantity": facts.get("counted", 0)}
        if bonus:
            yield _line(row, f"{own}event", "event", bonus, moment)
    elif row.source == "donation":
        source = "goods" if row.kind == "goods" else "money"
        gift = _line(row, source, source, points, row.given_at or row.awarded_at)
        yield gift | {"quantity": facts.get("fen", 0)}
    elif row.source == "suggestion":
        yield _line(row, "suggestion", "suggestion", points, row.awarded_at)


def _line(row: Any, rule: str, source: str, points: int, moment: datetime) -> dict[str, Any]:
    return {
        "award_id": row.id,
        "rule": rule,
        "source": source,
        "resident_id": row.resident_id,
        "household": "",
        "event_id": row.event_id,
        "day": moment.astimezone(ZoneInfo(row.timezone)).date(),
        "points": points,
        "quantity": 1,
    }


def _write_rates_as_versions(own: dict[int, Counter[Own]]) -> None:
    """Each of them as the version of the same id, so that awards still name what they came by."""
    connection = op.get_bind()
    numbers: dict[int, int] = {}
    for row in connection.execute(sa.select(rates).order_by(rates.c.id)).all():
        numbers[row.programme_id] = numbers.get(row.programme_id, 0) + 1
        connection.execute(
            version.insert().values(
                id=row.id,
                programme_id=row.programme_id,
                number=numbers[row.programme_id],
                document=_document(row, sorted(own.get(row.id, ()))),
                effective_from=row.effective_from,
                drafted_by=row.set_by,
                submitted_by=row.set_by,
                approved_by="system",
                approved_at=row.effective_from,
                note=NAME["zh"],
            )
        )
    if connection.dialect.name == "postgresql" and numbers:
        op.execute("SELECT setval('scheme_version_id_seq', (SELECT max(id) FROM scheme_version))")
    freeze(op, "scheme_version")


def _document(row: Any, own: list[Own]) -> dict[str, Any]:
    """What the rates say, as the rules of a scheme; those of single events come first."""
    rules = [rule for one in own for rule in _own(one)]
    usual = [
        _hours("hours", row.points_per_hour, row.hours_cap),
        _gift("money", ("捐款", "Donations of money"), row),
        _gift("goods", ("捐物", "Donations of goods"), row),
        _suggestion(row),
    ]
    rules += [rule for rule in usual if rule["amount"]["points"]]
    document: dict[str, Any] = {
        "format": "e-points-scheme/1",
        "name": NAME,
        "classes": [{"key": key, "name": _words(*names)} for key, names in CLASSES.items()],
        "rules": rules,
        "wallet": _wallet(row),
    }
    if own:
        document["grades"] = [{"key": _grade(one), "name": _own_name(one)} for one in own]
    return document


def _grade(own: Own) -> str:
    return "own-{}-{}-{}".format(*own)


def _own_name(own: Own) -> dict[str, str]:
    points, most, bonus = own
    zh, en = [f"每小时 {points} 分"], [f"{points} an hour"]
    if most:
        zh, en = [*zh, f"至多 {most} 小时"], [*en, f"at most {most} hours"]
    if bonus:
        zh, en = [*zh, f"另加 {bonus} 分"], [*en, f"and {bonus}"]
    return _words("，".join(zh), ", ".join(en))


def _own(own: Own) -> Iterator[dict[str, Any]]:
    """The rules for the events of one grade."""
    points, most, bonus = own
    grade = _grade(own)
    of_grade = {"when": {"grades": [grade]}}
    yield _hours(f"{grade}-hours", points, most) | of_grade
    if bonus:
        yield {
            "key": f"{grade}-event",
            "name": _words("参加活动", "Taking part"),
            "source": "event",
            "amount": {"points": bonus},
        } | of_grade


def _hours(key: str, points: int, most: int) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "key": key,
        "name": _words("志愿服务", "Volunteering"),
        "source": "hours",
        "amount": {"points": points, "per": "hour"},
    }
    if most:
        rule["caps"] = [{"most": most, "window": "event", "measure": "quantity"}]
    return rule


def _gift(source: str, names: tuple[str, str], row: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "key": source,
        "name": _words(*names),
        "source": source,
        "amount": {"points": row.points_per_yuan, "per": "yuan"},
        "rounding": "down",
    }
    if row.donation_cap:
        rule["caps"] = [{"most": row.donation_cap, "window": "act"}]
    return rule


def _suggestion(row: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "key": "suggestion",
        "name": _words("建言采纳", "Adopted suggestions"),
        "source": "suggestion",
        "amount": {"points": row.points_per_suggestion},
    }
    if row.suggestions_cap:
        most = {"most": row.suggestions_cap, "window": "month", "measure": "times"}
        rule["caps"] = [most]
    return rule


def _wallet(row: Any) -> dict[str, Any]:
    wallet = {"expiry": row.expiry}
    if row.grace_days:
        wallet["grace_days"] = row.grace_days
    if row.wallet_limit is not None:
        wallet |= {"limit": row.wallet_limit, "when_full": row.when_full}
    return wallet


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def downgrade() -> None:
    raise CommandError("schemes say more than the columns of rates could")
