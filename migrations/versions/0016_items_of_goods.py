"""How many items a gift of goods has, which rules may pay for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHECK = "ck_donation_items_of_goods"
# Only this table is looked at, not those that it names.
ALONE = {"resolve_fks": False}


def upgrade() -> None:
    # Of what was given before, nobody counted the items.
    with op.batch_alter_table("donation", reflect_kwargs=ALONE) as batch:
        batch.add_column(sa.Column("items", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("donation", reflect_kwargs=ALONE) as batch:
        batch.alter_column("items", existing_type=sa.Integer(), server_default=None)
        batch.create_check_constraint(op.f(CHECK), "items >= 0 AND (kind = 'goods' OR items = 0)")


def downgrade() -> None:
    with op.batch_alter_table("donation", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")
        batch.drop_column("items")
