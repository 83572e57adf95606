"""Whatever is written of holds, promises, demands, marks and referrers is taken back to the last column."""

from datetime import datetime

import pytest

from bot.db.core.engine import Database
from tests.support.world import world
from tests.test_every_command import Shop

HOLD, PROMISE = "留 粉毛衣M 到礼拜六", "答应 周六寄样品"
BEFORE = ("查 8000", HOLD, PROMISE, "缺 无糖版", "缺 无糖版 2203", "记 7715 她问有没有无糖版，没有", "查 8000")


@pytest.fixture
def shop(database: Database, now: datetime) -> Shop:
    world(database, now)
    shop = Shop(database, now)
    assert {shop.say("小王", text).error for text in BEFORE} == {None}
    return shop


WRITES = (
    ("留 1 拿走了",),
    ("留 1 取消",),
    ("留 1 延到周日",),
    ("留", "1 拿走了"),
    ("答应 2 办了",),
    ("答应 2 延三天",),
    ("提醒 周日 回电",),
    ("答应 送杯套",),
    ("留 杨枝甘露",),
    ("记 答应周六给她留灰直筒裤",),
    ("缺 无糖版",),
    ("缺 热饮 路人",),
    ("到货 无糖版",),
    ("到货 无糖版", "1约了周日 2没接"),
    ("评 9 店员热情",),
    ("评 2 等太久", "1"),
    ("介绍 陈洁带来的",),
    ("介绍 2203 7715",),
    ("忙 1小时",),
)


def test_taken_back_all_is_as_it_was(shop: Shop) -> None:
    for said in WRITES:
        shop.say("小王", "查 8000")
        rows, written = shop.rows(), len(shop.written("小王"))

        answers = [shop.say("小王", text).error for text in said]
        changed = shop.rows()
        undone = [shop.say("小王", "撤").error for _ in range(len(shop.written("小王")) - written)]

        assert (said, set(answers), set(undone)) == (said, {None}, {None})
        assert (said, changed == rows, shop.rows() == rows) == (said, False, True)


def test_what_writes_nothing_leaves_nothing(shop: Shop) -> None:
    rows, written = shop.rows(), shop.written("小王")

    for said in ("留 99 拿走了", "留 灰 到昨天", "答应", "留", "忙完了", "到货 没人要的", "评 11", "介绍 8000 李姐"):
        shop.say("小王", said)

    assert (shop.rows(), shop.written("小王")) == (rows, written)


def test_another_store_learns_and_changes_nothing(shop: Shop) -> None:
    rows, told = shop.rows(), {}

    for said in (
        "留", "留 1", "留 1 拿走了", "答应", "答应 2 办了", "提醒 1 延到周日", "答应 8000 周六给回话",
        "缺", "到货 无糖版", "介绍 8000 陈洁", "评 8000 9",
    ):  # fmt: skip
        told[said] = shop.say("外店", said).reply.text

    secrets = ("粉毛衣", "样品", "王*", "王芳", "8000", "陈", "3人", "2人")
    assert [(said, word) for said, text in told.items() for word in secrets if word in text] == []
    assert shop.rows() == rows


def test_a_number_is_never_given_twice(shop: Shop) -> None:
    first = shop.say("小王", "提醒 周日 回电").reply.text.partition(" →")[0]
    shop.say("小王", "撤")
    second = shop.say("小李", "留 灰直筒26 给8000").reply.text.partition(" →")[0]

    assert (first, second) == ("提醒 #3 回电", "留货 #4 灰直筒26")


def test_an_earlier_mark_of_the_day_is_put_right_by_the_later(shop: Shop) -> None:
    shop.say("小王", "评 9 店员热情")
    shop.say("小王", "评 7")

    told = shop.say("小王", "全 8000").reply.text.splitlines()
    assert [line for line in told if "评分" in line] == ["· 评分 7"]


def test_two_take_the_same_one_and_the_second_is_told(shop: Shop) -> None:
    shop.say("小王", "留 1 拿走了")

    again = shop.say("小李", "留 1 拿走了")

    assert (again.error, again.reply.text) == ("not_found", "没有没办的留货 #1，发「留」看还有哪些。")
