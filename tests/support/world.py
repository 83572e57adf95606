"""The small world of the dialogues: two stores, the cast, four customers and what they bought."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, insert

from bot.db import customers, facts, people
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import NewProduct, add_products, ids_of
from bot.db.core.engine import Database, keys_of
from bot.db.core.ids import new_id
from bot.db.tables import consents
from bot.db.tables import facts as facts_table
from bot.domain.stats import Line
from tests.support.cast import CAST, ZONE, add_cast
from tests.support.copies import fill

PRODUCTS = (
    NewProduct("T01", "芋泥波波", "奶茶", 1800, "芋泥、牛奶、珍珠"),
    NewProduct("T02", "杨枝甘露", "果茶", 2200, "芒果、西柚、椰奶"),
    NewProduct("T03", "珍珠奶茶", "奶茶", 1500, "牛奶、珍珠"),
    NewProduct("T04", "葡萄冻冻", "果茶", 2000, "葡萄"),
)


def world(database: Database, now: datetime) -> None:
    """Make it, so that `now` is the day after the last sale of 陈洁."""
    database.transact(lambda conn: fill(conn, lambda: _make(conn, now), "world", now.isoformat()))


def _make(conn: Connection, now: datetime) -> None:
    add_cast(conn, now)
    add_products(conn, PRODUCTS)
    today = now.date()
    wang = _customer(conn, now, "王芳", "+8613800138000", "小王", birthday="1993-06-18", gender="female")
    chen = _customer(conn, now, "陈洁", "+8613800002203", "小李", birthday="--03-27", gender="female")
    zhou = _customer(conn, now, "周敏", "+8613800007715", "小王", birthday="lunar:08-02", gender="female")
    li = _customer(conn, now, "李强", "+8613800138001", "外店", birthday="1988-10-09", gender="male")
    _says(conn, wang, "小王", now - timedelta(days=500), kind="allergy", value="芒果")
    _says(conn, wang, "小王", now - timedelta(days=300), kind="preference", value="三分糖")
    _buys(conn, wang, "001", "芋泥波波", [today - timedelta(days=62 + 18 * turn) for turn in range(6)])
    _buys(conn, chen, "001", "珍珠奶茶", [today - timedelta(days=1 + 9 * turn) for turn in range(4)])
    _buys(conn, zhou, "001", "葡萄冻冻", [today - timedelta(days=20 + 25 * turn) for turn in range(3)])
    _buys(conn, li, "002", "杨枝甘露", [today - timedelta(days=5 + 14 * turn) for turn in range(5)])


def _customer(conn: Connection, now: datetime, name: str, phone: str, guide: str, **more: str) -> int:
    """A customer of this guide and her store, a member for two years."""
    person = CAST[guide]
    store = people.store_by_code(conn, str(person.store))
    assert store
    row_id = new_id()
    guide_id = people.staff_id_of(conn, person.code)
    joined_at = now - timedelta(days=730)
    customers.add(
        conn, row_id, joined_at, name=name, phone=phone, store_id=store.id, guide_id=guide_id, source="路过", **more
    )
    conn.execute(insert(consents).values(id=new_id(), customer_id=row_id, kind="contact", given=True, at=joined_at))
    return row_id


def _says(conn: Connection, customer_id: int, author: str, at: datetime, **content: str) -> None:
    """Something about her that a guide noted."""
    author_id = people.staff_id_of(conn, CAST[author].code)
    told = {"state": "live", "source": "chat", "author_id": author_id, "said_at": at}
    conn.execute(insert(facts_table).values(facts.row(keys_of(conn), new_id(), customer_id, content, **told)))


def _buys(conn: Connection, customer_id: int, store_code: str, product: str, days: list[date]) -> None:
    """One of a product on each of these days, at three in the afternoon."""
    store = people.store_by_code(conn, store_code)
    assert store
    price = next(one.price_fen for one in PRODUCTS if one.name == product)
    lines = sort_lines([Line(ids_of(conn, [product])[product], 1000, price)])
    store_orders(
        conn,
        [
            Order(
                f"{store_code}-{product}-{day:%Y%m%d}",
                store.id,
                customer_id,
                datetime.combine(day, time(15), ZONE),
                day,
                "sale",
                lines,
            )
            for day in sorted(days)
        ],
    )
