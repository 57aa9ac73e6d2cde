"""An award that found the wallet full: it stands, and moved nothing."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("award") as batch:
        batch.alter_column("transfer_id", existing_type=BigId, nullable=True)
        batch.create_check_constraint(
            op.f("ck_award_moved_if_any"), sa.text("(points > 0) = (transfer_id IS NOT NULL)")
        )


def downgrade() -> None:
    with op.batch_alter_table("award") as batch:
        batch.drop_constraint(op.f("ck_award_moved_if_any"), type_="check")
        batch.alter_column("transfer_id", existing_type=BigId, nullable=False)
