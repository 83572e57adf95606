"""A push may be answered by its digits, where it arrived, once it arrived."""

from datetime import timedelta

import pytest
from sqlalchemy import select

import bot.handlers
from bot.chat import Address, Choice, Incoming, Press
from bot.commands import collect
from bot.db import people
from bot.db.tables import outbox as table
from bot.db.talk import conversations, outbox
from bot.dispatch import Dispatcher
from bot.wire import SendError
from tests.support.post_office import unclear

CHOICES = (Choice("帮助", "帮助"), Choice("我的", "我的"))
MINE = "最近没有写过什么。"


@pytest.fixture
def says(office):
    """What is answered to somebody's words, or her press, on a platform."""
    dispatcher = Dispatcher(office.database, collect(bot.handlers))

    def say(channel, account, text="", press=None):
        where = Address(channel, account, account)
        message = Incoming(f"{account}:{office.now}:{text}:{press}", where, text, office.now, press=press)
        return dispatcher.handle(message).reply.text

    return say


def test_its_digits_are_to_be_read_and_its_buttons_to_be_pressed(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.work()

    assert office.heard() == ["早上好\n1 帮助　2 我的"]
    assert office["wecom_bot"].keys == [("帮助", "我的")]


def test_a_digit_answers_it_where_it_arrived_and_nowhere_else(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.work()

    assert says("telegram", "xiaoli@telegram", "2").startswith("这个数字现在没有")
    assert says("wecom_bot", "xiaoli@wecom", "2").endswith(MINE)


def test_a_button_of_it_works_from_any_of_her_accounts_only(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.work()
    menu = _menu(office)

    assert says("wecom_bot", "xiaoli@wecom", press=Press(menu, 2)).endswith(MINE)
    assert says("wecom_bot", "xiaowang@wecom", press=Press(menu, 2)) == "这组按钮已经过期了，请再查一次。"


def _menu(office):
    with office.database.reading() as conn:
        return conn.execute(select(table.c.menu_id)).scalar_one()


def test_a_list_lives_a_day_from_its_arrival(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES, not_before=office.now + timedelta(hours=17.5))
    office.work(hours=17.5)
    office.now += timedelta(hours=23)

    assert says("wecom_bot", "xiaoli@wecom", "2").endswith(MINE)


def test_what_may_not_have_arrived_takes_no_digits(office, says):
    office["wecom_bot"].answers.append(unclear())
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.work()

    assert says("wecom_bot", "xiaoli@wecom", "2").startswith("这个数字现在没有")


def test_numbers_that_stand_in_the_text_are_not_said_twice(office):
    office.push("xiaoli", "先办：\n1 帮助\n2 我的", choices=CHOICES)
    office.work()

    assert office.heard() == ["先办：\n1 帮助\n2 我的"]


def test_told_with_her_next_answer_it_says_which_list_its_digits_are(office):
    for name in office.platforms:
        office[name].always = SendError("gone", "不在")
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.push("xiaoli", "急", urgent=True)
    who = office.database.transact(lambda conn: people.staff_id_of(conn, "xiaoli"))

    told = office.database.transact(lambda conn: outbox.owed(conn, who, "none", office.now))

    assert told.texts == ["早上好\n1 帮助　2 我的", "急"]
    menu = office.database.transact(lambda conn: conversations.menu(conn, who, told.menu_id))
    assert menu.choices == CHOICES


def test_on_the_console_a_digit_answers_what_came_with_the_last_answer(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES)

    assert says(people.CONSOLE, "xiaoli", "嗯") == "早上好\n1 帮助　2 我的"
    assert says(people.CONSOLE, "xiaoli", "2").endswith(MINE)


def test_what_waited_comes_with_one_digit_for_one_thing_and_a_line_between(office, says):
    office.push("xiaoli", "早上好", choices=CHOICES)
    office.push("xiaoli", "要办的：\n1 办了\n回「1 办了」", choices=(Choice("办了", "名单", takes_text=True),))

    told = says(people.CONSOLE, "xiaoli", "嗯")

    assert told.startswith("攒下的 2 条：\n\n")
    digits = [line for line in told.splitlines() if line and line[0].isdecimal()]
    assert len({line[0] for line in digits}) == len(digits)
