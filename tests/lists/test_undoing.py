"""Whatever is answered under a list is taken back to the last column of every table."""

from datetime import datetime

import pytest

from bot.db.core.engine import Database
from tests.support.world import world
from tests.test_every_command import Shop

ANSWERS = (
    ("1打过了",),
    ("1没接",),
    ("1没接", "1约了周日下午3点"),
    ("1约了周日",),
    ("1说周末来",),
    ("1不要了",),
    ("1不要了嫌贵",),
    ("1不要了", "2"),
    ("1说别再打了",),
    ("1搬走了",),
    ("1空号",),
    ("1晚点打",),
    ("1给小李",),
    ("1发券",),
    ("1发券", "1打过了"),
    ("1约了周日", "1说别再打了"),
    ("1没接 2芒果过敏",),
    ("1说贵，想要券",),
    ("都打过了",),
    ("1", "1"),
    ("1", "2"),
    ("1", "4"),
)


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    world(database, now)
    return Shop(database, now)


def test_taken_back_all_is_as_it_was(shop: Shop) -> None:
    shop.say("小王", "名单")
    for said in ANSWERS:
        shop.say("小王", "名单")
        rows, written = shop.rows(), len(shop.written("小王"))

        errors = {shop.say("小王", text).error for text in said}
        changed, wrote = shop.rows(), len(shop.written("小王")) - written
        undone = {shop.say("小王", "撤").error for _ in range(wrote)}

        assert (said, errors, undone) == (said, {None}, {None})
        assert (said, changed == rows, shop.rows() == rows) == (said, False, True)


def test_a_question_and_a_number_that_is_not_there_write_nothing(shop: Shop) -> None:
    shop.say("小王", "名单")
    rows = shop.rows()

    for text in ("9打过了", "1她家狗", "1没接 1约了周日", "1给外店", "1给我", "为什么 1", "1 2", "1"):
        shop.say("小王", text)

    assert (shop.rows() == rows, shop.written("小王")) == (True, [])
