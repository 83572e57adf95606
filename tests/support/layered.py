"""The small world with more people in it: of each layer six in store 001 and ten in 002; the refresh is the test's."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert

from bot.db import customers, facts, people
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import ids_of
from bot.db.core.engine import Database, keys_of
from bot.db.core.ids import new_id
from bot.db.tables import facts as facts_table
from bot.domain.shop import Store
from bot.domain.stats import Line
from tests.support.cast import CAST, ZONE
from tests.support.world import PRODUCTS, world


class Kind(NamedTuple):
    """People alike: surname, first four of the last six digits, what they buy, last visit, gap in days, visits."""

    surname: str
    digits: str
    product: str = ""
    last_days: int = 0
    gap_days: int = 0
    visits: int = 0


KINDS = (
    Kind("赵", "2000", "杨枝甘露", 2, 7, 20),  # loyal, steady
    Kind("钱", "2001", "珍珠奶茶", 1, 2, 40),  # loyal, comes often, spends much
    Kind("孙", "2002", "杨枝甘露", 26, 7, 20),  # leaving
    Kind("吴", "2003", "珍珠奶茶", 3, 10, 9),  # potential
    Kind("郑", "2004", "葡萄冻冻", 33, 10, 3),  # slowing, nothing in the window
    Kind("冯", "2005", "杨枝甘露", 90, 7, 20),  # asleep, once spent much
    Kind("褚", "2006", "芋泥波波", 100, 10, 3),  # asleep
    Kind("卫", "2007", "葡萄冻冻", 4, 30, 1),  # new
    Kind("蒋", "2008"),  # never bought
)
_GIVEN = "安宁平和乐美佳欣晴朗明秀文静思远"
_HERE, _ELSEWHERE = 6, 10


def layered_world(database: Database, now: datetime) -> None:
    """Make it."""
    world(database, now)
    database.transact(lambda conn: _more(conn, now))


def _more(conn: Connection, now: datetime) -> None:
    for kind in KINDS:
        for turn in range(_HERE + _ELSEWHERE):
            guide = CAST["小李" if turn < _HERE else "外店"]
            store = people.store_by_code(conn, str(guide.store))
            assert store
            row_id = new_id()
            customers.add(
                conn,
                row_id,
                now - timedelta(days=400),
                name=f"{kind.surname}{_GIVEN[turn]}",
                phone=f"+861390{kind.digits[:3]}{kind.digits[3]}{turn:03}",
                gender="female" if turn % 3 else "male",
                birthday=f"{1960 + 5 * turn % 60}-03-05",
                job="老师" if turn % 2 else "",
                source="路过",
                store_id=store.id,
                guide_id=people.staff_id_of(conn, guide.code),
            )
            _buy(conn, now, row_id, store, kind)
            if turn < 2:
                _ask(conn, now, row_id)


def _buy(conn: Connection, now: datetime, customer_id: int, store: Store, kind: Kind) -> None:
    days = [now.date() - timedelta(days=kind.last_days + kind.gap_days * back) for back in range(kind.visits)]
    if not days:
        return
    price = next(one.price_fen for one in PRODUCTS if one.name == kind.product)
    lines = sort_lines([Line(ids_of(conn, [kind.product])[kind.product], 1000, price)])
    orders = [
        Order(f"{customer_id}-{day}", store.id, customer_id, datetime.combine(day, time(15), ZONE), day, "sale", lines)
        for day in sorted(days)
    ]
    store_orders(conn, orders)


def _ask(conn: Connection, now: datetime, customer_id: int) -> None:
    said = {"kind": "demand", "value": "无糖版"}
    row = facts.row(keys_of(conn), new_id(), customer_id, said, state="live", source="import", said_at=now)
    conn.execute(insert(facts_table).values(row))
