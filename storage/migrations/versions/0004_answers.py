"""What a channel answers one message with, and an index against many due at once. Old code runs on it."""

from alembic import op
import sqlalchemy as sa

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers_encrypted", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_due")
        batch_op.create_index("deliveries_due", ["state", "lane", "due_at", "ticket_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_due")
        batch_op.create_index("deliveries_due", ["state", "lane", "due_at"], unique=False)
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("answers_encrypted")
