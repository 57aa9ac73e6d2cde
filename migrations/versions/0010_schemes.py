"""Rates become versions of a scheme, which say as data what they were by their columns."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

rates = sa.table(
    "rates",
    *map(
        sa.column,
        ("id", "programme_id", "points_per_hour", "hours_cap", "points_per_yuan", "donation_cap"),
    ),
    *map(sa.column, ("points_per_suggestion", "suggestions_cap", "grace_days", "wallet_limit")),
    sa.column("effective_from", UtcDateTime()),
    sa.column("expiry", sa.JSON),
    *map(sa.column, ("when_full", "set_by")),
)
version = sa.table(
    "scheme_version",
    *map(sa.column, ("id", "programme_id", "number", "note")),
    *map(sa.column, ("drafted_by", "submitted_by", "approved_by")),
    sa.column("document", sa.JSON),
    sa.column("effective_from", UtcDateTime()),
    sa.column("approved_at", UtcDateTime()),
)

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
    _write_rates_as_versions()


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


def _write_rates_as_versions() -> None:
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
                document=_document(row),
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


def _document(row: Any) -> dict[str, Any]:
    """What the rates say, as the rules of a scheme."""
    rules = [
        _hours(row.points_per_hour, row.hours_cap),
        _gift("money", ("捐款", "Donations of money"), row),
        _gift("goods", ("捐物", "Donations of goods"), row),
        _suggestion(row),
    ]
    return {
        "format": "e-points-scheme/1",
        "name": NAME,
        "classes": [{"key": key, "name": _words(*names)} for key, names in CLASSES.items()],
        "rules": [rule for rule in rules if rule["amount"]["points"]],
        "wallet": _wallet(row),
    }


def _hours(points: int, most: int) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "key": "hours",
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
    raise NotImplementedError("schemes say more than the columns of rates could")
