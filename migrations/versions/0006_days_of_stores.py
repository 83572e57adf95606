"""Birthdays and lists are found by their store and day."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_birthday_index"))
        batch_op.create_index("ix_customers_birthday_index", ["birthday_index", "store_id"], unique=False)

    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lists_store_id"))
        batch_op.create_index("ix_lists_store_id", ["store_id", "made_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.drop_index("ix_lists_store_id")
        batch_op.create_index(batch_op.f("ix_lists_store_id"), ["store_id", "id"], unique=False)

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index("ix_customers_birthday_index")
        batch_op.create_index(batch_op.f("ix_customers_birthday_index"), ["birthday_index"], unique=False)
