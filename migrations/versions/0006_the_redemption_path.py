"""What the redemption path writes, made lean: few transfers undo another."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


INDEX = "ix_transfer_reverses_id"


def upgrade() -> None:
    undoing = text("reverses_id IS NOT NULL")
    op.drop_index(INDEX, table_name="transfer")
    op.create_index(
        INDEX, "transfer", ["reverses_id"], sqlite_where=undoing, postgresql_where=undoing
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="transfer")
    op.create_index(INDEX, "transfer", ["reverses_id"])
