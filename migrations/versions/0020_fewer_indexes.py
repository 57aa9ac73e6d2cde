"""What a redemption writes, made lean: indexes that no query takes go, others keep fewer rows."""

from alembic import op
from sqlalchemy import text

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNUSED = {"transfer": "operation_id", "lot_entry": "lot_id", "audit_entry": "actor"}
VOID = "uq_redemption_void_transfer_id"
PROGRAMME = "ix_audit_entry_programme_id_id"
# SQLite's table is copied as it is; those that it refers to needn't be looked at.
ALONE = {"resolve_fks": False}


def upgrade() -> None:
    for table, column in UNUSED.items():
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    with op.batch_alter_table("redemption", reflect_kwargs=ALONE) as batch:
        batch.drop_constraint(VOID, type_="unique")
    voided = text("void_transfer_id IS NOT NULL")
    op.create_index(
        VOID,
        "redemption",
        ["void_transfer_id"],
        unique=True,
        sqlite_where=voided,
        postgresql_where=voided,
    )
    whole = text("community_id IS NULL")
    op.drop_index(PROGRAMME, table_name="audit_entry")
    op.create_index(
        PROGRAMME,
        "audit_entry",
        ["programme_id", "id"],
        sqlite_where=whole,
        postgresql_where=whole,
    )


def downgrade() -> None:
    op.drop_index(PROGRAMME, table_name="audit_entry")
    op.create_index(PROGRAMME, "audit_entry", ["programme_id", "id"])
    op.drop_index(VOID, table_name="redemption")
    with op.batch_alter_table("redemption", reflect_kwargs=ALONE) as batch:
        batch.create_unique_constraint(VOID, ["void_transfer_id"])
    for table, column in UNUSED.items():
        op.create_index(f"ix_{table}_{column}", table, [column])
