"""Previews of a draft: what it would have given for a past period, and for each resident."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheme_preview",
        sa.Column("id", BigId, nullable=False),
        sa.Column("draft_id", BigId, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'failed', 'superseded')",
            name=op.f("ck_scheme_preview_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'done') = (result IS NOT NULL)",
            name=op.f("ck_scheme_preview_done_with_result"),
        ),
        sa.CheckConstraint("last >= first", name=op.f("ck_scheme_preview_last_after_first")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["scheme_draft.id"], name=op.f("fk_scheme_preview_draft_id_scheme_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_preview")),
    )
    op.create_index(op.f("ix_scheme_preview_draft_id_id"), "scheme_preview", ["draft_id", "id"])
    op.create_table(
        "scheme_preview_line",
        sa.Column("preview_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("was", BigId, nullable=False),
        sa.Column("would", BigId, nullable=False),
        sa.Column("change", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["preview_id"],
            ["scheme_preview.id"],
            name=op.f("fk_scheme_preview_line_preview_id_scheme_preview"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_scheme_preview_line_resident_id_resident"),
        ),
        sa.PrimaryKeyConstraint(
            "preview_id", "resident_id", name=op.f("pk_scheme_preview_line")
        ),
    )
    op.create_index(
        op.f("ix_scheme_preview_line_preview_id_change"),
        "scheme_preview_line",
        ["preview_id", "change"],
    )


def downgrade() -> None:
    op.drop_table("scheme_preview_line")
    op.drop_table("scheme_preview")
