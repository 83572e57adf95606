"""忙 holds back what is not urgent; 忙完了, or a nearer end, lets it go."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from bot.db import people
from bot.db.core.engine import Database
from bot.db.tables import outbox
from bot.db.talk import queueing
from bot.db.talk.queueing import NewPush
from tests.support.cast import CAST
from tests.support.world import world
from tests.test_every_command import Shop


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    world(database, now)
    return Shop(database, now)


@pytest.fixture
def owe(database: Database, now: datetime) -> Callable[..., None]:
    """Owe 小王 something, half an hour on."""

    def push(key: str, *, urgent: bool = False) -> None:
        def work(conn: Connection) -> None:
            staff_id = people.staff_id_of(conn, CAST["小王"].code)
            at = now + timedelta(minutes=30)
            queueing.push(conn, NewPush(key, key, staff_id, urgent=urgent), at)

        database.transact(work)

    return push


def due(database: Database) -> dict[str, datetime | None]:
    with database.reading() as conn:
        return {row.key: row.not_before for row in conn.execute(select(outbox).order_by(outbox.c.id))}


@pytest.mark.parametrize(
    ("said", "minutes"), [("忙完了", 0), ("忙 10分钟", 10), ("忙 5小时", None), ("忙 2小时", None)]
)
def test_what_was_held_back_comes_when_her_quiet_ends(shop: Shop, owe, said: str, minutes: int | None) -> None:
    shop.say("小王", "忙 1小时")
    until = shop.clock + timedelta(hours=1)
    owe("digest")
    owe("alarm", urgent=True)
    held = due(shop.database)
    answered = shop.say("小王", said)

    earlier = until if minutes is None else shop.clock + timedelta(minutes=minutes)
    assert answered.error is None
    assert held == {"digest": until, "alarm": None}
    assert due(shop.database) == {"digest": earlier, "alarm": None}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("忙 -5分钟", "忙多久？要比0多，写「10分钟」「1小时」「到3点」这样。不忙了发「忙完了」。"),
        ("忙 0分钟", "忙多久？要比0多，写「10分钟」「1小时」「到3点」这样。不忙了发「忙完了」。"),
        ("忙 0", "忙多久？要比0多，写「10分钟」「1小时」「到3点」这样。不忙了发「忙完了」。"),
        ("忙 半天", "好，到19:00不吵你（急事除外：过敏、客诉快到点、贵客到店），攒着一起发。忙完回「忙完了」。"),
        ("忙半天", "好，到19:00不吵你（急事除外：过敏、客诉快到点、贵客到店），攒着一起发。忙完回「忙完了」。"),
        ("忙 10分钟", "好，到15:10不吵你（急事除外：过敏、客诉快到点、贵客到店），攒着一起发。忙完回「忙完了」。"),
    ],
)
def test_how_long_she_is_busy_is_read_or_refused_in_words(shop: Shop, said: str, answer: str) -> None:
    assert shop.say("小王", said).reply.text.split("\n")[0] == answer


def test_in_the_night_it_waits_for_the_morning_all_the_same(database: Database, now: datetime) -> None:
    world(database, now)
    evening = now.replace(hour=20, minute=50)
    shop = Shop(database, evening)
    shop.say("小王", "忙 到23点")
    database.transact(
        lambda conn: queueing.push(
            conn, NewPush("late", "late", people.staff_id_of(conn, "xiaowang")), evening + timedelta(minutes=5)
        )
    )
    held = due(database)
    shop.clock = now.replace(hour=21, minute=30)

    assert shop.say("小王", "忙完了").error is None
    assert held == due(database) == {"late": (now + timedelta(days=1)).replace(hour=8)}
