"""Points given on: the causes' accounts, and who gave what to whom."""

import sqlalchemy as sa
from alembic import op

from rewards.db import BigId, UtcDateTime
from rewards.immutable import freeze

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _gifts()
    _undone()


def downgrade() -> None:
    op.drop_table("points_gift_undone")
    op.drop_table("points_gift")
    with op.batch_alter_table("cause") as batch:
        batch.drop_constraint(op.f("uq_cause_account_id"), type_="unique")
        batch.drop_constraint(op.f("fk_cause_account_id_account"), type_="foreignkey")
        batch.drop_column("account_id")
    # The accounts stay: no account is ever deleted, and transfers may name these.


def _accounts() -> None:
    op.add_column("cause", sa.Column("account_id", BigId, nullable=True))
    connection = op.get_bind()
    causes = connection.execute(
        sa.text(
            "SELECT cause.id, cause.title, community.programme_id FROM cause "
            "JOIN community ON community.id = cause.community_id ORDER BY cause.id"
        )
    ).all()
    for cause_id, title, programme_id in causes:
        account_id = connection.execute(
            sa.text(
                "INSERT INTO account (programme_id, kind, name) "
                "VALUES (:programme, 'cause', :title) RETURNING id"
            ),
            {"programme": programme_id, "title": title},
        ).scalar_one()
        connection.execute(
            sa.text("UPDATE cause SET account_id = :account WHERE id = :cause"),
            {"account": account_id, "cause": cause_id},
        )
    with op.batch_alter_table("cause") as batch:
        batch.alter_column("account_id", existing_type=BigId, nullable=False)
        batch.create_unique_constraint(op.f("uq_cause_account_id"), ["account_id"])
        batch.create_foreign_key(
            op.f("fk_cause_account_id_account"), "account", ["account_id"], ["id"]
        )


def _gifts() -> None:
    op.create_table(
        "points_gift",
        sa.Column("id", BigId, nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("giver_id", BigId, nullable=False),
        sa.Column("receiver_id", BigId, nullable=True),
        sa.Column("cause_id", BigId, nullable=True),
        sa.Column("points", BigId, nullable=False),
        sa.Column("transfer_id", BigId, nullable=False),
        sa.Column("scheme_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", BigId, nullable=True),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_gift_points_positive")),
        sa.CheckConstraint(
            "(receiver_id IS NULL) <> (cause_id IS NULL)", name=op.f("ck_points_gift_one_receiver")
        ),
        sa.CheckConstraint(
            "receiver_id IS NULL OR receiver_id <> giver_id",
            name=op.f("ck_points_gift_not_oneself"),
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["resident.id"], name=op.f("fk_points_gift_giver_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["resident.id"], name=op.f("fk_points_gift_receiver_id_resident")
        ),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["cause.id"], name=op.f("fk_points_gift_cause_id_cause")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["scheme_version.id"],
            name=op.f("fk_points_gift_scheme_id_scheme_version"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_points_gift_recorded_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_gift")),
        sa.UniqueConstraint("reference", name=op.f("uq_points_gift_reference")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_points_gift_transfer_id")),
    )
    for side in ("giver_id", "receiver_id", "cause_id"):
        op.create_index(op.f(f"ix_points_gift_{side}_id"), "points_gift", [side, "id"])
    freeze(op, "points_gift")


def _undone() -> None:
    op.create_table(
        "points_gift_undone",
        sa.Column("gift_id", BigId, autoincrement=False, nullable=False),
        sa.Column("transfer_id", BigId, nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=False),
        sa.Column("undone_by_id", BigId, nullable=True),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["gift_id"], ["points_gift.id"], name=op.f("fk_points_gift_undone_gift_id_points_gift")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["staff.id"], name=op.f("fk_points_gift_undone_undone_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("gift_id", name=op.f("pk_points_gift_undone")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_points_gift_undone_transfer_id")),
    )
    freeze(op, "points_gift_undone")
