"""What may break the night and 忙, and what may not, said by the authors themselves."""

from datetime import timedelta

import pytest

import bot.handlers
from bot.chat import Incoming
from bot.commands import collect
from bot.db.talk import listing
from bot.dispatch import Dispatcher
from tests.support.cast import address
from tests.support.world import world

PREPARED = (
    ("总部", "开券 夏日大礼券 50元 7天 杨枝甘露 限10张"),
    ("总部", "1"),
    ("总部", "开券 冬日大礼券 50元 7天 限10张"),
    ("总部", "1"),
)


@pytest.fixture
def says(database, now):
    """Lets somebody say something at an hour; gives what is owed since."""
    world(database, now)
    dispatcher, clock = Dispatcher(database, collect(bot.handlers)), [now.replace(hour=20)]

    def say(name, *texts, at=None):
        clock[0] = at or clock[0]
        with database.reading() as conn:
            before = {line.id for line in listing.lines(conn)}
        for text in texts:
            clock[0] += timedelta(seconds=1)
            dispatcher.handle(Incoming(f"{clock[0]}", address(name), text, clock[0]))
        with database.reading() as conn:
            return [line for line in listing.lines(conn) if line.id not in before]

    for name, text in PREPARED:
        say(name, text)
    return say


def held(lines, night) -> list[tuple[str, bool, bool]]:
    """To whom, whether it may break the night, whether it waits for the morning."""
    morning = (night + timedelta(days=1)).replace(hour=8, minute=0, second=0)
    return [(line.to, line.urgent, line.not_before == morning) for line in lines]


@pytest.fixture
def night(now):
    return now.replace(hour=21, minute=30)


def test_a_coupon_asked_for_against_an_allergy_is_told_at_once(says, night):
    owed = says("小王", "查 8000", "发 夏日大礼券 坚持 她给同事带的", at=night)

    assert held(owed, night) == [("staff:dianzhang", True, False)]
    assert "芒果过敏" in owed[0].text


def test_any_other_coupon_waits_for_the_morning(says, night):
    owed = says("小王", "查 8000", "发 冬日大礼券", at=night)

    assert held(owed, night) == [("staff:dianzhang", False, True)]


def test_a_complaint_handed_to_the_manager_is_told_at_once_only_where_it_is_urgent(says, night):
    urgent = says("小王", "查 8000", "诉 等了40分钟，再也不来了", "3", at=night)
    calm = says("小李", "查 2203", "诉 杯子有点漏", "3")

    assert held(urgent, night) == [("staff:dianzhang", True, False)]
    assert held(calm, night) == [("staff:dianzhang", False, True)]


def test_somebody_busy_is_told_by_a_colleague_when_she_is_not(says, now):
    noon = now.replace(hour=12)
    says("店长", "忙 1小时", at=noon)
    owed = says("小李", "查 2203", "诉 杯子有点漏", "3", at=noon + timedelta(minutes=5))

    assert [(line.to, line.urgent, line.rung) for line in owed] == [("staff:dianzhang", False, "makeup")]
    assert timedelta(minutes=59) < owed[0].not_before - noon <= timedelta(hours=1, seconds=10)
