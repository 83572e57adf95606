"""What is told of a group: numbers of people, never of a few, never of children, nothing noted where none may be."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.cards import crowds as cards
from bot.commands import Context
from bot.db import shop
from bot.db.core.engine import Database, keys_of
from bot.db.segments import crowds
from bot.db.tables import customer_segments, customers
from bot.handlers.layers.crowds import crowd
from bot.refresh.run import refresh
from tests.support.cast import address, staff
from tests.support.layered import layered_world


@pytest.fixture
def layered(database: Database, tmp_path: Path, now: datetime) -> Database:
    layered_world(database, now)
    refresh(database, tmp_path, now)
    return database


def _told(database: Database, name: str, words: str, now: datetime, veil: str = "none") -> str:
    who = replace(staff(database, name), veil=veil)
    with database.reading() as conn:
        return crowd.run(Context(conn, who, now, address(name), None, 0), crowd.takes(words)).text


def test_children_are_nowhere_in_what_is_known(layered: Database, now: datetime) -> None:
    with layered.reading() as conn:
        store = next(one.id for one in shop.all_stores(conn) if one.code == "001")
        ids = conn.execute(
            select(customer_segments.c.customer_id).where(customer_segments.c.store_id == store)
        ).scalars()
        child = max(ids)
        before = {
            what: crowds.known(conn, store, what, now.date()).total() for what in ("source", "gender", "age", "job")
        }

    def born(conn, birthday: str) -> None:
        sealed = keys_of(conn).seal("customers.birthday", child, birthday)
        conn.execute(update(customers).where(customers.c.id == child).values(birthday=sealed))

    after = []
    for birthday in ("2012-11-21", "2012-11-20"):  # 13 until tomorrow, and 14 today
        layered.transact(lambda conn: born(conn, birthday))  # noqa: B023 — run before the next turn
        with layered.reading() as conn:
            after.append({what: crowds.known(conn, store, what, now.date()).total() for what in before})
    assert after == [{what: count - 1 for what, count in before.items()}, before]


def test_of_a_few_only_the_number_is_told(layered: Database, now: datetime) -> None:
    told = {words: _told(layered, "店长", words, now) for words in ("普通常客", "要走的大客")}

    assert told["普通常客"] == "徐汇店分层「普通常客」：1人，少于5人不显示明细。"
    assert "近28天常买" in told["要走的大客"]
    assert _told(layered, "总部", "001 要走的大客", now) == "徐汇店分层「要走的大客」：6人，少于10人不显示明细。"


def test_what_was_noted_stays_where_it_may_be_shown(layered: Database, now: datetime) -> None:
    assert [("无糖版" in _told(layered, "店长", "高频", now, veil)) for veil in ("none", "names", "closed")] == [
        True, True, False,
    ]  # fmt: skip


def test_a_large_group_is_looked_at_by_a_sample_spread_over_it(layered: Database, now: datetime) -> None:
    with layered.reading() as conn:
        stores = crowds.all_stores(conn)
        everybody = crowds.sample(conn, stores, "stage", "regular", crowds.size(conn, stores, "stage", "regular"))
        half = crowds.sample(conn, stores, "stage", "regular", 2 * crowds.SAMPLE)
        again = crowds.sample(conn, stores, "stage", "regular", 2 * crowds.SAMPLE)
        found = crowds.habits(conn, half, now.date())

    assert len(everybody) == 50
    assert half == again == [one for one in everybody if one % 2 == 0]
    assert cards.detail("常客", 1000, found).text.splitlines()[:2] == [
        "常客：1,000人",
        f"（按其中匀着挑的{len(half)}人算）",
    ]
