"""Running statistics are what all orders say, whatever came in which sequence; two programs must agree on it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from bot.db import people, stats
from bot.db.bulk import newcomers, recompute
from bot.db.bulk.orders import Order, store_orders
from bot.db.bulk.products import NewProduct, add_products
from bot.db.core.engine import Database, open_database
from bot.db.tables import customer_stats, customers, order_lines, orders, products, stores
from bot.domain.stats import Line, RecentLine, Stats
from tests.support import engines
from tests.support.examples import examples

START = datetime(2026, 1, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module", params=engines.ENGINES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all examples: each runs in a transaction that is taken back."""
    url = engines.fresh(request.param, tmp_path_factory.mktemp("stats"))
    database = open_database(url, engines.KEYS)
    database.transact(_set_up)
    yield database
    database.close()
    engines.drop(url)


def _set_up(conn: Connection) -> None:
    people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai")
    conn.execute(insert(stores), [{"id": n, "code": str(n), "name": str(n), "last_complaint": 0} for n in (1, 2)])
    add_products(conn, [NewProduct(word, word) for word in "甲乙丙"])
    newcomers.add(conn, [{"customer_no": word, "phone": "", "store_id": 1} for word in "ABC"], START)


class TakenBackError(Exception):
    """Ends an example."""


def in_vain(database: Database, example) -> None:
    def work(conn: Connection) -> None:
        example(conn)
        raise TakenBackError

    with pytest.raises(TakenBackError):
        database.transact(work)


def ids(conn: Connection) -> tuple[list[int], list[int]]:
    return (
        sorted(conn.execute(select(customers.c.id)).scalars()),
        sorted(conn.execute(select(products.c.id)).scalars()),
    )


lines = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 1, 2]), st.sampled_from([None, 1000, 2500]), st.sampled_from([None, 0, 990, 12345])
    ),
    max_size=9,
)
one_order = st.fixed_dictionaries(
    {
        "number": st.integers(0, 11),
        "customer": st.sampled_from([None, 0, 0, 1, 2]),
        "store": st.sampled_from([1, 2]),
        "hours": st.integers(0, 400),
        "refund": st.sampled_from([False, False, False, True]),
        "lines": lines,
    }
)
files = st.lists(st.lists(one_order, max_size=8, unique_by=lambda order: order["number"]), min_size=1, max_size=5)


def order_of(told: dict, her: list[int], goods: list[int]) -> Order:
    at = START + timedelta(hours=told["hours"])
    sign = -1 if told["refund"] else 1
    return Order(
        f"N{told['number']}",
        told["store"],
        None if told["customer"] is None else her[told["customer"]],
        at,
        at.date(),
        "refund" if told["refund"] else "sale",
        [
            Line(None if product is None else goods[product], milli, None if fen is None else sign * fen)
            for product, milli, fen in told["lines"]
        ],
    )


def test_statistics_are_what_a_recompute_says(shared):
    def example(conn: Connection, files) -> None:
        her, goods = ids(conn)
        for file in files:
            found = [order_of(told, her, goods) for told in file]
            store_orders(
                conn, sorted(found, key=lambda order: (order.customer_id or 0, order.ordered_at, order.order_no))
            )
            assert recompute.verify(conn) == (3, 0)
        before = conn.execute(select(customer_stats).order_by(customer_stats.c.customer_id)).all()
        stats.rebuild(conn, her)
        assert conn.execute(select(customer_stats).order_by(customer_stats.c.customer_id)).all() == before

    _hold(shared, example)


def test_the_same_orders_again_change_nothing(shared):
    def example(conn: Connection, files) -> None:
        her, goods = ids(conn)
        for file in files:
            found = [order_of(told, her, goods) for told in file]
            store_orders(conn, found)
            again = store_orders(conn, [order_of(told, her, goods) for told in file])
            assert (again.new, again.changed) == (0, 0)

    _hold(shared, example)


def _hold(shared, example) -> None:
    """Run an example on many files, each in vain."""

    @examples(shared.engine.dialect.name, 0.6)
    @given(files=files)
    def holds(files):
        in_vain(shared, lambda conn: example(conn, files))

    holds()


def _one(conn: Connection, **altered: object) -> None:
    her, goods = ids(conn)
    sale = {"number": 1, "customer": 0, "store": 1, "hours": 0, "refund": False, "lines": [(0, 1000, 990)]}
    store_orders(conn, [order_of(sale | altered, her, goods)])


def test_statistics_of_one_customer_are_read_with_their_types(shared):
    def example(conn: Connection) -> None:
        her, goods = ids(conn)
        assert stats.get(conn, her[0]) == Stats(her[0])
        _one(conn)
        _one(conn, number=2, hours=48, lines=[(1, None, 500), (None, 2500, None)])
        _one(conn, number=3, hours=60, refund=True, lines=[(1, 1000, 500)])

        assert stats.get(conn, her[0]) == Stats(
            her[0],
            orders=2,
            refunds=1,
            purchase_days=2,
            first_on=date(2026, 1, 1),
            last_on=date(2026, 1, 3),
            last_at=START + timedelta(hours=48),
            last_store_id=1,
            spent_fen=990,
            best_ticket_fen=990,
            gap_sum_days=2,
            gap_square_sum=4,
            recent=(
                RecentLine(date(2026, 1, 3), None, 2500),
                RecentLine(date(2026, 1, 3), goods[1], 1000),
                RecentLine(date(2026, 1, 1), goods[0], 1000),
            ),
        )

    in_vain(shared, example)


@pytest.mark.parametrize(
    "damage",
    [
        update(customer_stats).values(orders=7),
        update(customer_stats).values(refunds=1),
        update(customer_stats).values(purchase_days=0),
        update(customer_stats).values(first_on=date(2025, 1, 1)),
        update(customer_stats).values(last_on=date(2027, 1, 1)),
        update(customer_stats).values(last_at=START + timedelta(milliseconds=1)),
        update(customer_stats).values(last_store_id=2),
        update(customer_stats).values(spent_fen=0),
        update(customer_stats).values(best_ticket_fen=991),
        update(customer_stats).values(gap_sum_days=1),
        update(customer_stats).values(gap_square_sum=1),
        update(customer_stats).values(recent=""),
        customer_stats.delete(),
        update(orders).values(total_fen=1),
        update(order_lines).values(quantity_milli=2000),
    ],
)
def test_verify_finds_every_damaged_column(shared, damage):
    def example(conn: Connection) -> None:
        _one(conn)
        assert recompute.verify(conn) == (3, 0)
        conn.execute(damage)
        assert recompute.verify(conn) == (3, 1)

    in_vain(shared, example)


def test_verify_goes_through_all_ranges(shared, monkeypatch):
    def example(conn: Connection) -> None:
        monkeypatch.setattr(recompute, "_RANGE", 1)
        for customer in (0, 1, 2):
            _one(conn, number=customer, customer=customer)
        conn.execute(update(customer_stats).values(orders=9))
        assert recompute.verify(conn) == (3, 3)

    in_vain(shared, example)


def test_who_has_no_orders_left_has_no_row(shared):
    def example(conn: Connection) -> None:
        _one(conn)
        _one(conn, customer=1)
        her, _ = ids(conn)
        assert stats.get(conn, her[0]) == Stats(her[0])
        assert stats.get(conn, her[1]).orders == 1
        assert conn.execute(select(customer_stats.c.customer_id)).scalars().all() == [her[1]]

    in_vain(shared, example)
