"""The plain chain to measure on is quick to make and yet true."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.db import customers, people
from bot.db import tables as t
from bot.db.bulk import recompute
from bot.db.bulk.orders import digest_of
from bot.demo import bulk
from bot.demo.invent import RESERVED, phone_of
from bot.domain import phones
from bot.domain.stats import Line

AT = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def filled(database):
    return bulk.fill(database, 600, 4, 7, at=AT)


def test_everybody_is_found_by_the_number_told_again(database, filled):
    def found(conn):
        for number in (0, 299, 300, 301, 599):
            store = conn.execute(select(t.stores.c.code).where(t.stores.c.id == filled.store_of(number))).scalar_one()
            guide, _ = people.identify(conn, people.CONSOLE, f"guide{store}", "chat")
            sight = customers.by_phone(conn, filled.phone_of(number), seen_by=guide)
            assert sight
            assert sight.customer.customer_no == f"B{number:07}"
            assert sight in customers.by_last4(conn, filled.phone_of(number)[-4:], seen_by=guide)
            assert sight.stats.orders == 3

    database.transact(found)


def test_statistics_and_digests_are_what_the_orders_say(database, filled):
    with database.reading() as conn:
        assert recompute.verify(conn) == (filled.customers, 0)
        lines: dict[int, list[Line]] = {}
        for order_id, _, *line in conn.execute(select(t.order_lines).order_by(*t.order_lines.primary_key)):
            lines.setdefault(order_id, []).append(Line(*line))
        orders = conn.execute(select(t.orders.c.id, t.orders.c.digest, t.orders.c.total_fen)).all()
        assert len(orders) == 3 * filled.customers
        assert {
            (bytes(digest), total) == (digest_of(lines[row]), 1800 * len(lines[row])) for row, digest, total in orders
        } == {True}


def test_one_store_is_big_and_the_others_share_the_rest(database, filled):
    with database.reading() as conn:
        counts = conn.execute(
            select(t.customers.c.store_id, func.count())
            .group_by(t.customers.c.store_id)
            .order_by(t.customers.c.store_id)
        ).all()

    assert [tuple(row) for row in counts] == list(zip(filled.stores, (300, 100, 100, 100), strict=True))


def test_numbers_are_all_different_and_never_end_like_the_cast():
    numbers = [phone_of(7, number) for number in range(30_000)]

    assert len(set(numbers)) == 30_000
    assert {int(number[-4:]) for number in numbers} & RESERVED == set()
    assert all(phones.read(number) for number in numbers[:300])
    assert phone_of(7, 9_999_999) != phone_of(8, 9_999_999)
    with pytest.raises(ValueError, match="ten million"):
        phone_of(7, 10_000_000)
