"""The short path's functions look rows up in tables that were small when they were planned."""

from alembic import op

from merchants.checkout.receipts import REDEMPTION
from merchants.checkout.standing import PLACES
from merchants.checkout.taking import RECENT
from rewards import procedures
from rewards.audit import ENTRY
from rewards.cards.scanned import SCAN
from rewards.ledger import functions

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BESIDE = [made.function for made in (SCAN, PLACES, RECENT, REDEMPTION, ENTRY)]


def upgrade() -> None:
    procedures.make(op, [*functions.FUNCTIONS, *BESIDE])


def downgrade() -> None:
    """Nothing: the functions do what they did, by better plans."""
