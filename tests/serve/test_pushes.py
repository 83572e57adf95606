"""What is said without being asked: to a person on the first of her ways, in the group of a store, once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.chat import Address
from bot.db import people, shop
from bot.db.core.engine import Database
from bot.db.tables import accounts
from bot.db.tables import outbox as rows
from bot.db.talk import outbox
from bot.db.talk import rooms as groups
from tests.support.nest import Nest
from tests.support.platforms import Platforms, platforms
from tests.support.service import at_work, install, let_in, settled, until
from tests.support.world import world

NEWS = "明天上新：桂花乌龙"


@pytest.fixture
def engine() -> str:
    """One engine is enough: the statements are proved on both elsewhere."""
    return "sqlite"


@pytest.fixture
def running(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, now: datetime
) -> Callable[..., object]:
    """A service with these doors, in the small world."""

    @contextmanager
    def begun(*doors: str) -> Iterator[Platforms]:
        with at_work(database, database_url, quick_folder, brood, doors, now) as (where, _):
            yield where

    return begun


def _tell(database: Database, code: str, text: str, now: datetime) -> None:
    database.transact(lambda conn: outbox.tell(conn, people.staff_id_of(conn, code) or 0, f"test:{code}", text, now))


def _states(database: Database) -> list[str]:
    """Of what was said to be pushed at once; the jobs of the running service say more."""
    with database.reading() as conn:
        at_once = select(rows.c.state).where(rows.c.urgent | rows.c.word)
        return [row.state for row in conn.execute(at_once.order_by(rows.c.id))]


def _heard(where: Platforms, platform: str, person: str, talk: str) -> list[str]:
    return [one["text"] for one in where.bubbles(platform, person, talk) if not one["mine"]]


def test_a_person_hears_it_in_wecom_first(running, database, now):
    with running("telegram", "app") as where:
        _tell(database, "xiaoli", "周敏的投诉到期了", now)
        until(lambda: _states(database) == ["sent"])

        assert _heard(where, "wecom", "xiaoli", "app") == ["周敏的投诉到期了"]
        assert _heard(where, "telegram", "xiaoli", "private") == []


def test_who_blocked_the_bot_hears_it_with_her_next_answer(running, database, now):
    with running("telegram") as where:
        where.do("say", "telegram", "xiaoli", "private", text="嗯")
        settled(database, 1)
        where.telegram.block("xiaoli")
        until(lambda: _is_blocked(database))
        _tell(database, "xiaoli", "记得回电", now)
        where.telegram.unblock("xiaoli")
        until(lambda: _states(database) == ["sent"])

        assert _heard(where, "telegram", "xiaoli", "private")[-1] == "记得回电"


def test_who_could_not_be_written_to_is_told_when_she_speaks(running, database, now):
    with running("telegram") as where:
        _tell(database, "xiaoli", "记得回电", now)  # she never wrote to the bot: Telegram lets nothing through
        until(lambda: _is_blocked(database))
        where.do("say", "telegram", "xiaoli", "private", text="帮助")
        settled(database, 1)

        assert _heard(where, "telegram", "xiaoli", "private")[0].startswith("记得回电\n")
        assert not _is_blocked(database)


def _is_blocked(database: Database) -> bool:
    with database.reading() as conn:
        return conn.execute(select(accounts.c.id).where(accounts.c.blocked_at.is_not(None))).first() is not None


def test_an_announcement_is_said_once_in_the_group_of_the_store(running, database, now):
    with running("telegram") as where:
        where.do("say", "telegram", "dianzhang", "private", text=f"播报 {NEWS}")
        settled(database, 1)
        until(lambda: _states(database) == ["sent"])

        assert _heard(where, "telegram", "xiaowang", "001") == [f"{NEWS}\n——店长"]
        assert _heard(where, "telegram", "waidian", "002") == []


def test_a_webhook_is_the_first_way_into_a_group(running, database, database_url, now, quick_folder, brood):
    world(database, now)
    with platforms(quick_folder) as where:
        let_in(database, where, now)
        store = database.transact(lambda conn: people.store_by_code(conn, "001"))
        assert store
        database.transact(lambda conn: shop.set_webhook(conn, store.id, where.wecom.webhook_url("001")))
        service = install(quick_folder, database_url, where, ("app",), brood)
        service.start()
        where.do("say", "wecom", "dianzhang", "app", text=f"播报 {NEWS}")
        settled(database, 1)
        until(lambda: _states(database) == ["sent"])
        service.stop()

        assert _heard(where, "wecom", "xiaowang", "group:001") == [f"{NEWS}\n——店长"]


def test_a_file_dropped_by_a_manager_is_imported_and_reported(running, database, now):
    lines = (
        "订单号,时间,客户,商品,金额\nA1,2026-11-19 12:00,13800138000,芋泥波波,18\nA2,坏时间,13800138000,芋泥波波,18\n"
    )
    with running("telegram", "app") as where:
        where.do("drop", "telegram", "dianzhang", "private", name="订单.csv", content=lines.encode().hex())
        settled(database, 1)
        (asked,) = _asked(where)
        where.do("press", "telegram", "dianzhang", "private", bubble=asked["id"], data=asked["keys"][0][1])
        settled(database, 2)
        until(lambda: _states(database) == ["sent"])

        said = _heard(where, "wecom", "dianzhang", "app")[-1]
    assert said == (
        "「订单.csv」导好了：读到 2 行，新 1，变了 0，没变 0，拒 1。\n"
        "拒的行和原因在服务器的 refused 文件夹，请管理员取。"
    )


def _asked(where: Platforms) -> list[dict[str, object]]:
    return [one for one in where.bubbles("telegram", "dianzhang", "private") if one["keys"]]


def test_a_group_nobody_of_ours_brought_it_into_is_left(running, database, now):
    with running("telegram") as where:
        where.do("say", "telegram", "dianzhang", "private", text="嗯")
        where.telegram.remove_bot("dianzhang", "002")
        until(lambda: not _rooms(database, where, "002"))
        where.telegram.add_bot("luren", "002")
        until(lambda: any(call.method == "leaveChat" for call in where.telegram.calls))

        where.telegram.remove_bot("dianzhang", "001")
        until(lambda: not _rooms(database, where, "001"))
        where.telegram.add_bot("dianzhang", "001")
        until(lambda: _states(database) == ["sent"])

        assert _heard(where, "telegram", "dianzhang", "private")[-1] == (
            "我进了「徐汇店群」。请在那个群里发「/本群」，它就是你门店的群。"
        )


def _rooms(database: Database, where: Platforms, store: str) -> bool:
    there = Address("telegram", "", str(where.telegram.chat_id_of(store)), private=False)
    return database.transact(lambda conn: groups.placed(conn, there).store) is not None
