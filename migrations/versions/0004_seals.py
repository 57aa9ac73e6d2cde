"""The sealed log: tiles of its tree, signed checkpoints and the sums they carry."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal_log",
        sa.Column("id", BigId, autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("salt_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_seal_log_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_log")),
    )
    op.create_table(
        "seal_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", BigId, autoincrement=False, nullable=False),
        sa.Column("through_id", BigId, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hashes", sa.LargeBinary(length=8192), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_seal_tile")),
        sa.UniqueConstraint("level", "through_id", name=op.f("uq_seal_tile_level_through_id")),
    )
    op.create_table(
        "seal_checkpoint",
        sa.Column("size", BigId, autoincrement=False, nullable=False),
        sa.Column("through_id", BigId, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_seal_checkpoint")),
        sa.UniqueConstraint("through_id", name=op.f("uq_seal_checkpoint_through_id")),
    )
    op.create_table(
        "sealed_sum",
        sa.Column("account_id", BigId, autoincrement=False, nullable=False),
        sa.Column("through_id", BigId, autoincrement=False, nullable=False),
        sa.Column("total", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sealed_sum_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "through_id", name=op.f("pk_sealed_sum")),
    )
    for table in ("seal_log", "seal_tile", "seal_checkpoint", "sealed_sum"):
        freeze(op, table)


def downgrade() -> None:
    for table in ("sealed_sum", "seal_checkpoint", "seal_tile", "seal_log"):
        op.drop_table(table)
