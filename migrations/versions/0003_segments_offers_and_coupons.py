"""segments, offers and coupons; what refunds leave of orders, and statistics by that."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What is left of each order: of a refund that names a sale of the same customer (or has no customer) nothing, of that
# sale its total less all such refunds.
_NETS = (
    "UPDATE orders SET net_fen = CASE WHEN kind = 'sale' AND total_fen < 0 THEN 0 ELSE total_fen END",
    """
UPDATE orders SET net_fen = 0 WHERE kind = 'refund' AND refund_of IS NOT NULL AND EXISTS (
  SELECT 1 FROM orders AS sale WHERE sale.order_no = orders.refund_of AND sale.kind = 'sale'
    AND (orders.customer_id IS NULL OR orders.customer_id = sale.customer_id)
)
""",
    """
UPDATE orders SET net_fen = CASE WHEN total_fen > told.refunded THEN total_fen - told.refunded ELSE 0 END
FROM (
  SELECT sale.id, -SUM(refund.total_fen) AS refunded
  FROM orders AS refund JOIN orders AS sale ON sale.order_no = refund.refund_of AND sale.kind = 'sale'
  WHERE refund.kind = 'refund' AND refund.refund_of IS NOT NULL AND refund.total_fen < 0
    AND (refund.customer_id IS NULL OR refund.customer_id = sale.customer_id)
  GROUP BY sale.id
) AS told WHERE told.id = orders.id AND orders.total_fen IS NOT NULL
""",
)

# Statistics follow from what is left: only customers of whose orders something went back are counted again.
_FORGET_STATISTICS = """
DELETE FROM customer_stats
WHERE customer_id IN (SELECT customer_id FROM orders WHERE net_fen IS DISTINCT FROM total_fen)
"""
_COUNT_AGAIN = """
INSERT INTO customer_stats (
  customer_id, orders, refunds, purchase_days, first_on, last_on, last_at, last_store_id, spent_fen, best_ticket_fen,
  gap_sum_days, gap_square_sum, recent
)
WITH hers AS (
  SELECT id, customer_id, store_id, ordered_at, ordered_on, kind, net_fen,
         kind = 'sale' AND NOT (COALESCE(total_fen, 0) > 0 AND net_fen = 0) AS bought
  FROM orders
  WHERE customer_id IN (SELECT customer_id FROM orders WHERE net_fen IS DISTINCT FROM total_fen)
), sums AS (
  SELECT customer_id,
         SUM(CASE WHEN bought THEN 1 ELSE 0 END) AS orders,
         SUM(CASE WHEN kind = 'refund' THEN 1 ELSE 0 END) AS refunds,
         COUNT(DISTINCT CASE WHEN bought THEN ordered_on END) AS purchase_days,
         MIN(CASE WHEN bought THEN ordered_on END) AS first_on,
         MAX(CASE WHEN bought THEN ordered_on END) AS last_on,
         MAX(CASE WHEN bought THEN ordered_at END) AS last_at,
         COALESCE(SUM(net_fen), 0) AS spent_fen,
         COALESCE(MAX(CASE WHEN bought THEN net_fen END), 0) AS best_ticket_fen
  FROM hers GROUP BY customer_id
), gaps AS (
  SELECT customer_id, SUM(gap * gap) AS squares FROM (
    SELECT customer_id, ordered_on - LAG(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS gap
    FROM (SELECT DISTINCT customer_id, ordered_on FROM hers WHERE bought) AS days
  ) AS neighbours GROUP BY customer_id
), newest AS (
  SELECT customer_id, store_id,
         ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC, id DESC) AS place
  FROM hers WHERE bought
), bits AS (
  SELECT hers.customer_id,
         hers.ordered_on || ':' || COALESCE(line.product_id, 0) || ':' || COALESCE(line.quantity_milli, 1000) AS bit,
         ROW_NUMBER() OVER (
           PARTITION BY hers.customer_id ORDER BY hers.ordered_at DESC, hers.id DESC, line.position
         ) AS place
  FROM hers JOIN order_lines AS line ON line.order_id = hers.id WHERE hers.bought
), recent AS (
  SELECT customer_id, string_agg(bit, ' ' ORDER BY place) AS packed FROM bits WHERE place <= 24 GROUP BY customer_id
)
SELECT sums.customer_id, sums.orders, sums.refunds, sums.purchase_days, sums.first_on, sums.last_on, sums.last_at,
       newest.store_id, sums.spent_fen, sums.best_ticket_fen, COALESCE(sums.last_on - sums.first_on, 0),
       COALESCE(gaps.squares, 0), COALESCE(recent.packed, '')
FROM sums
LEFT JOIN gaps ON gaps.customer_id = sums.customer_id
LEFT JOIN newest ON newest.customer_id = sums.customer_id AND newest.place = 1
LEFT JOIN recent ON recent.customer_id = sums.customer_id
"""


def upgrade() -> None:
    op.create_table(
        "refreshes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("cuts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refreshes")),
    )
    op.create_table(
        "stale_segments",
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("mark", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_stale_segments")),
    )
    op.create_table(
        "segment_flows",
        sa.Column("on", sa.Integer(), nullable=False),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_segment_flows_store_id")),
        sa.PrimaryKeyConstraint("on", "store_id", "scheme", "before", "after", name=op.f("pk_segment_flows")),
    )
    op.create_table(
        "segment_sizes",
        sa.Column("on", sa.Integer(), nullable=False),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_segment_sizes_store_id")),
        sa.PrimaryKeyConstraint("on", "store_id", "scheme", "label", name=op.f("pk_segment_sizes")),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Integer(), nullable=True),
        sa.Column("ends_on", sa.Integer(), nullable=True),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("cap_each", sa.Integer(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cost_fen", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("committed_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_fen >= 0 AND (budget_fen IS NULL OR committed_fen <= budget_fen)", name=op.f("ck_offers_budget")
        ),
        sa.CheckConstraint("issued >= 0 AND (cap IS NULL OR issued <= cap)", name=op.f("ck_offers_cap")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_offers_made_by")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_offers_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("number", name=op.f("uq_offers_number")),
    )
    op.create_table(
        "plays",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_plays_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plays")),
        sa.UniqueConstraint("key", name=op.f("uq_plays_key")),
    )
    op.create_table(
        "segment_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_on", sa.Integer(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_segment_rules_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_segment_rules_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_rules")),
    )
    with op.batch_alter_table("segment_rules", schema=None) as batch_op:
        batch_op.create_index("ix_segment_rules_state", ["state"], unique=False)

    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_approvals_asked_by")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_approvals_customer_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_approvals_decided_by")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_approvals_offer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_approvals_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_approvals_store_id_number")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index("ix_approvals_customer_id", ["customer_id"], unique=False)

    op.create_table(
        "coupons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("tail_index", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("cost_fen", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "issued_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("override", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("uses_left >= 0 AND uses_left <= uses", name=op.f("ck_coupons_uses")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_coupons_customer_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["staff.id"], name=op.f("fk_coupons_issued_by")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_coupons_offer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_coupons_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code_index", name=op.f("uq_coupons_code_index")),
        sa.UniqueConstraint("offer_id", "customer_id", "nth", name=op.f("uq_coupons_offer_id_customer_id_nth")),
    )
    with op.batch_alter_table("coupons", schema=None) as batch_op:
        batch_op.create_index("ix_coupons_customer_id", ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_coupons_ending",
            ["ends_on"],
            unique=False,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )
        batch_op.create_index("ix_coupons_tail_index", ["tail_index"], unique=False)

    op.create_table(
        "customer_segments",
        sa.Column(
            "customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("spend", sa.String(), nullable=False),
        sa.Column("frequency", sa.String(), nullable=False),
        sa.Column("r", sa.Integer(), nullable=False),
        sa.Column("f", sa.Integer(), nullable=False),
        sa.Column("m", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_segments_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_customer_segments_store_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_segments")),
    )
    with op.batch_alter_table("customer_segments", schema=None) as batch_op:
        batch_op.create_index("ix_customer_segments_frequency", ["store_id", "frequency"], unique=False)
        batch_op.create_index("ix_customer_segments_layer", ["store_id", "layer"], unique=False)
        batch_op.create_index("ix_customer_segments_spend", ["store_id", "spend"], unique=False)

    op.create_table(
        "redemptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("use_no", sa.Integer(), nullable=False),
        sa.Column(
            "store_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("restored_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_redemptions_coupon_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_redemptions_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_redemptions_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
    )
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index("ix_redemptions_order_no", ["order_no"], unique=False)
        batch_op.create_index(
            "uq_redemptions_live",
            ["coupon_id", "use_no"],
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )

    with op.batch_alter_table("chain", schema=None) as batch_op:
        batch_op.add_column(sa.Column("segments_on", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("guide_limit_fen", sa.Integer(), server_default=sa.text("(2000)"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("manager_limit_fen", sa.Integer(), server_default=sa.text("(20000)"), nullable=False)
        )

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job", sa.LargeBinary(), nullable=True))

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("net_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.drop_index(batch_op.f("ix_orders_customer_day"))
        batch_op.create_index(
            "ix_orders_refund_of",
            ["refund_of"],
            unique=False,
            sqlite_where=sa.text("refund_of IS NOT NULL"),
            postgresql_where=sa.text("refund_of IS NOT NULL"),
        )
    for statement in _NETS:
        op.execute(statement)
    with op.batch_alter_table("orders", schema=None) as batch_op:  # once its last column is filled
        batch_op.create_index(
            "ix_orders_customer_day", ["customer_id", "ordered_on", "kind", "total_fen", "net_fen"], unique=False
        )
    op.execute(_FORGET_STATISTICS)
    op.execute(_COUNT_AGAIN)
    op.execute("INSERT INTO stale_segments (customer_id, mark) SELECT id, 1 FROM customers")

    with op.batch_alter_table("stores", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_approval", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("stores", schema=None) as batch_op:
        batch_op.drop_column("last_approval")

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_orders_refund_of",
            sqlite_where=sa.text("refund_of IS NOT NULL"),
            postgresql_where=sa.text("refund_of IS NOT NULL"),
        )
        batch_op.drop_index("ix_orders_customer_day")
        batch_op.create_index(batch_op.f("ix_orders_customer_day"), ["customer_id", "ordered_on"], unique=False)
        batch_op.drop_column("net_fen")

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_column("job")

    with op.batch_alter_table("chain", schema=None) as batch_op:
        batch_op.drop_column("manager_limit_fen")
        batch_op.drop_column("guide_limit_fen")
        batch_op.drop_column("segments_on")

    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_redemptions_live", sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'")
        )
        batch_op.drop_index("ix_redemptions_order_no")

    op.drop_table("redemptions")
    with op.batch_alter_table("customer_segments", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_segments_spend")
        batch_op.drop_index("ix_customer_segments_layer")
        batch_op.drop_index("ix_customer_segments_frequency")

    op.drop_table("customer_segments")
    with op.batch_alter_table("coupons", schema=None) as batch_op:
        batch_op.drop_index("ix_coupons_tail_index")
        batch_op.drop_index(
            "ix_coupons_ending", sqlite_where=sa.text("state = 'live'"), postgresql_where=sa.text("state = 'live'")
        )
        batch_op.drop_index("ix_coupons_customer_id")

    op.drop_table("coupons")
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.drop_index("ix_approvals_customer_id")

    op.drop_table("approvals")
    with op.batch_alter_table("segment_rules", schema=None) as batch_op:
        batch_op.drop_index("ix_segment_rules_state")

    op.drop_table("segment_rules")
    op.drop_table("plays")
    op.drop_table("offers")
    op.drop_table("segment_sizes")
    op.drop_table("segment_flows")
    op.drop_table("stale_segments")
    op.drop_table("refreshes")
