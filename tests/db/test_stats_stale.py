"""Whoever changed is marked once, and a newer mark outlives the refresh that read an older."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, insert

from bot.actions import notes
from bot.actions.notes import Writer
from bot.db import people as staff_of
from bot.db.bulk import members, newcomers
from bot.db.changes import Recorder
from bot.db.core.engine import Database
from bot.db.segments import stale
from bot.db.tables import stores

AT = datetime(2026, 1, 1, 4, tzinfo=UTC)


def _marked(database: Database, limit: int = 100) -> list[tuple[int, int]]:
    with database.reading() as conn:
        return stale.pending(conn, limit)


def test_customers_are_pending_once_and_by_id(database):
    database.transact(lambda conn: stale.mark(conn, [3, 1, 2, 3]))

    assert [customer_id for customer_id, _ in _marked(database)] == [1, 2, 3]
    assert [customer_id for customer_id, _ in _marked(database, 2)] == [1, 2]


def test_a_newer_mark_outlives_the_settling_of_an_older(database):
    database.transact(lambda conn: stale.mark(conn, [1, 2]))
    read = _marked(database)
    database.transact(lambda conn: stale.mark(conn, [2]))
    database.transact(lambda conn: stale.settle(conn, read))

    assert [customer_id for customer_id, _ in _marked(database)] == [2]
    database.transact(lambda conn: stale.settle(conn, _marked(database)))
    assert _marked(database) == []


def test_nobody_is_marked_for_nothing(database):
    database.transact(lambda conn: (stale.mark(conn, []), stale.settle(conn, [])))

    assert _marked(database) == []


@pytest.fixture
def her(database: Database) -> int:
    """A customer a file told, whose mark is settled."""

    def add(conn: Connection) -> int:
        staff_of.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai")
        conn.execute(insert(stores).values(id=1, code="1", name="1"))
        (row_id,) = newcomers.add(conn, [{"customer_no": "C", "phone": "", "store_id": 1}], AT)
        assert [customer_id for customer_id, _ in stale.pending(conn, 9)] == [row_id]
        stale.settle(conn, stale.pending(conn, 9))
        return row_id

    return database.transact(add)


CHANGES = [
    ({"gender": "female"}, True),
    ({"source": "抖音"}, True),
    ({"birthday": "05-20"}, True),
    ({"job": "老师"}, True),
    ({"store_id": 1}, True),
    ({"name": "陈晨", "level": "金卡", "points": 9}, False),
]


@pytest.mark.parametrize(("changed", "marked"), CHANGES)
def test_a_file_marks_whom_it_tells_something_that_layers_follow(database, her, changed, marked):
    database.transact(lambda conn: members.change(conn, members.read(conn, [her])[her], changed, AT))

    assert [customer_id for customer_id, _ in _marked(database)] == [her] * marked


@pytest.mark.parametrize(("changed", "marked"), CHANGES)
def test_a_chat_marks_whom_it_tells_something_that_layers_follow(people, database, now, changed, marked):
    guide = people("小王")

    def change(conn: Connection) -> int:
        (row_id,) = newcomers.add(conn, [{"customer_no": "C", "phone": "", "store_id": guide.store_id}], AT)
        stale.settle(conn, stale.pending(conn, 9))
        value = changed | ({"store_id": guide.store_id} if "store_id" in changed else {})
        notes.change_customer(Writer(Recorder(conn, 1), guide, now), row_id, **value)
        return row_id

    row_id = database.transact(change)
    assert [customer_id for customer_id, _ in _marked(database)] == [row_id] * marked
