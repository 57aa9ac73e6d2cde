"""The redemption path's own functions in PostgreSQL."""

from alembic import op

from rewards.ledger import functions

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    functions.make(op)


def downgrade() -> None:
    functions.drop(op)
