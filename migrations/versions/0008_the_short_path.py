"""The redemption path's own functions in PostgreSQL, as they are now: 0017 made them anew."""

from alembic import op

from rewards import procedures
from rewards.ledger import functions

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    procedures.make(op, functions.FUNCTIONS)


def downgrade() -> None:
    procedures.drop(op, [f.signature for f in functions.FUNCTIONS])
