"""What makes people of the small world due: birthdays, coupons about to end, a store's group."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.chat import Address
from bot.db import customers, facts, people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.offers import coupons, offers
from bot.db.offers.coupons import Issue
from bot.db.tables import chain, customer_stats
from bot.db.tables import coupons as coupons_table
from bot.db.tables import customers as customers_table
from bot.db.tables import facts as facts_table
from bot.db.talk import rooms
from tests.support.cast import CAST, ZONE


def customer(conn: Connection, phone: str) -> int:
    """Who has this number."""
    found = customers.chain_knows(conn, phone)
    assert found
    return found


def born(conn: Connection, phone: str, birthday: str) -> None:
    """Let somebody's birthday be this one, as it is kept."""
    row_id = customer(conn, phone)
    values = customers.sealed(keys_of(conn), row_id, {"birthday": birthday})
    conn.execute(update(customers_table).where(customers_table.c.id == row_id).values(**values))


def says(conn: Connection, phone: str, at: datetime, **content: Any) -> None:
    """Something known of her."""
    told = {"state": "live", "source": "chat", "author_id": people.staff_id_of(conn, "xiaowang"), "said_at": at}
    row = facts.row(keys_of(conn), new_id(), customer(conn, phone), content, **told)
    conn.execute(insert(facts_table).values(row))


def holds(conn: Connection, phone: str, name: str, until: date, now: datetime) -> None:
    """A coupon of hers that ends on a day."""
    store = people.store_by_code(conn, "001")
    assert store
    offer = offers.by_name(conn, name, store.id)[0]
    staff_id = people.staff_id_of(conn, CAST["小王"].code)
    made = coupons.insert_one(conn, offer, Issue(customer(conn, phone), store.id, staff_id, now, now.date()))
    assert made
    conn.execute(update(coupons_table).where(coupons_table.c.id == made.id).values(ends_on=until))


def grouped(conn: Connection, at: datetime) -> None:
    """Store 001 has a group."""
    store, manager = people.store_by_code(conn, "001"), people.staff_id_of(conn, CAST["店长"].code)
    assert store
    rooms.settle(conn, Address("telegram", "", "-1001", private=False), store.id, manager or 0, at)


def birthdays_near(conn: Connection, at: datetime) -> None:
    """周敏's, by the moon, in a week; 陈洁's on the day itself, and her child's the day after."""
    born(conn, "+8613800007715", "lunar:10-19")
    born(conn, "+8613800002203", "1990-11-20")
    says(conn, "+8613800002203", at, kind="birthday", value="2020-11-21", of="child")


def coupons_ending(conn: Connection, at: datetime) -> None:
    """陈洁's in three days, 王芳's in four."""
    today = at.astimezone(ZONE).date() + timedelta(days=1)
    holds(conn, "+8613800002203", "满30减6", today + timedelta(days=3), at)
    holds(conn, "+8613800138000", "回归券", today + timedelta(days=4), at)


def a_jeweller(conn: Connection, at: datetime) -> None:
    """It sells jewellery: what 陈洁 bought half a year ago is to be cleaned."""
    conn.execute(update(chain).values(vertical="jewellery"))
    today = at.astimezone(ZONE).date() + timedelta(days=1)
    bought = date(today.year, today.month - 6, today.day)
    mine = customer_stats.c.customer_id == customer(conn, "+8613800002203")
    assert conn.execute(select(customer_stats.c.customer_id).where(mine)).first()
    conn.execute(update(customer_stats).where(mine).values(last_on=bought))
