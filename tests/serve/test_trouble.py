"""When something is away or refuses: nothing is lost, nothing comes twice unmarked, and somebody is told."""

import sqlite3
import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.db import people, shop
from bot.db.core.engine import Database
from bot.db.tables import outbox as rows
from bot.db.tables import rooms
from bot.db.talk import outbox
from tests.support.nest import Nest
from tests.support.platforms import Platforms, platforms
from tests.support.service import Service, install, let_in, settled, until
from tests.support.world import world

NEWS = "明天上新"
LATE = "（补发）"


@pytest.fixture
def engine() -> str:
    """One engine is enough: the statements are proved on both elsewhere."""
    return "sqlite"


def _states(database: Database) -> list[str]:
    """Of what was said to be pushed at once; the jobs of the running service say more."""
    with database.reading() as conn:
        at_once = select(rows.c.state).where(rows.c.urgent | rows.c.word)
        return [row.state for row in conn.execute(at_once.order_by(rows.c.id))]


def _heard(where: Platforms, platform: str, person: str, talk: str) -> list[str]:
    return [one["text"] for one in where.bubbles(platform, person, talk) if one["author"] in ("掌柜", "消息推送")]


def _begin(database: Database, where: Platforms, folder: Path, brood: Nest, now: datetime, *doors: str) -> Service:
    world(database, now)
    let_in(database, where, now)
    service = install(folder, f"sqlite:///{database.engine.url.database}", where, doors, brood)
    service.start()
    return service


def _webhook(database: Database, where: Platforms) -> None:
    store = database.transact(lambda conn: people.store_by_code(conn, "001"))
    assert store
    database.transact(lambda conn: shop.set_webhook(conn, store.id, where.wecom.webhook_url("001")))


def test_a_database_that_was_away_is_taken_up_again(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "app")
        file = str(database.engine.url.database)
        with sqlite3.connect(file, isolation_level=None) as held:
            held.execute("BEGIN EXCLUSIVE")
            time.sleep(7)  # longer than anybody waits for the lock
            held.execute("ROLLBACK")
        held.close()
        database.transact(lambda conn: outbox.tell(conn, people.staff_id_of(conn, "xiaoli") or 0, "k", "记得回电", now))
        until(lambda: _states(database) == ["sent"])
        service.kill()

        assert _heard(where, "wecom", "xiaoli", "app") == ["记得回电"]


def test_what_was_surely_not_sent_before_the_end_is_sent_after_the_next_start(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "app")
        _webhook(database, where)
        where.wecom.add_fault({"kind": "45009", "path": "*webhook*", "seconds": 3600})
        where.do("say", "wecom", "dianzhang", "app", text=f"播报 {NEWS}")
        settled(database, 1)
        until(lambda: any("webhook" in call.path for call in where.wecom.calls))
        service.stop()

        assert _states(database) == ["due"]
        where.wecom.clear_faults()
        where.clock.move_to(where.clock.now() + 120)  # the platform asked for a minute
        service.start()
        until(lambda: _states(database) == ["sent"])
        service.stop()
        assert _heard(where, "wecom", "xiaowang", "group:001") == [f"{NEWS}\n——店长"]


def test_a_webhook_that_is_gone_gives_way_to_the_next_way_into_the_group(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "telegram")
        _webhook(database, where)
        where.wecom.add_fault({"kind": "93000", "path": "*webhook*", "seconds": 3600})
        where.do("say", "telegram", "dianzhang", "private", text=f"播报 {NEWS}")
        until(lambda: _states(database) == ["sent"])
        service.stop()

        assert _heard(where, "telegram", "xiaowang", "001") == [f"{NEWS}\n——店长"]


def test_a_manager_gets_what_does_not_get_into_her_group(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "app")
        _webhook(database, where)
        where.wecom.add_fault({"kind": "93000", "path": "*webhook*", "seconds": 3600})
        where.do("say", "wecom", "dianzhang", "app", text=f"播报 {NEWS}")
        until(lambda: _states(database) == ["sent"])
        service.stop()

        assert _heard(where, "wecom", "dianzhang", "app")[-1] == (
            "（徐汇店群里发不进去，请转发。要它再能发：在群里重发「/本群」，或请管理员重设群消息推送。）\n"
            f"{NEWS}\n——店长"
        )


def test_a_group_without_any_way_left_is_told_to_its_manager(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "telegram")
        _webhook(database, where)
        database.transact(lambda conn: conn.execute(delete(rooms)))
        where.wecom.add_fault({"kind": "93000", "path": "*webhook*", "seconds": 3600})
        where.do("say", "telegram", "dianzhang", "private", text=f"播报 {NEWS}")
        until(lambda: _states(database) == ["dead", "due"])
        where.clock.move_to(where.clock.now() + 120)  # what goes wrong together is told together
        until(lambda: _states(database) == ["dead", "sent"])
        service.stop()

        assert _heard(where, "telegram", "dianzhang", "private")[-1] == (
            "有 1 条消息没送到，请跟本人说一声：\n· 给徐汇店群「明天上新」：企业微信 93000："
            "群机器人的地址失效了：请在群里重新添加机器人，再执行 zhanggui store webhook。"
        )


@pytest.mark.parametrize("kind", ["502", "lost", "reset"])
def test_an_answer_that_may_be_lost_is_said_again_and_marked(database, quick_folder, brood, now, kind):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "telegram")
        where.telegram.add_fault({"kind": kind, "method": "sendMessage", "times": 1})
        where.do("say", "telegram", "xiaowang", "private", text="查 8000")
        settled(database, 1, seconds=60)
        service.kill()

        said = _heard(where, "telegram", "xiaowang", "private")
        assert said[-1].startswith(f"{LATE}⚠️ 芒果过敏")
        assert len(said) == (2 if kind == "lost" else 1)


def test_a_second_service_over_the_same_folder_is_refused(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        service = _begin(database, where, quick_folder, brood, now, "telegram")
        second = Service(quick_folder / "second", service.settings, where, brood)
        second.folder.mkdir()
        second.start(wait=False)
        code = second.nest.wait(second.pid)
        service.stop()

    assert (code, second.log.read_text(encoding="utf-8").splitlines()[-1]) == (
        1,
        f"{quick_folder / 'data'} 里已经有一个掌柜在跑（channels）：先停了那个再开。",
    )


def test_a_port_somebody_has_is_told_in_one_line(database, quick_folder, brood, now):
    with platforms(quick_folder) as where:
        world(database, now)
        service = install(quick_folder, f"sqlite:///{database.engine.url.database}", where, ("telegram",), brood)
        service.settings["ZHANGGUI_HTTP"] = where.base.removeprefix("http://")
        service.start(wait=False)
        code = service.nest.wait(service.pid)

    said = service.log.read_text(encoding="utf-8").splitlines()[-1]
    assert code == 1
    assert said.endswith("听不了：端口有人用了，或者不是这台机器的地址。请改 ZHANGGUI_HTTP。")
