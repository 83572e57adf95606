"""Every table, once. LargeBinary columns are seals or blind indexes (bot/db/core/crypto.py); others are plain.

Times are Moment, local dates are Day, money is integer fen, quantities are thousandths. Equal names with the
frozen values of bot/domain, which a test keeps equal.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.db.core.types import Day, Id, Moment

FIRST_COMPLAINT = 100
"""Complaints are numbered from the next one, so that their number is never a digit of a list."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False)


def _ref(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=nullable, primary_key=primary_key, autoincrement=False)


chain = Table(  # one row: the settings of the whole chain
    "chain",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("vertical", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("timezone", String, nullable=False),
    Column("first7", Boolean, nullable=False),
    Column("data_at", Moment),  # how far the orders reach
    Column("segments_on", Day),  # the day the layers are of
    Column("guide_limit_fen", Integer, nullable=False, server_default=text("2000")),  # what she may give alone
    Column("manager_limit_fen", Integer, nullable=False, server_default=text("20000")),
    Column("holdout_salt", String, nullable=False, server_default=text("''")),
    Column("keeping", String, nullable=False, server_default=text("''")),  # JSON: how odd birthdays are kept
)

stores = Table(
    "stores",
    metadata,
    _id(),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("city", String),
    Column("opened_on", Day),
    Column("last_complaint", Integer, nullable=False, server_default=text(str(FIRST_COMPLAINT))),
    Column("last_approval", Integer, nullable=False, server_default=text("0")),
    Column("last_followup", Integer, nullable=False, server_default=text("0")),
    Column("data_at", Moment),  # how far this store's orders reach
    Column("webhook", LargeBinary),  # the address of its group's WeCom webhook: whoever has it may post there
)

rooms = Table(  # group chats of stores
    "rooms",
    metadata,
    _id(),
    Column("channel", String, nullable=False),
    Column("chat", String, nullable=False),
    _ref("store_id", "stores"),
    _ref("staff_id", "staff"),  # who said so
    Column("since_at", Moment, nullable=False),
    UniqueConstraint("channel", "chat"),
    Index("ix_rooms_store_id", "store_id"),
)

decisions = Table(  # what head office decided of personal data, kept with who and when
    "decisions",
    metadata,
    _id(),
    Column("about", String, nullable=False),  # telegram
    Column("allowed", Boolean, nullable=False),
    _ref("staff_id", "staff"),
    Column("at", Moment, nullable=False),
    Index("ix_decisions_about", "about", "id"),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    Column("code", String, nullable=False, unique=True),
    Column("name", LargeBinary, nullable=False),
    Column("role", String, nullable=False),
    Column("scope", String),  # None: the chain's
    _ref("store_id", "stores", nullable=True),
    Column("active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("left_at", Moment),
    Column("quiet_until", Moment),  # 忙: nothing but what is urgent before
    Index("ix_staff_store_id", "store_id"),
)

shifts = Table(
    "shifts",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    _ref("store_id", "stores"),
    Column("work_on", Day, nullable=False),
    Column("starts_minute", Integer, nullable=False),
    Column("ends_minute", Integer, nullable=False),
    UniqueConstraint("staff_id", "work_on", "starts_minute"),
    Index("ix_shifts_store_day", "store_id", "work_on"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    Column("channel", String, nullable=False),
    Column("account", String, nullable=False),
    Column("bound_at", Moment, nullable=False),
    Column("blocked_at", Moment),  # she stopped the bot there: nothing is pushed to it
    UniqueConstraint("channel", "account"),
    Index("ix_accounts_staff_id", "staff_id"),
)

invites = Table(
    "invites",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    Column("code_index", LargeBinary, nullable=False, unique=True),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    Column("customer_no", String, unique=True),
    Column("phone", LargeBinary),
    Column("phone_index", LargeBinary, unique=True),
    Column("name", LargeBinary),
    Column("alias", LargeBinary),  # how a customer without a number is remembered
    Column("gender", String),
    Column("birthday", LargeBinary),
    Column("birthday_index", LargeBinary),
    Column("email", LargeBinary),
    Column("address", LargeBinary),
    Column("job", LargeBinary),
    Column("source", String),
    _ref("store_id", "stores"),
    _ref("guide_id", "staff", nullable=True),
    _ref("referrer_id", "customers", nullable=True),
    Column("level", String),
    Column("points", Integer),
    Column("state", String, nullable=False),  # active temporary merged
    _ref("merged_into", "customers", nullable=True),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("ix_customers_birthday_index", "birthday_index", "store_id"),
    Index("ix_customers_guide_id", "guide_id"),
)

customer_stores = Table(  # where she may be seen: created, bought or added there
    "customer_stores",
    metadata,
    _ref("store_id", "stores", primary_key=True),
    _ref("customer_id", "customers", primary_key=True),
    Column("last4_index", LargeBinary),
    Column("first7_index", LargeBinary),
    Column("since_at", Moment, nullable=False),
    Index("ix_customer_stores_last4", "store_id", "last4_index"),
    Index("ix_customer_stores_first7", "store_id", "first7_index"),
    Index("ix_customer_stores_customer_id", "customer_id"),
)

customer_phones = Table(  # numbers she had before, kept as history
    "customer_phones",
    metadata,
    _id(),
    _ref("customer_id", "customers"),
    Column("phone", LargeBinary, nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("until_at", Moment, nullable=False),
    Index("ix_customer_phones_phone_index", "phone_index"),
    Index("ix_customer_phones_customer_id", "customer_id"),
)

consents = Table(
    "consents",
    metadata,
    _id(),
    _ref("customer_id", "customers"),
    Column("kind", String, nullable=False),  # contact health child
    Column("given", Boolean, nullable=False),
    _ref("staff_id", "staff", nullable=True),
    Column("at", Moment, nullable=False),
    Column("voided_at", Moment),
    Index("ix_consents_customer_id", "customer_id"),
)

facts = Table(  # append-only; the kind is sealed too, because "has an allergy" is health data
    "facts",
    metadata,
    _id(),
    _ref("customer_id", "customers"),
    Column("content", LargeBinary, nullable=False),
    Column("day_index", LargeBinary),
    Column("state", String, nullable=False),  # live pending void
    Column("source", String, nullable=False),  # chat import demo
    _ref("author_id", "staff", nullable=True),
    Column("said_at", Moment, nullable=False),
    Column("expires_at", Moment),  # a pending fact is dropped then
    Column("voided_at", Moment),
    _ref("voided_by", "staff", nullable=True),
    Index("ix_facts_customer_id", "customer_id"),
    Index("ix_facts_day_index", "day_index"),
    Index(
        "ix_facts_pending",
        "expires_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)

complaints = Table(
    "complaints",
    metadata,
    _id(),
    Column("number", Integer, nullable=False),  # small, for chat: one series a store
    _ref("store_id", "stores"),
    _ref("customer_id", "customers"),
    Column("content", LargeBinary, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", String, nullable=False),  # open closed
    _ref("owner_id", "staff", nullable=True),
    Column("opened_at", Moment, nullable=False),
    _ref("opened_by", "staff", nullable=True),
    Column("due_at", Moment),
    Column("closed_at", Moment),
    _ref("closed_by", "staff", nullable=True),
    Column("resolution", LargeBinary),
    UniqueConstraint("store_id", "number"),
    Index("ix_complaints_customer_id", "customer_id"),
    Index(
        "ix_complaints_open",
        "store_id",
        "due_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

followups = Table(  # promises, holds and reminders
    "followups",
    metadata,
    _id(),
    Column("number", Integer),  # small, for chat: one series a store; None: noted in passing
    _ref("store_id", "stores"),
    _ref("customer_id", "customers"),
    Column("kind", String, nullable=False),  # promise hold reminder
    Column("content", LargeBinary, nullable=False),
    Column("state", String, nullable=False),  # open done void
    _ref("owner_id", "staff", nullable=True),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("closed_at", Moment),
    Index("ix_followups_customer_id", "customer_id"),
    Index(
        "ix_followups_open",
        "store_id",
        "due_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

products = Table(
    "products",
    metadata,
    _id(),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("category", String),
    Column("price_fen", Integer),
    Column("ingredients", String),  # words joined by 、
    Column("new_on", Day),
    Column("replaces_id", Id),  # a new variant of an older product
    Column("active", Boolean, nullable=False),
    Index("ix_products_name", "name"),
    Index("ix_products_replaces_id", "replaces_id"),
)

orders = Table(
    "orders",
    metadata,
    _id(),
    Column("order_no", String, nullable=False, unique=True),
    _ref("store_id", "stores"),
    _ref("customer_id", "customers", nullable=True),
    Column("ordered_at", Moment, nullable=False),
    Column("ordered_on", Day, nullable=False),
    Column("kind", String, nullable=False),  # sale refund
    Column("refund_of", String),
    Column("total_fen", Id),  # None: unknown
    Column("net_fen", Id),  # what is left of a purchase after the refunds that name it; bulk/refunds.py
    Column("pay_method", String),
    Column("sales_channel", String),
    Column("digest", LargeBinary, nullable=False),  # of its lines, whatever their order
    Index("ix_orders_customer_day", "customer_id", "ordered_on", "kind", "total_fen", "net_fen"),  # covers the layers
    Index("ix_orders_store_day", "store_id", "ordered_on"),
    Index(
        "ix_orders_refund_of",
        "refund_of",
        sqlite_where=text("refund_of IS NOT NULL"),
        postgresql_where=text("refund_of IS NOT NULL"),
    ),
)

order_lines = Table(
    "order_lines",
    metadata,
    _ref("order_id", "orders", primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _ref("product_id", "products", nullable=True),
    Column("quantity_milli", Id),
    Column("amount_fen", Id),
)

customer_stats = Table(  # running statistics; bot/domain/stats.py says what each means
    "customer_stats",
    metadata,
    _ref("customer_id", "customers", primary_key=True),
    Column("orders", Integer, nullable=False),
    Column("refunds", Integer, nullable=False),
    Column("purchase_days", Integer, nullable=False),
    Column("first_on", Day),
    Column("last_on", Day),
    Column("last_at", Moment),
    Column("last_store_id", Id),
    Column("spent_fen", Id, nullable=False),
    Column("best_ticket_fen", Id, nullable=False),
    Column("gap_sum_days", Integer, nullable=False),
    Column("gap_square_sum", Id, nullable=False),
    Column("recent", String, nullable=False),  # the newest lines, packed
)

stale_segments = Table(  # whose layers must be looked at again; a newer mark outlives the refresh that read an older
    "stale_segments",
    metadata,
    Column("customer_id", Id, primary_key=True, autoincrement=False),
    Column("mark", Id, nullable=False),
)

customer_segments = Table(  # what the last refresh made of her; words in bot/domain/segments
    "customer_segments",
    metadata,
    _ref("customer_id", "customers", primary_key=True),
    _ref("store_id", "stores"),  # by whose rules and among whom she was ranked
    Column("stage", String, nullable=False),
    Column("layer", String, nullable=False),
    Column("spend", String, nullable=False),
    Column("frequency", String, nullable=False),
    Column("r", Integer, nullable=False),  # 1 to 5, 0: never bought
    Column("f", Integer, nullable=False),
    Column("m", Integer, nullable=False),
    Column("since_on", Day, nullable=False),  # in this layer since
    Index("ix_customer_segments_layer", "store_id", "layer"),
    Index("ix_customer_segments_frequency", "store_id", "frequency"),
    Index("ix_customer_segments_spend", "store_id", "spend"),
)

segment_rules = Table(  # every version of the rules, with who and why; the chain's, or a pilot store's
    "segment_rules",
    metadata,
    _id(),
    _ref("store_id", "stores", nullable=True),
    Column("content", String, nullable=False),  # JSON of bot/domain/segments/rules.py
    Column("state", String, nullable=False),  # draft waiting live past dropped
    Column("change", String, nullable=False),  # what was asked for, in words
    _ref("staff_id", "staff", nullable=True),
    Column("made_at", Moment, nullable=False),
    Column("applied_on", Day),
    Column("replaces_id", Id),  # what 回退 goes back to
    Index("ix_segment_rules_state", "state"),
)

segment_flows = Table(  # who went from which label to which, by day
    "segment_flows",
    metadata,
    Column("on", Day, primary_key=True),
    _ref("store_id", "stores", primary_key=True),
    Column("scheme", String, primary_key=True),
    Column("before", String, primary_key=True),
    Column("after", String, primary_key=True),
    Column("people", Integer, nullable=False),
)

segment_sizes = Table(  # how many each label held after a refresh
    "segment_sizes",
    metadata,
    Column("on", Day, primary_key=True),
    _ref("store_id", "stores", primary_key=True),
    Column("scheme", String, primary_key=True),
    Column("label", String, primary_key=True),
    Column("people", Integer, nullable=False),
)

refreshes = Table(  # each finished refresh; its generation names the snapshot that goes with it
    "refreshes",
    metadata,
    _id(),
    Column("finished_at", Moment, nullable=False),
    Column("as_of", Day, nullable=False),
    Column("full", Boolean, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("cuts", String, nullable=False),  # JSON: the borders of the fifths, by store; "" is the chain
)

plays = Table(  # what head office changed of the plays of a vertical
    "plays",
    metadata,
    _id(),
    Column("key", String, nullable=False, unique=True),
    Column("content", String, nullable=False),  # JSON of bot/domain/selling/plays.py
    _ref("staff_id", "staff", nullable=True),
    Column("changed_at", Moment, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),  # small, for chat
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),  # bot/domain/selling/offers.py
    Column("terms", String, nullable=False),  # JSON of bot/domain/selling/offers.py
    _ref("store_id", "stores", nullable=True),  # None: every store's
    Column("state", String, nullable=False),  # live stopped
    Column("valid_days", Integer, nullable=False),  # of a coupon, its first day included
    Column("starts_on", Day),
    Column("ends_on", Day),
    Column("cap", Integer),
    Column("cap_each", Integer, nullable=False),
    Column("budget_fen", Id),
    Column("cost_fen", Integer, nullable=False),  # what one may cost at most
    Column("issued", Integer, nullable=False),
    Column("committed_fen", Id, nullable=False),
    _ref("made_by", "staff", nullable=True),
    Column("made_at", Moment, nullable=False),
    CheckConstraint("issued >= 0 AND (cap IS NULL OR issued <= cap)", name="cap"),
    CheckConstraint("committed_fen >= 0 AND (budget_fen IS NULL OR committed_fen <= budget_fen)", name="budget"),
)

coupons = Table(
    "coupons",
    metadata,
    _id(),
    _ref("offer_id", "offers"),
    _ref("customer_id", "customers"),
    Column("nth", Integer, nullable=False),  # of this offer for this customer, from 1
    _ref("store_id", "stores"),  # where it was issued
    Column("code", LargeBinary, nullable=False),
    Column("code_index", LargeBinary, nullable=False, unique=True),
    Column("tail_index", LargeBinary, nullable=False),  # its last four characters
    Column("state", String, nullable=False),  # live used void
    Column("uses", Integer, nullable=False),
    Column("uses_left", Integer, nullable=False),
    Column("cost_fen", Integer, nullable=False),
    Column("starts_on", Day, nullable=False),
    Column("ends_on", Day, nullable=False),
    Column("issued_at", Moment, nullable=False),
    _ref("issued_by", "staff", nullable=True),
    Column("override", LargeBinary),  # why it was given although something stood against it
    UniqueConstraint("offer_id", "customer_id", "nth"),
    CheckConstraint("uses_left >= 0 AND uses_left <= uses", name="uses"),
    Index("ix_coupons_customer_id", "customer_id"),
    Index("ix_coupons_tail_index", "tail_index"),
    Index("ix_coupons_ending", "ends_on", sqlite_where=text("state = 'live'"), postgresql_where=text("state = 'live'")),
)

redemptions = Table(
    "redemptions",
    metadata,
    _id(),
    _ref("coupon_id", "coupons"),
    Column("use_no", Integer, nullable=False),  # from 1
    _ref("store_id", "stores"),
    _ref("staff_id", "staff", nullable=True),  # None: the till
    Column("via", String, nullable=False),  # chat import post
    Column("order_no", String),
    Column("at", Moment, nullable=False),
    Column("state", String, nullable=False),  # live restored
    Column("restored_at", Moment),
    Index(
        "uq_redemptions_live",
        "coupon_id",
        "use_no",
        unique=True,
        sqlite_where=text("state = 'live'"),
        postgresql_where=text("state = 'live'"),
    ),
    Index("ix_redemptions_order_no", "order_no"),
)

approvals = Table(  # what somebody may not give alone, until somebody who may has said yes or no
    "approvals",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    Column("number", Integer, nullable=False),  # small, for chat: one series a store
    _ref("customer_id", "customers"),
    _ref("offer_id", "offers"),
    Column("content", LargeBinary, nullable=False),  # why
    Column("state", String, nullable=False),  # waiting granted refused void
    _ref("asked_by", "staff"),
    Column("asked_at", Moment, nullable=False),
    _ref("decided_by", "staff", nullable=True),
    Column("decided_at", Moment),
    UniqueConstraint("store_id", "number"),
    Index("ix_approvals_customer_id", "customer_id"),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("channel", String, nullable=False),
    Column("key", String, nullable=False),
    Column("chat", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("body", LargeBinary),  # emptied once it is old
    Column("state", String, nullable=False),  # new, owed (its effect is there, its answer not out yet), done
    Column("answer", LargeBinary),  # while it is owed
    UniqueConstraint("channel", "key"),
    Index("ix_inbox_kept", "id", sqlite_where=text("body IS NOT NULL"), postgresql_where=text("body IS NOT NULL")),
    Index("ix_inbox_new", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
    Index("ix_inbox_owed", "id", sqlite_where=text("state = 'owed'"), postgresql_where=text("state = 'owed'")),
)

outbox = Table(  # what must be said later; docs/architecture.md draws its states
    "outbox",
    metadata,
    _id(),
    Column("key", String, nullable=False, unique=True),
    _ref("staff_id", "staff", nullable=True),  # to a person, or
    _ref("store_id", "stores", nullable=True),  # to the group of a store, or neither: to the till's system
    Column("body", LargeBinary),
    Column("menu_id", Id),  # the list its digits answer; no reference: old ones go
    Column("state", String, nullable=False),  # due sending sent unknown expired dead
    Column("delivery", String, nullable=False, server_default=text("'once'")),  # once at_least_once dedupe
    Column("urgent", Boolean, nullable=False, server_default=text("false")),  # may break quiet hours and 忙
    Column("word", Boolean, nullable=False, server_default=text("false")),  # a colleague's, or at its hour: no digest
    Column("created_at", Moment, nullable=False),
    Column("not_before", Moment),
    Column("expires_at", Moment),
    Column("sent_at", Moment),  # when it went; of one that is not at its end: since when it may be there
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("rung", String),  # the channel that delivered it, or was tried last
    Column("last_error", String),
    Column("leased_by", String),  # which process is sending it
    Column("lease_until", Moment),
    Index(
        "ix_outbox_due",
        "staff_id",
        sqlite_where=text("state = 'due'"),
        postgresql_where=text("state = 'due'"),
    ),
    Index(
        "ix_outbox_sending",
        "lease_until",
        sqlite_where=text("state = 'sending'"),
        postgresql_where=text("state = 'sending'"),
    ),
    Index(  # what somebody has had today
        "ix_outbox_sent",
        "staff_id",
        "sent_at",
        sqlite_where=text("sent_at IS NOT NULL"),
        postgresql_where=text("sent_at IS NOT NULL"),
    ),
)

job_runs = Table(  # a slot of a job for a store is claimed once, whoever is quickest
    "job_runs",
    metadata,
    Column("job", String, primary_key=True),
    Column("slot", Moment, primary_key=True),
    Column("target", String, primary_key=True),  # the store's code; "": the chain
    Column("claimed_at", Moment, nullable=False),
    Column("queued", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
)

lists = Table(  # a numbered list of customers, made for a person or for the group of a store
    "lists",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("staff_id", "staff", nullable=True),  # None: the store's
    Column("kind", String, nullable=False),  # bot/domain/lists/kinds.py, or clean
    Column("made_on", Day, nullable=False),
    Column("made_at", Moment, nullable=False),
    Index("ix_lists_staff_id", "staff_id", "id"),
    Index("ix_lists_store_id", "store_id", "made_on"),
)

list_rows = Table(  # who stands in it, why, whose she is, and what became of it
    "list_rows",
    metadata,
    _id(),
    _ref("list_id", "lists"),
    Column("position", Integer, nullable=False),  # from 1
    _ref("customer_id", "customers"),
    _ref("staff_id", "staff", nullable=True),  # who is to do it now
    Column("why", LargeBinary, nullable=False),  # JSON: the evidence in words
    Column("state", String, nullable=False),  # open done
    Column("outcome", String),  # bot/domain/lists
    Column("answered_at", Moment),
    _ref("answered_by", "staff", nullable=True),
    UniqueConstraint("list_id", "position"),
    Index("ix_list_rows_customer_id", "customer_id"),
    Index(
        "ix_list_rows_open",
        "staff_id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

contacts = Table(  # every time staff reached out to her, across stores: what the caps are counted from
    "contacts",
    metadata,
    _id(),
    _ref("customer_id", "customers"),
    _ref("store_id", "stores"),
    _ref("staff_id", "staff"),
    Column("row_id", Id),  # the row of a list it answered
    Column("outcome", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("again_at", Moment),  # not to be listed before
    Column("detail", LargeBinary),  # what she said
    Index("ix_contacts_customer_id", "customer_id", "at"),
    Index("ix_contacts_again", "store_id", "again_at"),
)

demands = Table(  # 缺: what was asked for and not there
    "demands",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("customer_id", "customers", nullable=True),
    _ref("staff_id", "staff"),
    Column("wanted", String, nullable=False),
    Column("state", String, nullable=False),  # open told void
    Column("at", Moment, nullable=False),
    Index("ix_demands_store_id", "store_id", "state", "at"),
)

trials = Table(  # the draw of the hold-out, once for each time a customer stays away: what the effect is measured by
    "trials",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    _ref("customer_id", "customers"),
    Column("last_on", Day, nullable=False),  # her last purchase: one trial an absence
    Column("entered_on", Day, nullable=False),  # when she was listed, or would have been
    Column("listed", Boolean, nullable=False),  # False: of the hold-out
    Index("ix_trials_store_id", "store_id", "entered_on"),
    Index("ix_trials_customer_id", "customer_id"),
)

proposals = Table(  # what the bot would do and waits for a leader's yes: the monthly clean-up
    "proposals",
    metadata,
    _id(),
    _ref("store_id", "stores"),
    Column("kind", String, nullable=False),  # clean
    Column("content", LargeBinary, nullable=False),  # JSON: whom, and why
    Column("state", String, nullable=False),  # waiting done refused expired
    Column("made_at", Moment, nullable=False),
    _ref("decided_by", "staff", nullable=True),
    Column("decided_at", Moment),
    Index("ix_proposals_store_id", "store_id", "state"),
)

errands = Table(  # work too long for an answer: its result is told when it is done
    "errands",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    Column("kind", String, nullable=False),  # import
    Column("content", LargeBinary),  # of a done one only the place of its file, so that it is done once
    Column("state", String, nullable=False),  # new done failed
    Column("made_at", Moment, nullable=False),
    Index("ix_errands_new", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
)

conversations = Table(  # what a person's next "她" or "1" means in this chat
    "conversations",
    metadata,
    _ref("staff_id", "staff", primary_key=True),
    Column("chat", String, primary_key=True),  # channel:chat
    Column("focus_id", Id),  # no reference: 撤 may remove her
    Column("focus_at", Moment),
    Column("menu_id", Id),  # the list a digit answers; no reference: old ones go
)

menus = Table(  # numbered lists and buttons, each for the one person it was shown to
    "menus",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    Column("choices", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("spent_at", Moment),  # one of them was written: the others had their chance
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Moment, nullable=False),
    _ref("staff_id", "staff", nullable=True),
    Column("role", String),
    _ref("store_id", "stores", nullable=True),
    Column("command", String, nullable=False),
    Column("outcome", String, nullable=False),  # ok or the code of the refusal
    Column("customer_id", Id),
    Column("reason", LargeBinary),
    Column("inbox_id", Id),
    Index("ix_audit_customer_id", "customer_id", "at"),
    Index("ix_audit_staff_id", "staff_id", "at"),
)

units = Table(  # what one 撤 takes back: a sentence and the answers it led to
    "units",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    _ref("store_id", "stores", nullable=True),
    Column("customer_id", Id),  # no reference: taking 建 back removes her
    Column("command", String, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
    _ref("undone_by", "staff", nullable=True),
    Index("ix_units_staff_id", "staff_id", "id"),
)

changes = Table(  # before-images, in the order they were made
    "changes",
    metadata,
    _id(),
    _ref("unit_id", "units"),
    Column("target", String, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("after_digest", LargeBinary, nullable=False),
    Index("ix_changes_unit_id", "unit_id"),
)

imports = Table(  # how far each file got, so that a crash in the middle resumes
    "imports",
    metadata,
    _id(),
    Column("kind", String, nullable=False),
    Column("file_digest", LargeBinary, nullable=False),
    Column("options", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("done", Integer, nullable=False),  # batches committed
    Column("report", String, nullable=False),
    UniqueConstraint("kind", "file_digest", "options"),
)


def sealed_columns(table: Table) -> list[Column[bytes]]:
    """The columns of a table that hold seals: binary, and neither a blind index nor a digest."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not column.name.endswith(("_index", "digest"))
    ]
