"""A database from before refunds were counted against their sales says after its upgrade what a new one says."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, inspect, select

from bot.db import people
from bot.db.bulk import recompute
from bot.db.bulk.orders import Order, store_orders
from bot.db.core import schema
from bot.db.core.engine import Database, open_database
from bot.db.tables import (
    chain,
    customer_stats,
    customers,
    order_lines,
    orders,
    products,
    stale_segments,
    stores,
)
from bot.domain.stats import Line, Purchase, Stats, extend, pack
from tests.support import engines

AT = datetime(2026, 1, 1, 4, tzinfo=UTC)
MANY_LINES = [Line(1, 1000, 10), Line(None, None, 20)] * 15


def _sale(number: str, customer: int | None, days: int, fen: int | None, **more) -> Order:
    at = AT + timedelta(days=days)
    lines = more.pop("lines", [Line(2, 2000, fen)])
    return Order(number, more.pop("store", 1), customer, at, at.date(), more.pop("kind", "sale"), lines, **more)


def _refund(number: str, customer: int | None, days: int, fen: int, of: str | None) -> Order:
    return _sale(number, customer, days, -fen, kind="refund", refund_of=of)


TOLD = [
    _sale("1A", 1, 0, 900), _refund("1B", 1, 1, 900, "1A"),  # nothing is left
    _sale("2A", 2, 0, 900), _sale("2B", 2, 5, 700), _refund("2C", 2, 6, 300, "2A"), _refund("2D", 2, 7, 100, "2A"),
    _sale("3A", 3, 0, 900), _refund("3B", 3, 1, 900, "2A"), _refund("3C", 3, 2, 50, None), _refund("3D", 3, 3, 5, "X"),
    _sale("4A", 4, 0, 900), _sale("4B", 4, 0, 900, store=2), _sale("4C", 4, 9, 0), _refund("4D", None, 9, 950, "4B"),
    _sale("4E", 4, 12, None), _refund("4F", 4, 13, 100, "4E"), _sale("4G", 4, 14, 0, lines=MANY_LINES),
    _refund("4H", 4, 15, 5, "4G"), _sale("4I", 4, 20, 0, lines=[Line(1, 500, 7)], store=2),
    _sale("5A", 5, 0, 900), _sale("5B", 5, 3, -20),
    _sale("0A", None, 0, 900), _refund("0B", None, 1, 400, "0A"), _refund("0C", 5, 1, 400, "0A"),
]  # fmt: skip


@pytest.fixture
def told(database: Database) -> Database:
    """A new database in which all this was told."""

    def tell(conn: Connection) -> None:
        _shop(conn)
        store_orders(conn, sorted(TOLD, key=lambda order: (order.customer_id or 0, order.ordered_at)))

    database.transact(tell)
    return database


def _shop(conn: Connection) -> None:
    people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai")
    conn.execute(insert(stores), [{"id": n, "code": str(n), "name": str(n)} for n in (1, 2)])
    conn.execute(insert(products), [{"id": n, "code": str(n), "name": str(n), "active": True} for n in (1, 2)])
    she = {"state": "active", "store_id": 1, "created_at": AT, "changed_at": AT}
    conn.execute(insert(customers), [{"id": n, **she} for n in range(1, 7)])


def _old(told: Database, url: str) -> None:
    """The same orders in a database of the schema before, with statistics by the rule before."""
    with closing(open_database(url, engines.KEYS)) as database, database.engine.begin() as conn:
        config = Config(attributes={"connection": conn})
        config.set_main_option("script_location", str(schema.folder()))
        command.upgrade(config, "0002")
        with told.reading() as source:
            for table in (chain, stores, products, customers, orders, order_lines):
                known = {column["name"] for column in inspect(conn).get_columns(table.name)}
                columns = [column for column in table.columns if column.name in known]
                conn.execute(insert(table), [row._asdict() for row in source.execute(select(*columns))])
            rows = [_counted_before(source, customer_id) for customer_id in range(1, 6)]
        conn.execute(insert(customer_stats), rows)


def _counted_before(conn: Connection, customer_id: int) -> dict:
    """Her statistics while every sale was a purchase, and every refund took its own total away."""
    lines = {
        order_id: [Line(*line[1:]) for line in its]
        for order_id, its in groupby(
            conn.execute(
                select(
                    order_lines.c.order_id, order_lines.c.product_id, order_lines.c.quantity_milli,
                    order_lines.c.amount_fen,
                ).order_by(order_lines.c.order_id, order_lines.c.position)
            ),
            lambda line: line[0],
        )
    }  # fmt: skip
    hers = conn.execute(
        select(orders).where(orders.c.customer_id == customer_id).order_by(orders.c.ordered_at, orders.c.id)
    )
    found = extend(
        Stats(customer_id),
        [Purchase(o.ordered_at, o.ordered_on, o.store_id, o.kind, o.total_fen, lines.get(o.id, ())) for o in hers],
    )
    assert found
    return {column.name: getattr(found, column.name) for column in customer_stats.c} | {"recent": pack(found.recent)}


def _all(database: Database, *columns) -> list:
    with database.reading() as conn:
        return conn.execute(select(*columns).order_by(columns[0])).all()


def test_an_upgraded_database_says_what_a_new_one_says(told, empty_url):
    _old(told, empty_url)

    with closing(open_database(empty_url, engines.KEYS)) as database:
        assert schema.upgrade(database) == [name for name in schema.revisions() if name > "0002"]

        assert _all(database, orders.c.order_no, orders.c.net_fen) == _all(told, orders.c.order_no, orders.c.net_fen)
        assert _all(database, *customer_stats.c) == _all(told, *customer_stats.c)
        assert _all(database, stale_segments.c.customer_id) == [(n,) for n in range(1, 7)]
        with database.reading() as conn:
            assert recompute.verify(conn) == (6, 0)


def test_what_was_told_leaves_what_the_definition_says(told):
    assert dict(_all(told, orders.c.order_no, orders.c.net_fen)) == {
        "1A": 0, "1B": 0,
        "2A": 500, "2B": 700, "2C": 0, "2D": 0,
        "3A": 900, "3B": -900, "3C": -50, "3D": -5,
        "4A": 900, "4B": 0, "4C": 0, "4D": 0, "4E": None, "4F": 0, "4G": 445, "4H": 0, "4I": 7,
        "5A": 900, "5B": 0,
        "0A": 500, "0B": 0, "0C": -400,
    }  # fmt: skip
