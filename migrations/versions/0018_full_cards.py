"""What a card would have no room for, in the line that a preview has for each resident."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Only this table is looked at, not those that it names.
ALONE = {"resolve_fks": False}


def upgrade() -> None:
    # Previews from before didn't look at it.
    with op.batch_alter_table("scheme_preview_line", reflect_kwargs=ALONE) as batch:
        batch.add_column(sa.Column("over", BigId, nullable=False, server_default="0"))
    with op.batch_alter_table("scheme_preview_line", reflect_kwargs=ALONE) as batch:
        batch.alter_column("over", existing_type=BigId, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("scheme_preview_line", reflect_kwargs=ALONE) as batch:
        batch.drop_column("over")
