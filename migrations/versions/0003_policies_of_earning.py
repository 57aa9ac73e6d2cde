"""Expiry as data, grace after a late void, and an upper limit of the wallet."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

from rewards.db import BigId
from rewards.immutable import freeze, thaw

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

rates = sa.table("rates", sa.column("id"), sa.column("expiry", sa.JSON), sa.column("expiry_months"))
account = sa.table(
    "account", sa.column("id"), sa.column("programme_id"), sa.column("kind"), sa.column("name")
)
programme = sa.table(
    "programme", sa.column("id"), sa.column("name_zh"), sa.column("expired_account_id")
)


def upgrade() -> None:
    with op.batch_alter_table("balance") as batch:
        batch.add_column(sa.Column("idle_months", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("lapses_on", sa.Date(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_balance_idle_together"), "(idle_months IS NULL) = (lapses_on IS NULL)"
        )
    _open_expired_accounts()
    _write_expiry_as_policies()


def _open_expired_accounts() -> None:
    """Give every programme the account that its expired points go to."""
    op.add_column("programme", sa.Column("expired_account_id", BigId, nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(programme.c.id, programme.c.name_zh)).all():
        opened = connection.execute(
            account.insert()
            .values(programme_id=row.id, kind="expired", name=row.name_zh)
            .returning(account.c.id)
        ).scalar_one()
        connection.execute(
            programme.update().where(programme.c.id == row.id).values(expired_account_id=opened)
        )
    with op.batch_alter_table("programme") as batch:
        batch.alter_column("expired_account_id", existing_type=BigId, nullable=False)
        batch.create_foreign_key(
            op.f("fk_programme_expired_account_id_account"),
            "account",
            ["expired_account_id"],
            ["id"],
        )


def _write_expiry_as_policies() -> None:
    """Months until the end of a month become one policy among others."""
    thaw(op, "rates")
    op.add_column("rates", sa.Column("expiry", sa.JSON(), nullable=True))
    connection = op.get_bind()
    for months in connection.scalars(sa.select(rates.c.expiry_months).distinct()).all():
        policy = (
            {"kind": "never"}
            if months is None
            else {"kind": "months", "months": months, "to_month_end": True}
        )
        connection.execute(
            rates.update()
            .where(rates.c.expiry_months.is_not_distinct_from(months))
            .values(expiry=policy)
        )
    with op.batch_alter_table("rates") as batch:
        batch.drop_constraint(op.f("ck_rates_expiry_positive"), type_="check")
        batch.drop_column("expiry_months")
        batch.alter_column("expiry", existing_type=sa.JSON(), nullable=False)
        batch.add_column(sa.Column("grace_days", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("wallet_limit", sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column("when_full", sa.String(length=6), nullable=False, server_default="trim")
        )
    with op.batch_alter_table("rates") as batch:
        batch.alter_column("grace_days", existing_type=sa.Integer(), server_default=None)
        batch.alter_column("when_full", existing_type=sa.String(length=6), server_default=None)
        batch.create_check_constraint(op.f("ck_rates_grace_not_negative"), "grace_days >= 0")
        batch.create_check_constraint(op.f("ck_rates_wallet_limit_positive"), "wallet_limit > 0")
        batch.create_check_constraint(
            op.f("ck_rates_when_full_known"), "when_full IN ('trim', 'refuse')"
        )
    freeze(op, "rates")


def downgrade() -> None:
    raise CommandError("policies other than months can't be told in the old column")
