"""Lanes, acknowledgement, canaries, and indexes against slowing with age. It only adds: old code runs on it."""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.SmallInteger(), server_default="1", nullable=False))
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ack_due", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_sessions_ack_due"), ["ack_due"], unique=False)
    with op.batch_alter_table("tries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index("replies_line", ["address_key", "state", "id"], unique=False)
    with op.batch_alter_table("parts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("queued", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE parts SET queued = true WHERE part_id IN (SELECT part_id FROM deliveries)")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.SmallInteger(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("synthetic", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("deliveries_due", ["state", "lane", "due_at"], unique=False)
        batch_op.create_index("deliveries_age", ["state", "created_at"], unique=False)
        batch_op.create_index("deliveries_ticket", ["ticket_id", "state", "id"], unique=False)
        batch_op.drop_index("deliveries_state")
        batch_op.drop_index(batch_op.f("ix_deliveries_ticket_id"))
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("marks")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index("deliveries_state", ["state", "due_at"], unique=False)
        batch_op.drop_index("deliveries_ticket")
        batch_op.drop_index("deliveries_age")
        batch_op.drop_index("deliveries_due")
        batch_op.drop_column("synthetic")
        batch_op.drop_column("lane")
    with op.batch_alter_table("parts", schema=None) as batch_op:
        batch_op.drop_column("queued")
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_index("replies_line")
    with op.batch_alter_table("tries", schema=None) as batch_op:
        batch_op.drop_column("locked_until")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_ack_due"))
        batch_op.drop_column("ack_due")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("lane")
