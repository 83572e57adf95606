"""The master key changes while the shop works; what must not be kept is not."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import bot.handlers
from bot.chat import Incoming
from bot.commands import collect
from bot.db import tables
from bot.db.core import crypto, retention, rotation
from bot.db.core.engine import Database, open_database
from bot.dispatch import Dispatcher
from bot.domain.errors import UnavailableError
from tests.support.cast import address
from tests.support.world import world

SAID = ("查 8000", "记 喜欢靠窗位", "客诉 等太久了", "建 愿意 13911112222 刘梅", "改 生日 3月5日", "查 8000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    crypto.make_key(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def shop(database_url: str, folder: Path, now: datetime):
    """A working shop whose keys lie in a folder."""
    opened = open_database(database_url, crypto.open_keys(folder))
    world(opened, now)
    yield opened
    opened.close()


def talk(database: Database, now: datetime, *said: str) -> list[str]:
    dispatcher = Dispatcher(database, collect(bot.handlers))
    seed = now.isoformat()
    return [
        dispatcher.handle(Incoming(f"{seed}-{number}", address("小王"), text, now)).reply.text
        for number, text in enumerate(said)
    ]


def key_ids(database: Database) -> set[int]:
    """The keys that seals in the database are under."""
    with database.reading() as conn:
        return {
            bytes(blob)[1]
            for table in tables.metadata.sorted_tables
            for column in tables.sealed_columns(table)
            for (blob,) in conn.execute(select(column).where(column.is_not(None)))
        }


def test_after_rotation_everything_is_under_the_new_key_and_reads_the_same(shop, folder, database_url, now):
    before = talk(shop, now, *SAID)
    crypto.make_key(folder)
    other_process = open_database(database_url, crypto.open_keys(folder))
    written = rotation.reseal(other_process)
    other_process.close()

    assert key_ids(shop) == {2}
    assert written["customers"] == 5
    assert talk(shop, now + timedelta(seconds=2), "查 8000", "13911112222", "7715")[0] == before[-1]


def test_rotation_done_twice_changes_nothing_more(shop, folder, database_url):
    crypto.make_key(folder)
    other_process = open_database(database_url, crypto.open_keys(folder))
    rotation.reseal(other_process)

    assert set(rotation.reseal(other_process).values()) == {0}
    other_process.close()


def test_what_was_written_before_a_rotation_can_be_taken_back_after_it(shop, folder, database_url, now):
    first = talk(shop, now, "查 8000", "记 不吃葱", "查 8000")
    crypto.make_key(folder)
    other_process = open_database(database_url, crypto.open_keys(folder))
    rotation.reseal(other_process)
    after = talk(other_process, now + timedelta(seconds=2), "撤", "查 8000")
    other_process.close()

    assert after[0].startswith("已撤回")
    assert after[1] == first[0]


def test_a_missing_key_refuses_and_says_what_to_do(shop, folder):
    (folder / "01.key").unlink()

    with pytest.raises(UnavailableError, match="zhanggui init"):
        crypto.open_keys(folder)


def test_a_key_that_others_may_read_is_refused(folder):
    (folder / "01.key").chmod(0o644)

    with pytest.raises(UnavailableError, match="chmod 600"):
        crypto.open_keys(folder)


def test_messages_and_images_are_not_kept_longer_than_needed(shop, now):
    talk(shop, now, "查 8000", "记 不吃葱")
    later = datetime.now(now.tzinfo)
    kept = rows(shop)
    shop.transact(lambda conn: retention.tidy(conn, later + timedelta(days=6)))
    still = rows(shop)
    shop.transact(lambda conn: retention.tidy(conn, later + timedelta(days=8)))
    emptied = rows(shop)
    shop.transact(lambda conn: retention.tidy(conn, later + timedelta(days=32)))

    assert kept == still == (2, 1, 1)
    assert emptied == (0, 1, 1)
    assert rows(shop) == (0, 0, 0)


def rows(database: Database) -> tuple[int, int, int]:
    """Message bodies, units and images there are."""
    with database.reading() as conn:
        bodies = conn.execute(select(tables.inbox.c.id).where(tables.inbox.c.body.is_not(None))).all()
        return (
            len(bodies),
            len(conn.execute(select(tables.units.c.id)).all()),
            len(conn.execute(select(tables.changes.c.id)).all()),
        )
