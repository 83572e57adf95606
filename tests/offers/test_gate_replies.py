"""A reply gives one coupon, to whom the card it answers was of: twice at once, on two platforms, by somebody else."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

import bot.handlers
from bot.chat import Incoming, Outcome, Press
from bot.commands import collect
from bot.db.core.engine import Database, open_database
from bot.db.tables import coupons, customers
from bot.dispatch import Dispatcher
from tests.support import cast, engines
from tests.support.world import world

WANG, CHEN = "+8613800138000", "+8613800002203"


@pytest.fixture
def shop(database: Database, now: datetime) -> Database:
    world(database, now)
    database.transact(lambda conn: cast.bind_telegram(conn, now))
    return database


class Device:
    """A person at one of her devices, on a connection of its own."""

    def __init__(self, database: Database, name: str, now: datetime, group: str | None = None) -> None:
        self._dispatcher = Dispatcher(database, collect(bot.handlers))
        self._name, self._group, self._at, self._said = name, group, now, 0

    def says(self, text: str, press: Press | None = None) -> Outcome:
        self._said += 1
        key = f"{self._name}-{self._group}-{id(self)}-{self._said}"
        there = cast.address(self._name, self._group)
        self._at += timedelta(seconds=1)
        return self._dispatcher.handle(Incoming(key, there, text, self._at, press))


def digit(outcome: Outcome, label: str) -> int:
    return next(place for place, choice in enumerate(outcome.reply.choices, 1) if choice.label.startswith(label))


def given(database: Database) -> list[str]:
    """The phone of whoever got each coupon."""

    def read(conn):
        query = select(customers.c.id, customers.c.phone).join(coupons, coupons.c.customer_id == customers.c.id)
        return [database.keys.unseal("customers.phone", *row) for row in conn.execute(query)]

    return database.transact(read)


@pytest.mark.parametrize("second", [None, cast.TELEGRAM])
def test_the_same_reply_at_once_on_two_devices_gives_one_coupon(shop, database_url, now, second):
    again = open_database(database_url, engines.KEYS)
    one, other = Device(shop, "小王", now), Device(again, "小王", now, second)
    shown = one.says("查 8000")
    place = digit(shown, "发")
    offer = shown.reply.choices[place - 1].label.removeprefix("发")
    replies = [str(place), f"发 8000 {offer}" if second else str(place)]
    gate, outcomes = threading.Barrier(2), []

    def reply(device: Device, text: str) -> None:
        gate.wait()
        outcomes.append(device.says(text))

    threads = [threading.Thread(target=reply, args=pair) for pair in zip((one, other), replies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again.close()

    assert given(shop) == [WANG]
    assert sorted(outcome.reply.text.startswith("已发 王*（尾号8000）") for outcome in outcomes) == [False, True]


def test_a_button_gives_to_whom_its_card_was_of_whoever_is_spoken_of_now(shop, now):
    xiaowang = Device(shop, "小王", now)
    first = xiaowang.says("查 8000")
    xiaowang.says("查 2203")

    assert first.menu
    xiaowang.says("", Press(first.menu, digit(first, "发")))

    assert given(shop) == [WANG]


def test_nobody_else_can_press_it_nor_say_it(shop, now):
    shown = Device(shop, "小王", now).says("查 8000")
    assert shown.menu
    command = shown.reply.choices[digit(shown, "发") - 1].command

    for name in ("小李", "外店", "店长"):
        other = Device(shop, name, now)
        assert other.says("", Press(shown.menu, digit(shown, "发"))).error == "usage"
        assert other.says(command).error == "not_found"
    assert given(shop) == []


def test_two_customers_of_one_name_are_never_guessed_between(shop, now):
    xiaowang = Device(shop, "小王", now)
    xiaowang.says("建 愿意 13800130001 王芳")

    outcome = xiaowang.says("发 王芳 满减")

    assert given(shop) == []
    assert [choice.command.split()[0] for choice in outcome.reply.choices][:2] == ["发", "发"]
