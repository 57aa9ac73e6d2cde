"""The sealed log: tiles of its tree, signed checkpoints and the sums they carry."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
