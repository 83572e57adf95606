"""Which way a push took, with the strict local servers: the first that is open, and its list is answered there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat import Choice
from bot.db import people, shop
from bot.db.core.engine import Database
from bot.db.talk import listing
from tests.support.nest import Nest
from tests.support.platforms import Platforms
from tests.support.post_office import push
from tests.support.service import at_work, settled, until

CHOICES = (Choice("帮助", "帮助"), Choice("我的", "我的"))
MINE = "最近没有写过什么。"


@pytest.fixture
def engine() -> str:
    """One engine is enough: the statements are proved on both elsewhere."""
    return "sqlite"


@pytest.fixture
def running(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, now: datetime
) -> Callable[..., object]:
    """A service with these doors, in the small world, at the afternoon of its day."""

    @contextmanager
    def begun(*doors: str) -> Iterator[Platforms]:
        with at_work(database, database_url, quick_folder, brood, doors, now, now) as (where, _):
            yield where

    return begun


def said(database: Database, where: Platforms, code: str, text: str, **more: object) -> None:
    now = datetime.fromtimestamp(where.clock.now(), UTC)
    database.transact(lambda conn: push(conn, code, text, now, **more))


def came(database: Database, key: str) -> str | None:
    """The rung that delivered it; None while none has."""
    with database.reading() as conn:
        return next((line.rung for line in listing.lines(conn, "sent") if line.key == key), None)


def heard(where: Platforms, platform: str, person: str, talk: str) -> list[str]:
    return [one["text"] for one in where.bubbles(platform, person, talk) if not one["mine"]]


def test_a_person_hears_it_from_the_smart_bot_and_presses_its_button(running, database):
    with running("bot", "app", "telegram") as where:
        where.do("say", "wecom", "xiaoli", "bot", text="嗯")
        settled(database, 1)
        said(database, where, "xiaoli", "早上好", choices=CHOICES)
        until(lambda: came(database, "早上好") == "wecom_bot")
        until(lambda: any(one["keys"] for one in where.bubbles("wecom", "xiaoli", "bot")))
        (card,) = [one for one in where.bubbles("wecom", "xiaoli", "bot") if one["keys"]]
        where.do("press", "wecom", "xiaoli", "bot", bubble=card["id"], data=card["keys"][1][1])
        settled(database, 2)

        assert heard(where, "wecom", "xiaoli", "bot")[-1].endswith(MINE)
        assert heard(where, "wecom", "xiaoli", "app") == []


def test_where_the_smart_bot_may_not_the_app_does_and_digits_answer_it_there(running, database):
    with running("callback", "app", "telegram") as where:
        said(database, where, "xiaoli", "早上好", choices=CHOICES)
        until(lambda: came(database, "早上好") == "wecom")
        where.do("say", "wecom", "xiaoli", "app", text="2")
        settled(database, 1)

        assert heard(where, "wecom", "xiaoli", "app")[-1].endswith(MINE)


def test_what_is_to_be_known_again_takes_the_app_and_comes_once(running, database):
    with running("bot", "app") as where:
        where.wecom.add_fault({"kind": "lost", "path": "message/send", "count": 2})
        said(database, where, "xiaoli", "客诉到期", urgent=True, delivery="dedupe")
        until(lambda: came(database, "客诉到期") == "wecom", seconds=60)

        assert heard(where, "wecom", "xiaoli", "app") == ["客诉到期"]


def test_into_a_group_it_goes_by_the_webhook_then_the_smart_bot(running, database):
    with running("bot", "app", "telegram") as where:
        where.do("say", "wecom", "xiaowang", "group:001", text="@掌柜 嗯")  # before that it may not speak there
        settled(database, 1)
        said(database, where, "001", "今日名单两位")
        until(lambda: came(database, "今日名单两位") == "wecom_bot")
        store = database.transact(lambda conn: people.store_by_code(conn, "001"))
        database.transact(lambda conn: shop.set_webhook(conn, store.id, where.wecom.webhook_url("001")))
        said(database, where, "001", "晚上的小结")
        until(lambda: came(database, "晚上的小结") == "wecom_group")

        assert heard(where, "wecom", "xiaowang", "group:001")[-2:] == ["今日名单两位", "晚上的小结"]


def test_without_an_open_group_the_manager_gets_it_to_pass_on(running, database):
    with running("app", "telegram") as where:
        said(database, where, "001", "今日名单两位")
        until(lambda: came(database, "今日名单两位") == "wecom")

        assert heard(where, "wecom", "dianzhang", "app")[-1].endswith("今日名单两位")
        assert heard(where, "telegram", "xiaowang", "001") == []


def test_a_quoted_message_comes_with_the_answer(running, database):
    with running("app", "telegram") as where:
        where.do("say", "telegram", "xiaoli", "private", text="嗯")
        settled(database, 1)
        said(database, where, "xiaoli", "早上好", choices=CHOICES)
        until(lambda: came(database, "早上好") == "wecom")
        (bubble,) = where.bubbles("wecom", "xiaoli", "app")
        where.do("say", "wecom", "xiaoli", "app", text="2", quotes=bubble["id"])
        settled(database, 2)

        assert heard(where, "wecom", "xiaoli", "app")[-1].endswith(MINE)
