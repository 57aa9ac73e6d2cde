"""Points set aside: holds, the lots they took, and how each ended."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _the_ledgers()
    _the_shops()
    held = sa.text("held > 0")
    op.create_index(
        op.f("ix_balance_held"),
        "balance",
        ["account_id"],
        unique=False,
        sqlite_where=held,
        postgresql_where=held,
    )
    for table in ("hold", "hold_lot", "hold_end", "shop_hold"):
        freeze(op, table)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _the_ledgers() -> None:
    op.create_table(
        "hold",
        sa.Column("id", BigId, nullable=False),
        sa.Column("operation_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("to_id", BigId, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_amount_positive")),
        sa.CheckConstraint("account_id <> to_id", name=op.f("ck_hold_two_accounts")),
        sa.CheckConstraint("until > placed_at", name=op.f("ck_hold_until_later")),
        _key("hold", "operation_id", "operation"),
        _key("hold", "account_id", "account"),
        _key("hold", "to_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_account_id_until"), "hold", ["account_id", "until"])
    op.create_index(op.f("ix_hold_to_id_until"), "hold", ["to_id", "until"])
    op.create_table(
        "hold_lot",
        sa.Column("hold_id", BigId, autoincrement=False, nullable=False),
        sa.Column("lot_id", BigId, autoincrement=False, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_lot_amount_positive")),
        _key("hold_lot", "hold_id", "hold"),
        _key("hold_lot", "lot_id", "lot"),
        sa.PrimaryKeyConstraint("hold_id", "lot_id", name=op.f("pk_hold_lot")),
    )
    op.create_index(op.f("ix_hold_lot_lot_id"), "hold_lot", ["lot_id"])
    op.create_table(
        "hold_end",
        sa.Column("hold_id", BigId, autoincrement=False, nullable=False),
        sa.Column("operation_id", BigId, nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("captured", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('captured', 'released', 'timed_out')",
            name=op.f("ck_hold_end_outcome_known"),
        ),
        sa.CheckConstraint(
            "captured >= 0 AND (outcome = 'captured') = (captured > 0)",
            name=op.f("ck_hold_end_captured_some"),
        ),
        sa.CheckConstraint(
            "(captured > 0) = (transfer_id IS NOT NULL)", name=op.f("ck_hold_end_captured_moved")
        ),
        sa.CheckConstraint(
            "(outcome = 'timed_out') = (operation_id IS NULL)", name=op.f("ck_hold_end_acted_on")
        ),
        _key("hold_end", "hold_id", "hold"),
        _key("hold_end", "operation_id", "operation"),
        _key("hold_end", "transfer_id", "transfer"),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_hold_end")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_hold_end_transfer_id")),
    )


def _the_shops() -> None:
    op.create_table(
        "shop_hold",
        sa.Column("hold_id", BigId, autoincrement=False, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("card_id", BigId, nullable=False),
        sa.Column("cashier_id", BigId, nullable=False),
        _key("shop_hold", "hold_id", "hold"),
        _key("shop_hold", "merchant_id", "merchant"),
        _key("shop_hold", "resident_id", "resident"),
        _key("shop_hold", "card_id", "card"),
        _key("shop_hold", "cashier_id", "staff"),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_shop_hold")),
    )


def downgrade() -> None:
    op.drop_index("ix_balance_held", "balance")
    for table in ("shop_hold", "hold_end", "hold_lot", "hold"):
        op.drop_table(table)
