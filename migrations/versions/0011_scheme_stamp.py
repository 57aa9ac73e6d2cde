"""A stamp on each programme by which what is known of its schemes is known to be out of date."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stamp = sa.Column("scheme_stamp", sa.String(32), nullable=False, server_default="")
    with op.batch_alter_table("programme") as batch:
        batch.add_column(stamp)
    # The default was for the rows that were there.
    with op.batch_alter_table("programme") as batch:
        batch.alter_column("scheme_stamp", existing_type=sa.String(32), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("programme") as batch:
        batch.drop_column("scheme_stamp")
