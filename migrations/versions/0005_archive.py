"""Old months can leave the ledger for an archive file."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze, thaw

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# These outlive the transfers that they refer to, so they become plain numbers.
REFERENCES = (
    ("transfer", "reverses_id"),
    ("reversed", "transfer_id"),
    ("owed", "transfer_id"),
    ("hold_end", "transfer_id"),
    ("award", "transfer_id"),
    ("redemption", "transfer_id"),
    ("redemption", "void_transfer_id"),
)
FROZEN = ("transfer", "owed", "hold_end")


def upgrade() -> None:
    _the_archives()
    _the_verifications()
    for table in (*FROZEN, "lot_entry"):
        thaw(op, table)
    for table, column in REFERENCES:
        with op.batch_alter_table(table, reflect_kwargs={"resolve_fks": False}) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_{column}_transfer"), type_="foreignkey")
    for table in ("owed", "hold_end"):
        freeze(op, table)
    freeze(op, "transfer", archived="id")
    freeze(op, "lot_entry", archived="transfer_id")


def _the_archives() -> None:
    op.create_table(
        "archive",
        sa.Column("id", BigId, nullable=False),
        sa.Column("first_id", BigId, nullable=False),
        sa.Column("last_id", BigId, nullable=False),
        sa.Column("first_leaf", BigId, nullable=False),
        sa.Column("last_leaf", BigId, nullable=False),
        sa.Column("recorded_through", UtcDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "first_id <= last_id AND first_leaf <= last_leaf", name=op.f("ck_archive_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
        *(
            sa.UniqueConstraint(column, name=op.f(f"uq_archive_{column}"))
            for column in ("first_id", "last_id", "first_leaf", "last_leaf", "sha256")
        ),
    )
    _carried("archived_account", "account", sa.Column("transfers", BigId, nullable=False))
    _carried("archived_lot", "lot")
    for table in ("archive", "archived_account", "archived_lot"):
        freeze(op, table)


def _carried(table: str, of: str, *more: sa.Column[int]) -> None:
    checks = [
        sa.CheckConstraint(f"{c.name} > 0", name=op.f(f"ck_{table}_{c.name}_positive"))
        for c in more
    ]
    op.create_table(
        table,
        sa.Column(f"{of}_id", BigId, autoincrement=False, nullable=False),
        sa.Column("archive_id", BigId, autoincrement=False, nullable=False),
        sa.Column("change", BigId, nullable=False),
        *more,
        *checks,
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id_{other}")
            )
            for other in (of, "archive")
        ),
        sa.PrimaryKeyConstraint(f"{of}_id", "archive_id", name=op.f(f"pk_{table}")),
    )


def _the_verifications() -> None:
    op.create_table(
        "verification",
        sa.Column("id", BigId, nullable=False),
        sa.Column("ran_at", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("transfers", BigId, nullable=False),
        sa.Column("drifts", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    freeze(op, "verification")


def downgrade() -> None:
    raise CommandError("transfers in archives can't be referred to as rows")
