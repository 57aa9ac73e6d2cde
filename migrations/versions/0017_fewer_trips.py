"""The redemption path made lean: references checked once a statement, every insert a function."""

from alembic import op

from merchants.checkout.receipts import REDEMPTION
from merchants.checkout.standing import PLACES
from merchants.checkout.taking import RECENT
from rewards import procedures, referring
from rewards.audit import ENTRY
from rewards.cards.scanned import SCAN
from rewards.ledger import functions

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

REFERENCES = {
    "transfer": {"operation_id": "operation", "debit_id": "account", "credit_id": "account"},
    "lot_entry": {"transfer_id": "transfer", "lot_id": "lot"},
    "redemption": {
        "merchant_id": "merchant",
        "resident_id": "resident",
        "card_id": "card",
        "offer_id": "offer",
        "cashier_id": "staff",
    },
}
KEPT = ("account", "lot", "merchant", "resident", "card", "offer", "staff")
BESIDE = [made.function for made in (SCAN, PLACES, RECENT, REDEMPTION, ENTRY)]
# What earlier versions made, and nothing calls any more.
REPLACED = (
    "ledger_operations(bigint[], text[], text[], text[], text[], text[], timestamptz)",
)


def upgrade() -> None:
    procedures.drop(op, REPLACED)
    procedures.make(op, [*functions.FUNCTIONS, *BESIDE])
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in REFERENCES.items():
        for column, other in columns.items():
            op.drop_constraint(f"fk_{table}_{column}_{other}", table)
        for statement in referring.refers(table, **columns):
            op.execute(statement)
    for table in KEPT:
        for statement in referring.keeps(table):
            op.execute(statement)


def downgrade() -> None:
    procedures.drop(op, [function.signature for function in BESIDE])
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
    for table, columns in REFERENCES.items():
        op.execute(f"DROP FUNCTION {table}_refers() CASCADE")
        for column, other in columns.items():
            op.create_foreign_key(
                f"fk_{table}_{column}_{other}", table, other, [column], ["id"]
            )
