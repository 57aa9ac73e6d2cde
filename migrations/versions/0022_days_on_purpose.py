"""A shop's redemptions by day: an index only for queries that ask for days.

While there were some hundred redemptions, PostgreSQL took it to look up what a card had just paid
at a shop, for it is smaller than the index made for that, and so read all that the shop was ever
paid. A connection keeps such a plan.
"""

from alembic import op
from sqlalchemy import TextClause, text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INDEX = "ix_redemption_merchant_id_business_day"


def upgrade() -> None:
    _make_anew(text("business_day IS NOT NULL"))


def downgrade() -> None:
    _make_anew(None)


def _make_anew(asked: TextClause | None) -> None:
    """On PostgreSQL; SQLite takes the index of more columns, whatever is in the table."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(INDEX, table_name="redemption")
        op.create_index(
            INDEX, "redemption", ["merchant_id", "business_day"], postgresql_where=asked
        )
