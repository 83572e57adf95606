import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from bot.db import people
from bot.db.bulk import newcomers, recompute
from bot.db.bulk.orders import Counts, Order, digest_of, examine, sort_lines, store_orders
from bot.db.bulk.products import NewProduct, add_products
from bot.db.core.engine import Database
from bot.db.tables import chain, customer_stats, customer_stores, customers, metadata, orders, products, stores
from bot.domain.stats import Line

AT = datetime(2026, 11, 1, 4, tzinfo=UTC)
SALE = Order("A", 1, None, AT, date(2026, 11, 1), "sale", [Line(None, 1000, 100), Line(None, 1000, 200)])

some_lines = st.lists(
    st.builds(Line, *[st.none() | st.sampled_from([-(2**62), -1, 0, 1, 2**62]) for _ in range(3)]), max_size=6
)


@pytest.fixture
def shop(database: Database) -> Database:
    def fill(conn):
        people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai")
        conn.execute(insert(stores), [{"id": n, "code": str(n), "name": str(n), "last_complaint": 0} for n in (1, 2)])

    database.transact(fill)
    return database


def store(shop: Database, *batch: Order) -> Counts:
    return shop.transact(lambda conn: store_orders(conn, batch))


@given(lines=some_lines, order=st.randoms())
def test_the_sequence_of_lines_does_not_matter(lines, order):
    shuffled = list(lines)
    order.shuffle(shuffled)

    assert sort_lines(shuffled) == sort_lines(lines)
    assert digest_of(sort_lines(shuffled)) == digest_of(sort_lines(lines))


@given(one=some_lines, other=some_lines)
def test_other_lines_have_another_digest(one, other):
    one, other = sort_lines(one), sort_lines(other)

    assert (digest_of(one) == digest_of(other)) == (one == other)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ([100, 200], (0, 0, 2)),
        ([200, 100], (0, 0, 2)),
        ([100, 300], (0, 1, 1)),
        ([300, 400], (0, 2, 0)),
        ([100, 200, 300], (1, 0, 2)),
        ([100, 100, 200], (1, 0, 2)),
        ([300, 400, 500], (1, 2, 0)),
        ([100], (0, 1, 0)),
        ([300], (0, 1, 0)),
        ([None, 200], (0, 1, 1)),
    ],
)
def test_lines_are_compared_whatever_their_sequence(shop, lines, counts):
    store(shop, SALE)
    again = replace(SALE, lines=[Line(None, 1000, fen) for fen in lines])

    assert store(shop, again) == counts
    assert store(shop, again) == (0, 0, len(lines))


@pytest.mark.parametrize(
    "altered",
    [
        {"store_id": 2}, {"ordered_at": AT + timedelta(hours=1)}, {"kind": "refund"}, {"refund_of": "X"},
        {"pay_method": "现金"}, {"sales_channel": "外卖"},
    ],
)  # fmt: skip
def test_another_head_marks_all_lines(shop, altered):
    store(shop, SALE)

    assert store(shop, replace(SALE, **altered)) == (0, 2, 0)
    assert store(shop, SALE if "refund_of" not in altered else replace(SALE, **altered)).new == 0


def test_what_is_not_said_is_kept(shop):
    told = replace(SALE, refund_of="X", pay_method="现金", sales_channel="外卖", ordered_at=AT + timedelta(hours=3))
    store(shop, told)

    vague = replace(SALE, store_id=2, store_said=False, time_said=False)
    assert store(shop, vague) == (0, 0, 2)
    assert store(shop, replace(vague, ordered_at=AT + timedelta(days=1), ordered_on=date(2026, 11, 2))) == (0, 2, 0)


def test_a_total_is_of_known_amounts_and_unknown_where_none_is(shop):
    store(
        shop,
        replace(SALE, order_no="1", lines=[Line(None, 1, None), Line(None, 1, 5)]),
        replace(SALE, order_no="2", lines=[Line(None, 1, None)]),
        replace(SALE, order_no="3", lines=[]),
        replace(SALE, order_no="4", lines=[Line(None, 1, 0)]),
    )

    totals = shop.transact(lambda conn: conn.execute(select(orders.c.order_no, orders.c.total_fen)).all())
    assert dict(totals) == {"1": 5, "2": None, "3": None, "4": 0}


def test_examining_writes_nothing(shop):
    def everything():
        return shop.transact(lambda conn: {t.name: conn.execute(select(t)).all() for t in metadata.sorted_tables})

    store(shop, SALE)
    before = everything()
    new = [replace(SALE, order_no="B"), replace(SALE, store_id=2)]
    with shop.reading() as conn:
        verdicts = examine(conn, new)

    assert [verdict.counts for verdict in verdicts] == [(2, 0, 0), (0, 2, 0)]
    assert everything() == before


def test_the_data_reach_to_the_newest_order_of_each_store(shop):
    store(shop, SALE, replace(SALE, order_no="B", store_id=2, ordered_at=AT + timedelta(days=2)))
    store(shop, replace(SALE, order_no="C", ordered_at=AT - timedelta(days=9)))

    reached = shop.transact(
        lambda conn: (
            [*conn.execute(select(stores.c.data_at).order_by(stores.c.id)).scalars()],
            conn.execute(select(chain.c.data_at)).scalar(),
        )
    )
    assert reached == ([AT, AT + timedelta(days=2)], AT + timedelta(days=2))


def test_a_buyer_is_seen_where_she_bought_by_what_the_chain_allows(shop):
    def buy(conn):
        conn.execute(chain.update().values(first7=True))
        (row_id,) = newcomers.add(conn, [{"customer_no": "C", "phone": "+8613800138000", "store_id": 1}], AT)
        store_orders(conn, [replace(SALE, store_id=2, customer_id=row_id)])
        return conn.execute(
            select(customer_stores.c.store_id, customer_stores.c.last4_index, customer_stores.c.first7_index)
            .where(customer_stores.c.customer_id == row_id)
            .order_by(customer_stores.c.store_id)
        ).all()

    seen = shop.transact(buy)
    assert [row[0] for row in seen] == [1, 2]
    assert len({index for row in seen for index in row[1:]}) == 4
    assert {len(index) for row in seen for index in row[1:]} == {4}


def test_people_and_products_are_found_in_any_number(shop):
    def fill(conn):
        newcomers.add(conn, [{"customer_no": f"C{n}", "phone": f"+86138{n:08}", "store_id": 1} for n in range(600)], AT)
        add_products(conn, [NewProduct(f"P{n}", f"茶{n % 599}") for n in range(600)])

    shop.transact(fill)

    with shop.reading() as conn:
        known = newcomers.find(conn, [f"C{n}" for n in range(700)], [f"+86138{n:08}" for n in range(550, 700)])
    assert (len(known.by_number), len(known.by_phone)) == (600, 50)
    assert known.by_number["C599"] == known.by_phone["+8613800000599"]
    assert shop.transact(
        lambda conn: [len(conn.execute(select(table.c.id)).all()) for table in (customers, products)]
    ) == [600, 600]


@pytest.mark.parametrize("engine", ["postgresql"])
def test_orders_of_one_customer_stored_at_once_are_all_counted(shop):
    """On SQLite one transaction runs at a time; here the second must wait until it can see what the first stored."""
    she = {"id": 7, "state": "active", "store_id": 1, "created_at": AT, "changed_at": AT}
    shop.transact(lambda conn: conn.execute(insert(customers).values(**she)))
    first, second, third = (replace(SALE, order_no=number, customer_id=7) for number in "123")
    store(shop, first)

    with ThreadPoolExecutor(1) as till:
        with shop.engine.begin() as conn:
            store_orders(conn, [second])
            other = till.submit(store, shop, third)
            _wait_for_a_lock(shop)
        other.result()

    with shop.reading() as conn:
        assert conn.execute(select(customer_stats.c.orders)).scalar() == 3
        assert recompute.verify(conn) == (1, 0)


def _wait_for_a_lock(shop: Database) -> None:
    """Wait until somebody waits for somebody else in this database."""
    waits = text(
        "SELECT count(*) FROM pg_locks WHERE NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    for _ in range(500):
        with shop.engine.connect() as conn:
            if conn.execute(waits).scalar():
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
