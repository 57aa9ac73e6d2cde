"""Acts recorded in the office, the points taken for some, and complaints about service."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze, thaw

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _debts()
    _recorded()
    _doers()
    _deductions()


def downgrade() -> None:
    for table in ("deduction", "deed_doer", "recorded_deed", "waived"):
        op.drop_table(table)
    thaw(op, "owed")
    with op.batch_alter_table("owed") as batch:
        batch.alter_column("transfer_id", existing_type=BigId, nullable=False)
    freeze(op, "owed")


def _debts() -> None:
    thaw(op, "owed")
    with op.batch_alter_table("owed") as batch:
        batch.alter_column("transfer_id", existing_type=BigId, nullable=True)
    freeze(op, "owed")
    op.create_table(
        "waived",
        sa.Column("owed_id", BigId, autoincrement=False, nullable=False),
        sa.Column("operation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["owed_id"], ["owed.id"], name=op.f("fk_waived_owed_id_owed")),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_waived_operation_id_operation")
        ),
        sa.PrimaryKeyConstraint("owed_id", name=op.f("pk_waived")),
    )
    freeze(op, "waived")


def _recorded() -> None:
    op.create_table(
        "recorded_deed",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=True),
        sa.Column("grade", sa.String(length=40), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("referred_id", BigId, nullable=True),
        sa.Column("deduction", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("recorded_by_id", BigId, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", BigId, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("refused_because", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(kind = 'deduction') = (deduction <> '')",
            name=op.f("ck_recorded_deed_deduction_named"),
        ),
        sa.CheckConstraint(
            "(kind = 'referral') = (referred_id IS NOT NULL)",
            name=op.f("ck_recorded_deed_referred_named"),
        ),
        sa.CheckConstraint(
            "(status = 'recorded') = (decided_by_id IS NULL) AND (status = 'recorded') = (decided_at IS NULL)",
            name=op.f("ck_recorded_deed_decided_whole"),
        ),
        sa.CheckConstraint(
            "(status = 'refused') = (refused_because <> '')",
            name=op.f("ck_recorded_deed_refused_because"),
        ),
        sa.CheckConstraint(
            "kind <> 'team' OR note <> ''", name=op.f("ck_recorded_deed_meeting_noted")
        ),
        sa.CheckConstraint(
            "kind IN ('photo_report', 'referral', 'visit', 'team', 'manual', 'deduction')",
            name=op.f("ck_recorded_deed_kind_known"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_recorded_deed_reason_given")),
        sa.CheckConstraint(
            "status = 'refused' OR decided_by_id IS NULL OR decided_by_id <> recorded_by_id",
            name=op.f("ck_recorded_deed_second_person"),
        ),
        sa.CheckConstraint(
            "status IN ('recorded', 'approved', 'refused')",
            name=op.f("ck_recorded_deed_status_known"),
        ),
        sa.CheckConstraint(
            "minutes >= 0 AND items >= 0", name=op.f("ck_recorded_deed_quantities_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_recorded_deed_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_recorded_deed_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_recorded_deed_recorded_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["referred_id"], ["resident.id"], name=op.f("fk_recorded_deed_referred_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_deed")),
    )
    op.create_index(
        op.f("ix_recorded_deed_community_id_id"),
        "recorded_deed",
        ["community_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_recorded_deed_referred",
        "recorded_deed",
        ["referred_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'refused'"),
        postgresql_where=sa.text("status <> 'refused'"),
    )


def _doers() -> None:
    op.create_table(
        "deed_doer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("deed_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["deed_id"], ["recorded_deed.id"], name=op.f("fk_deed_doer_deed_id_recorded_deed")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_deed_doer_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_doer")),
        sa.UniqueConstraint(
            "deed_id", "resident_id", name=op.f("uq_deed_doer_deed_id_resident_id")
        ),
    )
    op.create_index(op.f("ix_deed_doer_resident_id"), "deed_doer", ["resident_id"], unique=False)


def _deductions() -> None:
    op.create_table(
        "deduction",
        sa.Column("doer_id", BigId, autoincrement=False, nullable=False),
        sa.Column("scheme_id", BigId, nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("points", BigId, nullable=False),
        sa.Column("taken", BigId, nullable=False),
        sa.Column("owed", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=True),
        sa.Column("owed_id", BigId, nullable=True),
        sa.Column("given_back_at", UtcDateTime(), nullable=True),
        sa.Column("given_back_because", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(given_back_at IS NULL) = (given_back_because = '')",
            name=op.f("ck_deduction_given_back"),
        ),
        sa.CheckConstraint(
            "(owed > 0) = (owed_id IS NOT NULL)", name=op.f("ck_deduction_owed_if_any")
        ),
        sa.CheckConstraint(
            "(taken > 0) = (transfer_id IS NOT NULL)", name=op.f("ck_deduction_moved_if_any")
        ),
        sa.CheckConstraint(
            "points > 0 AND taken >= 0 AND owed >= 0", name=op.f("ck_deduction_not_negative")
        ),
        sa.CheckConstraint("taken + owed <= points", name=op.f("ck_deduction_within_points")),
        sa.ForeignKeyConstraint(
            ["doer_id"], ["deed_doer.id"], name=op.f("fk_deduction_doer_id_deed_doer")
        ),
        sa.ForeignKeyConstraint(["owed_id"], ["owed.id"], name=op.f("fk_deduction_owed_id_owed")),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["scheme_version.id"], name=op.f("fk_deduction_scheme_id_scheme_version")
        ),
        sa.PrimaryKeyConstraint("doer_id", name=op.f("pk_deduction")),
        sa.UniqueConstraint("owed_id", name=op.f("uq_deduction_owed_id")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_deduction_transfer_id")),
    )
