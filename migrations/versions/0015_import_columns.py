"""A household and identity tags in each line of a list that is imported."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXTS = ("household", "unknown_tags")


def upgrade() -> None:
    # Lines that wait to be confirmed say nothing of either.
    with op.batch_alter_table("import_line") as batch:
        for name in TEXTS:
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("import_line") as batch:
        for name in TEXTS:
            batch.alter_column(name, existing_type=sa.Text(), server_default=None)
        batch.alter_column("tags", existing_type=sa.JSON(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_line") as batch:
        for name in (*TEXTS, "tags"):
            batch.drop_column(name)
