"""Whatever is written, taking it back restores exactly what was: every row of every table is compared."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import bot.handlers
from bot.chat import Incoming
from bot.commands import collect
from bot.db import changes, tables
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from tests.support.cast import address
from tests.support.examples import examples
from tests.support.world import world

# What a conversation leaves behind without being anything known of a customer.
TRACES = {"stale_segments", "inbox", "menus", "audit", "units", "changes", "conversations", "outbox", "alembic_version"}
NUMBERS = ("last_complaint", "last_approval", "last_followup")  # counted on, whatever is withdrawn
PEOPLE = st.sampled_from(["8000", "2203", "7715"])
FOOD = st.sampled_from(["花生", "芒果", "虾", "牛奶", "坚果", "香菜", "葱", "辣", "海鲜", "鸡蛋", "酒精", "乳胶"])
WRITES = st.one_of(
    st.builds("记 {} 不吃{}".format, PEOPLE, FOOD),
    st.builds("尾号{}对{}过敏".format, PEOPLE, FOOD),
    st.builds("尾号{}她女儿{}过敏 喜欢热饮 生日6月1号".format, PEOPLE, FOOD),
    st.builds("改 {} 手机 139111{:05}".format, PEOPLE, st.integers(0, 99999)),
    st.builds("改 {} 生日 {}月{}日".format, PEOPLE, st.integers(1, 12), st.integers(1, 28)),
    st.builds("改 {} 名字 {}".format, PEOPLE, st.sampled_from(["王小芳", "陈佳", "周慧敏"])),
    st.builds("建 愿意 138111{:05} 新客 路过".format, st.integers(0, 99999)),
    st.builds("临 {}大姐 要{}".format, st.sampled_from(["红衣", "短发", "金毛"]), FOOD),
    st.builds("客诉 尾号{} 等了{}分钟 很气".format, PEOPLE, st.integers(5, 60)),
    st.builds("并 {} {}".format, PEOPLE, PEOPLE),
    st.builds("尾号{}答应周五给她留{}".format, PEOPLE, st.sampled_from(["一份燕麦奶", "灰直筒裤"])),
    st.builds("停用 {}".format, st.sampled_from(["xiaowang", "xiaoli"])),
)
MESSAGES = st.lists(st.tuples(WRITES, st.sampled_from(["", "1", "2", "3"])), min_size=1, max_size=4)


def known(database: Database) -> dict[str, str]:
    """Every row that says something, opened, whatever seals it."""

    def read(conn):
        shown = {}
        for table in tables.metadata.sorted_tables:
            if table.name in TRACES:
                continue
            columns = [column for column in table.columns if column.name not in NUMBERS]
            for row in conn.execute(select(*columns)).mappings():
                image = {name: changes._freeze(value) for name, value in row.items()}
                key = json.dumps([table.name, *(str(row[column.name]) for column in table.primary_key)])
                shown[key] = changes._canonical(conn, table, image)
        return shown

    return database.transact(read)


@pytest.fixture
def shop(database: Database, now: datetime) -> tuple[Database, Dispatcher, Iterator[int]]:
    world(database, now)
    return database, Dispatcher(database, collect(bot.handlers)), count()


def test_taking_everything_back_restores_everything(shop, now, engine):
    """Many more sequences, and others each time, with HYPOTHESIS_PROFILE=wide."""

    @examples(engine, 0.3)
    @given(messages=MESSAGES)
    def holds(messages):
        _restored(shop, now, messages)

    holds()


def _restored(shop, now, messages):
    database, dispatcher, numbers = shop
    before = known(database)

    def say(text: str) -> str:
        number = next(numbers)
        at = now + timedelta(seconds=number % 3600)
        return dispatcher.handle(Incoming(f"undo-{number}", address("店长"), text, at)).error or "ok"

    for text, answer in messages:
        assert say(text) != "bug"
        if answer:
            assert say(answer) != "bug"
    written = len(database.transact(lambda conn: changes.recent(conn, _manager(conn), now - timedelta(days=1), 99)))
    taken = [say("撤") for _ in range(written)]

    assert taken == ["ok"] * written
    assert known(database) == before


def _manager(conn) -> int:
    return conn.execute(select(tables.staff.c.id).where(tables.staff.c.code == "dianzhang")).scalar_one()
