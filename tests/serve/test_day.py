"""A day of the demo chain on the running service: what comes at its hour comes to the right phones, and is answered."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from bot.db import people, shop
from bot.db.core.engine import Database
from bot.db.tables import outbox
from bot.demo import make
from bot.refresh.run import refresh
from tests.support.cast import ZONE
from tests.support.nest import Nest
from tests.support.platforms import Platforms, platforms
from tests.support.service import install, let_in, until

WANG, LI, BOSS = "xiaowang", "xiaoli", "dianzhang"  # early shift, late shift, and who leads the store
BUTTONS = "点一下，或回数字"
DAY = "2026-11-23"  # a Monday


@pytest.fixture
def engine() -> str:
    """One engine is enough: the jobs are proved on both elsewhere."""
    return "sqlite"


@dataclass(frozen=True, slots=True)
class Day:
    """The service, its clock, and everybody's phone on one platform."""

    database: Database
    where: Platforms
    platform: str
    own: str
    group: str

    def to(self, clock: str) -> None:
        """Make it this time of the day."""
        self.where.clock.move_to(datetime.fromisoformat(f"{DAY}T{clock}").replace(tzinfo=ZONE).timestamp())

    def heard(self, person: str, talk: str = "") -> list[str]:
        """What the bot said to this person, or in this talk, so far; without the cards that only hold buttons."""
        shown = self.where.bubbles(self.platform, person, talk or self.own)
        return [one["text"] for one in shown if not one["mine"] and one["text"] not in ("", BUTTONS)]

    def comes(self, person: str, beginning: str, talk: str = "") -> str:
        """Wait for a message that has a line which begins so; gives it."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [text for text in self.heard(person, talk) if re.search(f"^{beginning}", text, re.MULTILINE)]
            return bool(found)

        until(there)
        assert len(found) == 1, found
        return found[0]

    def answer(self, person: str, text: str, *, talk: str = "", quotes: str | None = None) -> str:
        """Say something and wait for the answer."""
        before = len(self.heard(person, talk))
        self.where.do("say", self.platform, person, talk or self.own, text=text, quotes=quotes)
        until(lambda: len(self.heard(person, talk)) > before)
        return self.heard(person, talk)[before]

    def quotable(self, person: str, beginning: str, talk: str = "") -> str:
        """The newest message that begins so, to be quoted."""
        shown = self.where.bubbles(self.platform, person, talk or self.own)
        return str(next(one["id"] for one in reversed(shown) if one["text"].startswith(beginning)))


@pytest.fixture
def begun(database: Database, database_url: str, quick_folder: Path, brood: Nest) -> Callable[..., object]:
    """The demo chain on the morning of its day, with a service that has these doors."""
    opens = datetime.fromisoformat(f"{DAY}T08:00").replace(tzinfo=ZONE)

    @contextmanager
    def started(platform: str, door: str, own: str, group: str) -> Iterator[Day]:
        make(database, customers=600, at=opens)
        refresh(database, quick_folder, opens)
        with platforms(quick_folder) as where:
            let_in(database, where, opens)
            if door == "app":  # on Telegram the bot itself is in the group
                database.transact(lambda conn: _webhook(conn, where))
            day = Day(database, where, platform, own, group)
            day.to("08:20")
            service = install(quick_folder, database_url, where, (door,), brood)
            service.start()
            try:
                yield day
            finally:
                service.stop()

    return started


def _webhook(conn: Connection, where: Platforms) -> None:
    store = people.store_by_code(conn, "001")
    assert store
    shop.set_webhook(conn, store.id, where.wecom.webhook_url("001"))


def _queued(database: Database, key: str) -> bool:
    with database.reading() as conn:
        return conn.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is not None


def last4(line: str) -> str:
    """The last digits that name a customer in a line."""
    found = re.search(r"尾号(\d{4})", line)
    assert found, line
    return found[1]


def rows(text: str) -> dict[int, str]:
    """The numbered lines of a message."""
    return {int(found[1]): found[2] for found in re.finditer(r"^(\d{1,2}) (.+)$", text, re.MULTILINE)}


def test_a_day_in_wecom(begun) -> None:
    with begun("wecom", "app", "app", "group:001") as day:
        day.to("08:30")
        digest = day.comes(BOSS, "早，徐汇店。")
        saved = rows(digest)
        assert sorted(saved) == [1, 2, 3]
        assert "今天：" in digest
        assert re.search(r"^· |平时\d+天来一次", day.answer(BOSS, "为什么 1"), re.MULTILINE)
        assert day.answer(BOSS, "1给小李").startswith(f"1 {saved[1].split(' ')[0]}")
        handed = day.comes(LI, ".*转给你1位：")
        assert last4(rows(handed)[1]) == last4(saved[1])
        assert day.heard(WANG) == []

        day.to("09:00")
        day.comes("hq", "【全链·上周】")

        day.to("09:30")
        until(lambda: _queued(day.database, f"due:{DAY}:{WANG}"))
        day.to("10:00")
        called = day.comes(WANG, "〔名单11-23〕小王")
        mine = rows(called)
        promised = next(digit for digit, line in mine.items() if line.startswith("答应 #"))
        assert "今天要办的 " in called
        group = day.comes(WANG, "〔门店名单11-23〕", day.group)
        assert re.findall(r"尾号|\d{4}|过敏", group.replace("〔门店名单11-23〕", "")) == []

        one, two = last4(mine[1]), last4(mine[2])
        said = day.answer(WANG, "1没接 2约了周日")
        assert [line for line in said.splitlines() if line[:2] in ("1 ", "2 ")] == said.splitlines()[:2]
        assert "没接" in said.splitlines()[0]
        assert "周日" in said.splitlines()[1]
        assert "回访：约好的（" in day.answer(WANG, f"查 {two}")
        assert day.answer(WANG, "撤").startswith("已撤回：名单")
        assert "回访" not in day.answer(WANG, f"查 {two}")
        assert one != two
        number = re.search(r"答应 (#\d+)", mine[promised])
        assert number
        assert "办了，清掉了" in day.answer(WANG, f"答应 {number[1]} 办了")

        day.to("10:05")
        day.comes(BOSS, "【徐汇店·上周】")

        day.to("18:00")
        evening = day.comes(LI, "晚班交接 · 徐汇店")
        assert number[1] not in re.findall(r"答应过 (#\d+)", evening)
        assert re.findall(r"客诉 #\d+", evening) != []
        assert [text for text in day.heard(WANG) if "交接" in text] == []

        day.to("20:30")
        day.comes(WANG, "【徐汇店·周一】", day.group)
        assert [text for text in day.heard(BOSS) if "交接" in text] == []


def test_a_day_on_telegram(begun) -> None:
    with begun("telegram", "telegram", "private", "001") as day:
        for person in (WANG, LI, BOSS):
            day.answer(person, "帮助")
        day.to("08:30")
        digest = day.comes(BOSS, "早，徐汇店。")
        quoted = day.quotable(BOSS, "早，徐汇店。")
        day.answer(BOSS, "查 8000")
        assert "→ 小李" in day.answer(BOSS, "2给小李", quotes=quoted)
        assert last4(rows(day.comes(LI, ".*转给你1位："))[1]) == last4(rows(digest)[2])

        day.to("10:00")
        day.comes(WANG, "〔名单11-23〕小王")
        group = day.comes(LI, "〔门店名单11-23〕", day.group)
        free = next(digit for digit, line in rows(group).items() if line.endswith("待认领"))
        listed = day.quotable(LI, "〔门店名单11-23〕", day.group)
        day.where.do("say", "telegram", LI, day.group, text=f"{free}我来", quotes=listed)
        day.comes(WANG, r".*→ 小李（10:0\d）", day.group)

        day.to("18:00")
        day.comes(LI, "晚班交接 · 徐汇店")
        day.to("20:30")
        day.comes(BOSS, "【徐汇店·周一】", day.group)
