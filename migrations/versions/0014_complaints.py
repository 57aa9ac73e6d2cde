"""Complaints about service at an event, decided by a second person."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STANDS = "status IN ('recorded', 'upheld')"


def upgrade() -> None:
    op.create_table("complaint", *_columns(), *_checks(), *_keys())
    op.create_index(
        op.f("ix_complaint_attendance_id_id"), "complaint", ["attendance_id", "id"], unique=False
    )
    op.create_index(
        "uq_complaint_stands",
        "complaint",
        ["attendance_id"],
        unique=True,
        sqlite_where=sa.text(STANDS),
        postgresql_where=sa.text(STANDS),
    )


def downgrade() -> None:
    op.drop_table("complaint")


def _columns() -> list[sa.Column]:
    return [
        sa.Column("id", BigId, nullable=False),
        sa.Column("attendance_id", BigId, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("recorded_by_id", BigId, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("finding", sa.String(length=200), nullable=False),
        sa.Column("hours_kept", sa.Integer(), nullable=True),
        sa.Column("taken", BigId, nullable=False),
        sa.Column("owed", BigId, nullable=False),
        sa.Column("because", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("lifted_by_id", BigId, nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.Column("lifted_because", sa.String(length=200), nullable=False),
    ]


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "status_known": "status IN ('recorded', 'upheld', 'dismissed', 'lifted')",
        "reason_given": "reason <> ''",
        "second_person": "decided_by_id IS NULL OR decided_by_id <> recorded_by_id",
        "decided_whole": "(status = 'recorded') = (decided_by_id IS NULL) AND "
        "(status = 'recorded') = (decided_at IS NULL) AND "
        "(status = 'recorded') = (finding = '')",
        "upheld_whole": "(status IN ('upheld', 'lifted')) = (hours_kept IS NOT NULL)",
        "share_of_hours": "hours_kept BETWEEN 0 AND 10000",
        "taken_if_upheld": "taken >= 0 AND owed >= 0 AND "
        "(hours_kept IS NOT NULL OR taken + owed = 0)",
        "lifted_whole": "(status = 'lifted') = (lifted_by_id IS NOT NULL) AND "
        "(status = 'lifted') = (lifted_at IS NOT NULL) AND "
        "(status = 'lifted') = (lifted_because <> '')",
        "lifted_by_another": "lifted_by_id IS NULL OR lifted_by_id <> decided_by_id",
    }
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_complaint_{name}")) for name, rule in rules.items()
    ]


def _keys() -> list[sa.Constraint]:
    staff = [
        sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_complaint_{column}_staff"))
        for column in ("recorded_by_id", "decided_by_id", "lifted_by_id")
    ]
    return [
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_complaint_attendance_id_attendance"),
        ),
        *staff,
    ]
