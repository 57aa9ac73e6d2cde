"""The first tables, and the triggers that keep what is history as it was written."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_programme_id"), "account", ["programme_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("community_id", BigId, nullable=True),
        sa.Column("programme_id", BigId, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_community_id_id"), "audit_entry", ["community_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_audit_entry_programme_id_id"), "audit_entry", ["programme_id", "id"], unique=False
    )
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_operation_scope_key")),
    )
    op.create_table(
        "staff",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("wait_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_table(
        "balance",
        sa.Column("account_id", BigId, autoincrement=False, nullable=False),
        sa.Column("posted", BigId, nullable=False),
        sa.Column("held", BigId, nullable=False),
        sa.CheckConstraint("posted >= held AND held >= 0", name=op.f("ck_balance_floor")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_balance_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_balance")),
    )
    op.create_table(
        "lot",
        sa.Column("id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("remaining", BigId, nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_lot_remaining_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_lot_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("account_id", "expires_on", name=op.f("uq_lot_account_id_expires_on")),
    )
    op.create_table(
        "programme",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("helpline", sa.String(length=30), nullable=False),
        sa.Column("issuer_account_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer_account_id"],
            ["account.id"],
            name=op.f("fk_programme_issuer_account_id_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("operation_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("debit_id", BigId, nullable=False),
        sa.Column("credit_id", BigId, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.Column("reverses_id", BigId, nullable=True),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount_positive")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["account.id"], name=op.f("fk_transfer_credit_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["debit_id"], ["account.id"], name=op.f("fk_transfer_debit_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_transfer_operation_id_operation")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["transfer.id"], name=op.f("fk_transfer_reverses_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_credit_id_id"), "transfer", ["credit_id", "id"], unique=False)
    op.create_index(op.f("ix_transfer_debit_id_id"), "transfer", ["debit_id", "id"], unique=False)
    op.create_index(op.f("ix_transfer_operation_id"), "transfer", ["operation_id"], unique=False)
    op.create_index(op.f("ix_transfer_reverses_id"), "transfer", ["reverses_id"], unique=False)
    op.create_table(
        "community",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_community_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint(
            "programme_id", "name_zh", name=op.f("uq_community_programme_id_name_zh")
        ),
        sa.UniqueConstraint("slug", name=op.f("uq_community_slug")),
    )
    op.create_index(op.f("ix_community_programme_id"), "community", ["programme_id"], unique=False)
    op.create_table(
        "lot_entry",
        sa.Column("transfer_id", BigId, autoincrement=False, nullable=False),
        sa.Column("lot_id", BigId, autoincrement=False, nullable=False),
        sa.Column("change", BigId, nullable=False),
        sa.CheckConstraint("change <> 0", name=op.f("ck_lot_entry_change_not_zero")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_entry_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_lot_entry_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "lot_id", name=op.f("pk_lot_entry")),
    )
    op.create_index(op.f("ix_lot_entry_lot_id"), "lot_entry", ["lot_id"], unique=False)
    op.create_table(
        "merchant",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("hours", sa.String(length=100), nullable=False),
        sa.Column("points_per_yuan", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "category IN ('dining', 'entertainment', 'education', 'medical')",
            name=op.f("ck_merchant_category_known"),
        ),
        sa.CheckConstraint("points_per_yuan > 0", name=op.f("ck_merchant_rate_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_merchant_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_merchant_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
        sa.UniqueConstraint("account_id", name=op.f("uq_merchant_account_id")),
        sa.UniqueConstraint(
            "programme_id", "name_zh", name=op.f("uq_merchant_programme_id_name_zh")
        ),
    )
    op.create_table(
        "owed",
        sa.Column("id", BigId, nullable=False),
        sa.Column("operation_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_owed_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_owed_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_owed_operation_id_operation")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_owed_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed")),
    )
    op.create_index(op.f("ix_owed_account_id"), "owed", ["account_id"], unique=False)
    op.create_table(
        "rates",
        sa.Column("id", BigId, nullable=False),
        sa.Column("programme_id", BigId, nullable=False),
        sa.Column("effective_from", UtcDateTime(), nullable=False),
        sa.Column("points_per_hour", sa.Integer(), nullable=False),
        sa.Column("hours_cap", sa.Integer(), nullable=False),
        sa.Column("points_per_yuan", sa.Integer(), nullable=False),
        sa.Column("donation_cap", sa.Integer(), nullable=False),
        sa.Column("points_per_suggestion", sa.Integer(), nullable=False),
        sa.Column("suggestions_cap", sa.Integer(), nullable=False),
        sa.Column("expiry_months", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "expiry_months IS NULL OR expiry_months > 0", name=op.f("ck_rates_expiry_positive")
        ),
        sa.CheckConstraint(
            "points_per_hour >= 0 AND hours_cap >= 0 AND points_per_yuan >= 0 AND donation_cap >= 0 AND points_per_suggestion >= 0 AND suggestions_cap >= 0",
            name=op.f("ck_rates_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_rates_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
    )
    op.create_index(op.f("ix_rates_programme_id"), "rates", ["programme_id"], unique=False)
    op.create_table(
        "reversed",
        sa.Column("transfer_id", BigId, autoincrement=False, nullable=False),
        sa.Column("amount", BigId, nullable=False),
        sa.Column("total", BigId, nullable=False),
        sa.CheckConstraint(
            "total > 0 AND total <= amount", name=op.f("ck_reversed_within_original")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_reversed_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_reversed")),
    )
    op.create_table(
        "cause",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_cause_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cause")),
    )
    op.create_index(
        op.f("ix_cause_community_id_active"), "cause", ["community_id", "active"], unique=False
    )
    op.create_table(
        "event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("cancelled_because", sa.String(length=200), nullable=True),
        sa.Column("points_per_hour", sa.Integer(), nullable=False),
        sa.Column("hours_cap", sa.Integer(), nullable=False),
        sa.Column("bonus", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'cancelled')", name=op.f("ck_event_status_known")
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity > 0", name=op.f("ck_event_capacity_positive")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_ends_after_start")),
        sa.CheckConstraint(
            "points_per_hour >= 0 AND hours_cap >= 0 AND bonus >= 0",
            name=op.f("ck_event_rule_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_event_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        op.f("ix_event_community_id_starts_at"),
        "event",
        ["community_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "grant",
        sa.Column("id", BigId, nullable=False),
        sa.Column("staff_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("programme_id", BigId, nullable=True),
        sa.Column("community_id", BigId, nullable=True),
        sa.CheckConstraint(
            "role IN ('administrator', 'organiser')", name=op.f("ck_grant_role_known")
        ),
        sa.CheckConstraint(
            "(programme_id IS NULL) <> (community_id IS NULL)", name=op.f("ck_grant_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_grant_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_grant_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_grant_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
        sa.UniqueConstraint(
            "staff_id", "role", "community_id", name=op.f("uq_grant_staff_id_role_community_id")
        ),
        sa.UniqueConstraint(
            "staff_id", "role", "programme_id", name=op.f("uq_grant_staff_id_role_programme_id")
        ),
    )
    op.create_index(op.f("ix_grant_staff_id"), "grant", ["staff_id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("ignored_columns", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=40), nullable=False),
        sa.Column("uploaded_by_name", sa.String(length=100), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("finished_by_name", sa.String(length=100), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (finished_at IS NULL)",
            name=op.f("ck_import_batch_finished_or_open"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'confirmed', 'discarded')",
            name=op.f("ck_import_batch_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_import_batch_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        op.f("ix_import_batch_community_id_id"),
        "import_batch",
        ["community_id", "id"],
        unique=False,
    )
    op.create_table(
        "merchant_staff",
        sa.Column("id", BigId, nullable=False),
        sa.Column("staff_id", BigId, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "role IN ('cashier', 'owner')", name=op.f("ck_merchant_staff_role_known")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_merchant_staff_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_merchant_staff_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_staff")),
        sa.UniqueConstraint(
            "staff_id", "merchant_id", name=op.f("uq_merchant_staff_staff_id_merchant_id")
        ),
    )
    op.create_index(
        op.f("ix_merchant_staff_merchant_id"), "merchant_staff", ["merchant_id"], unique=False
    )
    op.create_table(
        "offer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("points", BigId, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_offer_points_positive")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_offer_merchant_id_merchant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_merchant_id"), "offer", ["merchant_id"], unique=False)
    op.create_table(
        "resident",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("wallet_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("building", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("pin_hash", sa.String(length=120), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("wait_until", UtcDateTime(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_resident_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["account.id"], name=op.f("fk_resident_wallet_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("wallet_id", name=op.f("uq_resident_wallet_id")),
    )
    op.create_index(
        op.f("ix_resident_community_id_name"), "resident", ["community_id", "name"], unique=False
    )
    op.create_index(
        "uq_resident_phone",
        "resident",
        ["community_id", "phone"],
        unique=True,
        sqlite_where=sa.text("phone IS NOT NULL"),
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", BigId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", BigId, nullable=True),
        sa.Column("resident_id", BigId, nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(staff_id IS NULL) <> (resident_id IS NULL)", name=op.f("ck_api_token_one_holder")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_api_token_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_api_token_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_resident_id"), "api_token", ["resident_id"], unique=False)
    op.create_index(op.f("ix_api_token_staff_id"), "api_token", ["staff_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", BigId, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("in_at", UtcDateTime(), nullable=True),
        sa.Column("in_way", sa.String(length=12), nullable=False),
        sa.Column("out_at", UtcDateTime(), nullable=True),
        sa.Column("out_way", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "(in_way = 'back-filled' AND in_at IS NULL) OR (in_way IN ('scanned', 'typed') AND in_at IS NOT NULL)",
            name=op.f("ck_attendance_in_way_known"),
        ),
        sa.CheckConstraint(
            "(out_way IS NULL AND out_at IS NULL) OR (out_way IN ('scanned', 'typed') AND out_at IS NOT NULL)",
            name=op.f("ck_attendance_out_way_known"),
        ),
        sa.CheckConstraint(
            "out_at IS NULL OR out_at >= in_at", name=op.f("ck_attendance_in_before_out")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_attendance_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_attendance_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "event_id", "resident_id", name=op.f("uq_attendance_event_id_resident_id")
        ),
    )
    op.create_index(op.f("ix_attendance_resident_id"), "attendance", ["resident_id"], unique=False)
    op.create_table(
        "award",
        sa.Column("id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("source_id", BigId, nullable=False),
        sa.Column("points", BigId, nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("rates_id", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=False),
        sa.Column("awarded_at", UtcDateTime(), nullable=False),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("reversal_reason", sa.String(length=200), nullable=True),
        sa.Column("owed", BigId, nullable=False),
        sa.ForeignKeyConstraint(["rates_id"], ["rates.id"], name=op.f("fk_award_rates_id_rates")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_award_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_award_transfer_id_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_award_transfer_id")),
    )
    op.create_index(op.f("ix_award_resident_id_id"), "award", ["resident_id", "id"], unique=False)
    op.create_index(
        "uq_award_source",
        "award",
        ["source", "source_id"],
        unique=True,
        sqlite_where=sa.text("reversed_at IS NULL"),
        postgresql_where=sa.text("reversed_at IS NULL"),
    )
    op.create_table(
        "card",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("printed_at", UtcDateTime(), nullable=True),
        sa.Column("activation_round", sa.Integer(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column("replaced_by_id", BigId, nullable=True),
        sa.CheckConstraint(
            "status IN ('active', 'blocked', 'replaced')", name=op.f("ck_card_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["card.id"], name=op.f("fk_card_replaced_by_id_card")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_card_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("code", name=op.f("uq_card_code")),
    )
    op.create_index(op.f("ix_card_resident_id"), "card", ["resident_id"], unique=False)
    op.create_index(
        "uq_card_active",
        "card",
        ["resident_id"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_table(
        "donation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("cause_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount_fen", BigId, nullable=False),
        sa.Column("goods", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("rates_id", BigId, nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_by_id", BigId, nullable=True),
        sa.Column("attested_by_id", BigId, nullable=True),
        sa.Column("ended_because", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("checkout_session_id", sa.String(length=255), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.String(length=255), nullable=True),
        sa.Column("refunded_fen", BigId, nullable=False),
        sa.Column("withdrawn_fen", BigId, nullable=False),
        sa.Column("reinstated_fen", BigId, nullable=False),
        sa.Column("disputed_at", UtcDateTime(), nullable=True),
        sa.Column("dispute_closed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'card') = (recorded_by_id IS NULL)", name=op.f("ck_donation_desk_recorded")
        ),
        sa.CheckConstraint(
            "(kind = 'goods') = (goods <> '')", name=op.f("ck_donation_goods_named")
        ),
        sa.CheckConstraint(
            "kind = 'card' AND status IN ('started', 'paid', 'held', 'failed', 'expired', 'refunded') OR kind <> 'card' AND status IN ('recorded', 'attested', 'refused', 'reversed')",
            name=op.f("ck_donation_status_of_kind"),
        ),
        sa.CheckConstraint(
            "kind IN ('card', 'cash', 'goods')", name=op.f("ck_donation_kind_known")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_donation_amount_positive")),
        sa.CheckConstraint(
            "attested_by_id <> recorded_by_id", name=op.f("ck_donation_second_person")
        ),
        sa.CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen AND withdrawn_fen >= 0 AND withdrawn_fen <= amount_fen AND reinstated_fen >= 0 AND reinstated_fen <= amount_fen",
            name=op.f("ck_donation_returned_within_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["attested_by_id"], ["staff.id"], name=op.f("fk_donation_attested_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["cause.id"], name=op.f("fk_donation_cause_id_cause")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_donation_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["rates_id"], ["rates.id"], name=op.f("fk_donation_rates_id_rates")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_donation_recorded_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_donation_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation")),
        sa.UniqueConstraint("checkout_session_id", name=op.f("uq_donation_checkout_session_id")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_donation_payment_intent_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_donation_reference")),
    )
    op.create_index(
        op.f("ix_donation_community_id_id"), "donation", ["community_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_donation_resident_id_id"), "donation", ["resident_id", "id"], unique=False
    )
    op.create_table(
        "import_line",
        sa.Column("id", BigId, nullable=False),
        sa.Column("batch_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("typed_phone", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("fate", sa.String(length=12), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("resident_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_line_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_import_line_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_line")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_line_batch_id_number")),
    )
    op.create_index(
        op.f("ix_import_line_batch_id_fate"), "import_line", ["batch_id", "fate"], unique=False
    )
    op.create_table(
        "signup",
        sa.Column("id", BigId, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_signup_event_id_event")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_signup_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint("event_id", "resident_id", name=op.f("uq_signup_event_id_resident_id")),
    )
    op.create_index(op.f("ix_signup_resident_id"), "signup", ["resident_id"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", BigId, nullable=False),
        sa.Column("community_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("adopted_at", UtcDateTime(), nullable=True),
        sa.Column("adoptions", sa.Integer(), nullable=False),
        sa.Column("public_title", sa.String(length=60), nullable=False),
        sa.Column("photos_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "category IN ('environment', 'safety', 'facilities', 'service', 'culture', 'other')",
            name=op.f("ck_suggestion_category_known"),
        ),
        sa.CheckConstraint(
            "channel IN ('online', 'desk', 'phone')", name=op.f("ck_suggestion_channel_known")
        ),
        sa.CheckConstraint(
            "status IN ('sent', 'accepted', 'refused', 'adopted', 'solved')",
            name=op.f("ck_suggestion_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('adopted', 'solved') OR (adopted_at IS NOT NULL AND public_title <> '')",
            name=op.f("ck_suggestion_adopted_has_title"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_suggestion_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_suggestion_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("resident_id", "key", name=op.f("uq_suggestion_resident_id_key")),
    )
    op.create_index(
        op.f("ix_suggestion_community_id_status_id"),
        "suggestion",
        ["community_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "correction",
        sa.Column("id", BigId, nullable=False),
        sa.Column("attendance_id", BigId, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("attested_by", sa.String(length=40), nullable=True),
        sa.Column("attested_by_name", sa.String(length=100), nullable=True),
        sa.Column("attested_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_correction_reason_given")),
        sa.CheckConstraint(
            "(attested_by IS NULL) = (attested_at IS NULL)",
            name=op.f("ck_correction_attested_whole"),
        ),
        sa.CheckConstraint(
            "attested_by IS NULL OR attested_by <> by", name=op.f("ck_correction_second_person")
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_correction_minutes_not_negative")),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_correction_attendance_id_attendance"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(
        op.f("ix_correction_attendance_id"), "correction", ["attendance_id"], unique=False
    )
    op.create_table(
        "redemption",
        sa.Column("id", BigId, nullable=False),
        sa.Column("merchant_id", BigId, nullable=False),
        sa.Column("resident_id", BigId, nullable=False),
        sa.Column("card_id", BigId, nullable=False),
        sa.Column("offer_id", BigId, nullable=True),
        sa.Column("offer_title", sa.String(length=60), nullable=False),
        sa.Column("points", BigId, nullable=False),
        sa.Column("bill_fen", BigId, nullable=True),
        sa.Column("balance_after", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=False),
        sa.Column("receipt_number", sa.String(length=30), nullable=False),
        sa.Column("cashier_id", BigId, nullable=False),
        sa.Column("redeemed_at", UtcDateTime(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("void_transfer_id", BigId, nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("voided_by_id", BigId, nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "(void_transfer_id IS NULL) = (voided_at IS NULL)",
            name=op.f("ck_redemption_void_whole"),
        ),
        sa.CheckConstraint(
            "(voided_by_id IS NULL) = (voided_at IS NULL)",
            name=op.f("ck_redemption_void_by_somebody"),
        ),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_redemption_balance_not_negative")),
        sa.CheckConstraint(
            "bill_fen IS NULL OR bill_fen > 0", name=op.f("ck_redemption_bill_positive")
        ),
        sa.CheckConstraint("points > 0", name=op.f("ck_redemption_points_positive")),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_redemption_card_id_card")),
        sa.ForeignKeyConstraint(
            ["cashier_id"], ["staff.id"], name=op.f("fk_redemption_cashier_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_redemption_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_redemption_offer_id_offer")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_redemption_resident_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_redemption_transfer_id_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["void_transfer_id"],
            ["transfer.id"],
            name=op.f("fk_redemption_void_transfer_id_transfer"),
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["staff.id"], name=op.f("fk_redemption_voided_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_redemption_receipt_number")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_redemption_transfer_id")),
        sa.UniqueConstraint("void_transfer_id", name=op.f("uq_redemption_void_transfer_id")),
    )
    op.create_index(
        op.f("ix_redemption_merchant_id_business_day"),
        "redemption",
        ["merchant_id", "business_day"],
        unique=False,
    )
    op.create_index(
        op.f("ix_redemption_merchant_id_resident_id_redeemed_at"),
        "redemption",
        ["merchant_id", "resident_id", "redeemed_at"],
        unique=False,
    )
    op.create_table(
        "stripe_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("donation_id", BigId, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_stripe_event_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stripe_event_event_id")),
    )
    op.create_index(
        op.f("ix_stripe_event_donation_id"), "stripe_event", ["donation_id"], unique=False
    )
    op.create_table(
        "suggestion_photo",
        sa.Column("id", BigId, nullable=False),
        sa.Column("suggestion_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "width > 0 AND height > 0 AND size > 0", name=op.f("ck_suggestion_photo_not_empty")
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_suggestion_photo_suggestion_id_suggestion"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_suggestion_photo_name")),
    )
    op.create_index(
        op.f("ix_suggestion_photo_suggestion_id"),
        "suggestion_photo",
        ["suggestion_id"],
        unique=False,
    )
    op.create_table(
        "suggestion_step",
        sa.Column("id", BigId, nullable=False),
        sa.Column("suggestion_id", BigId, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.CheckConstraint(
            "what IN ('sent', 'edited', 'accepted', 'refused', 'answered', 'adopted', 'solved', 'reversed')",
            name=op.f("ck_suggestion_step_what_known"),
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_suggestion_step_suggestion_id_suggestion"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_step")),
    )
    op.create_index(
        op.f("ix_suggestion_step_suggestion_id"), "suggestion_step", ["suggestion_id"], unique=False
    )
    op.create_index("uq_staff_username", "staff", [sa.text("lower(username)")], unique=True)
    for table in ("transfer", "lot_entry", "owed", "audit_entry", "rates", "suggestion_step"):
        freeze(op, table)
    freeze(op, "operation", once="answer")


def downgrade() -> None:
    op.drop_index(op.f("ix_suggestion_step_suggestion_id"), table_name="suggestion_step")
    op.drop_table("suggestion_step")
    op.drop_index(op.f("ix_suggestion_photo_suggestion_id"), table_name="suggestion_photo")
    op.drop_table("suggestion_photo")
    op.drop_index(op.f("ix_stripe_event_donation_id"), table_name="stripe_event")
    op.drop_table("stripe_event")
    op.drop_index(
        op.f("ix_redemption_merchant_id_resident_id_redeemed_at"), table_name="redemption"
    )
    op.drop_index(op.f("ix_redemption_merchant_id_business_day"), table_name="redemption")
    op.drop_table("redemption")
    op.drop_index(op.f("ix_correction_attendance_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_suggestion_community_id_status_id"), table_name="suggestion")
    op.drop_table("suggestion")
    op.drop_index(op.f("ix_signup_resident_id"), table_name="signup")
    op.drop_table("signup")
    op.drop_index(op.f("ix_import_line_batch_id_fate"), table_name="import_line")
    op.drop_table("import_line")
    op.drop_index(op.f("ix_donation_resident_id_id"), table_name="donation")
    op.drop_index(op.f("ix_donation_community_id_id"), table_name="donation")
    op.drop_table("donation")
    op.drop_index(
        "uq_card_active",
        table_name="card",
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )
    op.drop_index(op.f("ix_card_resident_id"), table_name="card")
    op.drop_table("card")
    op.drop_index(
        "uq_award_source",
        table_name="award",
        sqlite_where=sa.text("reversed_at IS NULL"),
        postgresql_where=sa.text("reversed_at IS NULL"),
    )
    op.drop_index(op.f("ix_award_resident_id_id"), table_name="award")
    op.drop_table("award")
    op.drop_index(op.f("ix_attendance_resident_id"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(op.f("ix_api_token_staff_id"), table_name="api_token")
    op.drop_index(op.f("ix_api_token_resident_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(
        "uq_resident_phone",
        table_name="resident",
        sqlite_where=sa.text("phone IS NOT NULL"),
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.drop_index(op.f("ix_resident_community_id_name"), table_name="resident")
    op.drop_table("resident")
    op.drop_index(op.f("ix_offer_merchant_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index(op.f("ix_merchant_staff_merchant_id"), table_name="merchant_staff")
    op.drop_table("merchant_staff")
    op.drop_index(op.f("ix_import_batch_community_id_id"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index(op.f("ix_grant_staff_id"), table_name="grant")
    op.drop_table("grant")
    op.drop_index(op.f("ix_event_community_id_starts_at"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_cause_community_id_active"), table_name="cause")
    op.drop_table("cause")
    op.drop_table("reversed")
    op.drop_index(op.f("ix_rates_programme_id"), table_name="rates")
    op.drop_table("rates")
    op.drop_index(op.f("ix_owed_account_id"), table_name="owed")
    op.drop_table("owed")
    op.drop_table("merchant")
    op.drop_index(op.f("ix_lot_entry_lot_id"), table_name="lot_entry")
    op.drop_table("lot_entry")
    op.drop_index(op.f("ix_community_programme_id"), table_name="community")
    op.drop_table("community")
    op.drop_index(op.f("ix_transfer_reverses_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_operation_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_debit_id_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_credit_id_id"), table_name="transfer")
    op.drop_table("transfer")
    op.drop_table("programme")
    op.drop_table("lot")
    op.drop_table("balance")
    op.drop_table("staff")
    op.drop_table("operation")
    op.drop_index(op.f("ix_audit_entry_subject"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_programme_id_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_community_id_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_account_programme_id"), table_name="account")
    op.drop_table("account")
