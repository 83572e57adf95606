"""A way that does not open, with the strict local servers: the next one, the platform's pace kept, and what is late."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.db import people, shop
from bot.db.core.engine import Database
from bot.db.talk import listing
from tests.serve.test_pushes_ladder import came, heard, said
from tests.support.nest import Nest
from tests.support.service import at_work, settled, until


@pytest.fixture
def engine() -> str:
    """One engine is enough: the statements are proved on both elsewhere."""
    return "sqlite"


@pytest.fixture
def running(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, now: datetime
) -> Callable[..., object]:
    """A service with these doors, in the small world, at the afternoon of its day."""

    return lambda *doors: at_work(database, database_url, quick_folder, brood, doors, now, now)


def test_a_group_that_takes_nothing_over_night_is_told_by_its_manager_until_somebody_speaks(running, database):
    with running("bot", "app", "telegram") as (where, _):
        where.do("say", "wecom", "xiaowang", "group:001", text="@掌柜 嗯")
        settled(database, 1)
        where.wecom.add_fault({"kind": "93006", "path": "ws/aibot_send_msg", "count": 1})
        said(database, where, "001", "今日名单两位")
        until(lambda: came(database, "今日名单两位") == "wecom")
        where.do("say", "wecom", "xiaowang", "group:001", text="@掌柜 早")
        settled(database, 2)
        said(database, where, "001", "晚上的小结")
        until(lambda: came(database, "晚上的小结") == "wecom_bot")

        assert heard(where, "wecom", "dianzhang", "app")[-1].endswith("今日名单两位")
        assert heard(where, "wecom", "xiaowang", "group:001")[-1] == "晚上的小结"


def test_an_app_from_a_wrong_address_leaves_it_to_the_next_way(running, database):
    with running("app", "telegram") as (where, _):
        where.do("say", "telegram", "xiaoli", "private", text="嗯")
        settled(database, 1)
        where.wecom.add_fault({"kind": "60020", "path": "message/send", "seconds": 60})
        said(database, where, "xiaoli", "今天的名单", delivery="dedupe")
        until(lambda: came(database, "今天的名单") == "telegram")

        assert heard(where, "telegram", "xiaoli", "private")[-1] == "今天的名单"


def test_a_line_that_is_down_leaves_it_to_the_next_way_after_three_tries(running, database):
    with running("bot", "app") as (where, _):
        where.do("say", "wecom", "xiaoli", "bot", text="嗯")
        settled(database, 1)
        where.wecom.add_fault({"kind": "6000", "path": "ws/aibot_send_msg", "seconds": 120})
        said(database, where, "xiaoli", "今天的名单")
        until(lambda: came(database, "今天的名单") == "wecom", seconds=30)

        assert heard(where, "wecom", "xiaoli", "app") == ["今天的名单"]
        with database.reading() as conn:
            assert [(line.tries, line.state) for line in listing.lines(conn) if line.key == "今天的名单"] == [
                (4, "sent")
            ]


def test_a_webhook_is_never_asked_more_often_than_it_allows(running, database):
    with running("app") as (where, service):
        store = database.transact(lambda conn: people.store_by_code(conn, "001"))
        database.transact(lambda conn: shop.set_webhook(conn, store.id, where.wecom.webhook_url("001")))
        for number in range(25):
            said(database, where, "001", f"播报{number}", urgent=True)
        until(lambda: came(database, "播报17") == "wecom_group", seconds=60)
        service.kill()  # in order it would go on for twenty seconds

        assert heard(where, "wecom", "xiaowang", "group:001") == [f"播报{number}" for number in range(18)]
        with database.reading() as conn:
            left = {(line.state, line.last_error) for line in listing.lines(conn) if line.rung != "wecom_group"}
        assert left == {("due", None)}


def test_after_a_night_without_service_what_is_late_says_so_and_what_was_missed_comes_with_an_apology(
    running, database
):
    with running("app") as (where, service):
        service.stop()
        at = datetime.fromtimestamp(where.clock.now(), UTC)
        said(database, where, "xiaoli", "今天的名单", expires_at=at + timedelta(hours=6))
        said(database, where, "xiaowang", "下午的名单", expires_at=at + timedelta(hours=1))
        where.clock.forward(2 * 3600)
        service.start()
        until(lambda: came(database, "今天的名单") == "wecom")
        until(lambda: came(database, "missed:下午的名单") == "wecom")

        assert heard(where, "wecom", "xiaoli", "app") == ["（补发）今天的名单"]
        assert heard(where, "wecom", "xiaowang", "app") == ["抱歉，这条过了时候才给你：\n下午的名单"]
