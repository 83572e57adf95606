"""What is new is named to her only beside the very thing she likes that it is a variant of."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from bot.db.bulk.products import NewProduct, add_products
from bot.db.core.engine import Database
from bot.db.tables import products
from tests.support.due import customer
from tests.support.world import _buys, world
from tests.test_every_command import Shop

ZHOU = "+8613800007715"


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    """周敏 mostly buys 珍珠奶茶, and 葡萄冻冻 as well, of which there is something new."""
    world(database, now)

    def write(conn: Connection) -> None:
        add_products(conn, [NewProduct("T09", "葡萄冻冻 热饮版", "果茶", 2000, "葡萄")])
        older = conn.execute(select(products.c.id).where(products.c.name == "葡萄冻冻")).scalar_one()
        new = {"replaces_id": older, "new_on": now.date() - timedelta(days=3)}
        conn.execute(update(products).where(products.c.name == "葡萄冻冻 热饮版").values(**new))
        _buys(conn, customer(conn, ZHOU), "001", "珍珠奶茶", [now.date() - timedelta(days=2 + n) for n in range(6)])

    database.transact(write)
    return Shop(database, now)


def test_what_is_new_follows_from_what_she_likes(shop: Shop) -> None:
    said = shop.say("小王", "话术 7715 上新").reply.text

    assert said.split("\n")[1] == "周女士，您上次喜欢的葡萄冻冻，新出了葡萄冻冻 热饮版，想第一个请您试。"
