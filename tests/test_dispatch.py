"""One message in, one reply out: repeats, order, who may, what a digit means and for how long."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

import bot.handlers
from bot.actions import accounts
from bot.chat import Address, Incoming, Outcome
from bot.commands import Commands, Context, as_typed, collect, command
from bot.db import people as people_db
from bot.db import tables
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from bot.relay import Relay
from tests.support.cast import address
from tests.support.world import world

Say = Callable[..., Outcome]


@pytest.fixture
def dispatcher(database: Database, now: datetime) -> Dispatcher:
    world(database, now)
    return Dispatcher(database, collect(bot.handlers))


@pytest.fixture
def say(dispatcher: Dispatcher, now: datetime) -> Say:
    """Say something as one of the cast, so many minutes after three o'clock."""
    said = iter(range(1000))

    def speak(person: str, text: str, minutes: float = 0, where: Address | None = None) -> Outcome:
        at = now + timedelta(minutes=minutes)
        return dispatcher.handle(Incoming(f"test-{next(said)}", where or address(person), text, at))

    return speak


def count(database: Database, table) -> int:
    return database.transact(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_repeat_has_no_second_effect(dispatcher, database, now):
    dispatcher.handle(Incoming("a", address("小王"), "查 8000", now))
    note = Incoming("b", address("小王"), "不吃香菜", now)

    first, again = dispatcher.handle(note), dispatcher.handle(note)

    assert not first.repeated
    assert again.repeated
    assert again.reply.text == ""
    assert count(database, tables.units) == 1


def test_two_messages_of_one_second_are_two(dispatcher, database, now):
    dispatcher.handle(Incoming("a", address("小王"), "查 8000", now))
    dispatcher.handle(Incoming("b", address("小王"), "不吃香菜", now))
    dispatcher.handle(Incoming("c", address("小王"), "不吃葱", now))

    assert count(database, tables.units) == 2


def test_every_look_leaves_an_audit_row_in_its_commit(say, database):
    before = count(database, tables.audit)
    say("小王", "查 8000")
    say("外店", "查 13800138000")

    rows = database.transact(
        lambda conn: conn.execute(
            select(tables.audit.c.command, tables.audit.c.outcome, tables.audit.c.customer_id.is_not(None)).order_by(
                tables.audit.c.id
            )
        ).all()
    )[before:]

    assert [tuple(row) for row in rows] == [("查", "ok", True), ("查", "not_found", False)]


def test_a_digit_means_the_last_list_for_a_day_only(say):
    say("小王", "查 8000")

    assert say("小王", "3", 23 * 60).error is None
    say("小王", "查 8000", 24 * 60)
    expired = say("小王", "3", 49 * 60)

    assert (expired.error, expired.reply.text.splitlines()[0]) == ("usage", "那个列表已经过期了，请再查一次。")


def test_she_means_the_last_customer_for_ten_minutes_only(say):
    say("小王", "查 8000")

    assert say("小王", "不吃葱", 9).error is None
    say("小王", "查 8000", 10)
    late = say("小王", "不吃蒜", 21)

    assert (late.error, late.reply.text.splitlines()[0][:5]) == ("usage", "记给哪位？")


def test_a_list_belongs_to_the_person_it_was_shown_to(say, now):
    shown = say("小王", "查 8000").reply.choices[2].command

    assert say("小王", shown).error is None
    assert say("小李", shown).error == "not_found"
    assert say("外店", shown).error == "not_found"


def test_a_choice_is_authorised_again_when_it_is_pressed(say, database, now):
    shown = say("小王", "查 8000").reply.choices[2].command

    def leave(conn):
        second = people_db.store_by_code(conn, "002")
        conn.execute(tables.staff.update().where(tables.staff.c.code == "xiaowang").values(store_id=second.id))

    database.transact(leave)

    assert say("小王", shown).error == "not_found"


def test_pressing_a_choice_equals_typing_its_digit(say):
    card = say("小王", "查 8000").reply

    assert [say("小王", choice.command).reply.text for choice in card.choices[1:]] == [
        say("小王", "查 8000") and say("小王", digit).reply.text for digit in ("2", "3")
    ]


def test_a_bug_becomes_an_incident_number_and_stores_nothing(database, now, say, caplog):
    @command("坏", takes=as_typed, example="/坏")
    def broken(ctx: Context, text: str):
        """坏的"""
        raise ZeroDivisionError(text)

    dispatcher = Dispatcher(database, Commands([*collect(bot.handlers).all, broken]))
    message = Incoming("bug", address("小王"), "/坏 13800138000", now)
    outcome = dispatcher.handle(message)
    incident = outcome.reply.text.rpartition("：")[2]

    assert outcome.error == "bug"
    assert f"incident {incident}" in caplog.text
    assert dispatcher.handle(message).repeated


def test_over_long_text_is_refused(say):
    assert say("小王", "好" * 501).reply.text == "太长了，一条最多500字，请分条发。"


def test_a_stranger_binds_with_a_code_once(say, database, now, dispatcher):
    where = Address("wecom", "WangFang01", "WangFang01")
    code = database.transact(
        lambda conn: accounts.invite(conn, people_db.staff_id_of(conn, "xiaoli"), now - timedelta(hours=1))
    )

    assert say("路人", "查 8000", where=where).error == "not_allowed"
    assert say("路人", "绑定 AAAA2222", where=where).error == "not_allowed"
    assert say("路人", f"绑定 {code.lower()[:4]}-{code[4:]}", where=where).reply.text.startswith("绑定好了，小李")
    assert say("小李", "查 8000", where=where).reply.text.splitlines()[0].startswith("⚠️ 芒果过敏")
    assert say("路人", f"绑定 {code}", where=replace(where, account="Other", chat="Other")).error == "not_allowed"


def test_a_code_ends_after_a_day(say, database, now):
    code = database.transact(
        lambda conn: accounts.invite(conn, people_db.staff_id_of(conn, "xiaoli"), now - timedelta(hours=25))
    )

    assert say("路人", f"绑定 {code}", where=Address("wecom", "x", "x")).error == "not_allowed"


def test_telegram_never_shows_a_whole_number(say, database, now):
    database.transact(lambda conn: people_db.bind(conn, people_db.staff_id_of(conn, "xiaowang"), "telegram", "42", now))

    assert say("小王", "电话 8000 送货", where=Address("telegram", "42", "42")).error == "not_allowed"


def test_own_scope_sees_own_customers_only(say, database):
    database.transact(lambda conn: people_db.change_chain(conn, scope="own"))

    assert say("小王", "查 13800138000").error is None
    assert say("小李", "查 13800138000").error == "not_found"
    assert say("店长", "查 13800138000").error is None


def test_chain_scope_sees_other_stores_by_full_number_only(say, database):
    database.transact(lambda conn: people_db.change_chain(conn, scope="chain"))

    assert "别店客户" in say("外店", "查 13800138000").reply.text
    assert say("外店", "8000").error == "not_found"
    assert say("外店", "查 王芳").error == "not_found"


def uncounted(_channel: str, _outcome: str, _seconds: float) -> None:
    """Nobody asks for figures here."""


def test_messages_of_a_chat_are_handled_in_their_order(database, now, dispatcher):
    done: dict[str, list[str]] = defaultdict(list)
    lock = threading.Lock()

    def deliver(_row_id: int, message: Incoming, outcome: Outcome) -> None:
        with lock:
            done[message.address.account].append(outcome.reply.text)

    relay = Relay(database, dispatcher, deliver, uncounted)
    for number in range(10):
        for person in ("小王", "小李", "店长"):
            message = Incoming(f"{person}{number}", address(person), f"帮助 {number}", now)
            assert relay.take([message, message]) == [True, False]
            assert relay.take([message]) == [False]
    relay.stop()

    said = [f"没有「{number}」这个命令。发「帮助」看全部。\n例：/帮助" for number in range(10)]
    assert done == {"xiaowang": said, "xiaoli": said, "dianzhang": said}


def test_what_was_kept_before_a_crash_is_handled_at_the_next_start(database, now, dispatcher):
    dispatcher.accept([Incoming("k1", address("小王"), "查 8000", now), Incoming("k2", address("小王"), "不吃葱", now)])
    answers: dict[int, str] = {}

    def deliver(row_id: int, _message: Incoming, outcome: Outcome) -> None:
        answers[row_id] = outcome.reply.text.splitlines()[-1]

    relay = Relay(database, dispatcher, deliver, uncounted)
    taken = relay.start()
    relay.stop()

    assert taken == (2, 0)
    assert len(answers) == 2
    assert list(answers.values())[1] == "错了回 撤"


def test_an_answer_nobody_heard_is_said_again_and_then_forgotten(database, now, dispatcher):
    first = Relay(database, dispatcher, lambda *_: None, uncounted)
    first.take([Incoming("k1", address("小王"), "查 8000", now)])
    first.stop()
    heard: list[tuple[int, Outcome]] = []

    second = Relay(database, dispatcher, lambda row_id, _message, outcome: heard.append((row_id, outcome)), uncounted)

    assert second.start() == (0, 1)
    ((row_id, outcome),) = heard
    assert outcome.repeated
    assert outcome.reply.text.splitlines()[0].startswith("⚠")
    assert outcome.menu is not None
    second.answered([row_id])
    second.stop()
    assert Relay(database, dispatcher, lambda *_: None, uncounted).start() == (0, 0)


def test_who_guesses_codes_must_wait(say):
    tries = [say("路人", f"绑定 ABCD23{number:02d}").reply.text for number in range(11, 22)]

    assert tries[0] != tries[-1]
    assert tries[-1] == "绑定码试得太多了，请一小时后再试，或请管理员直接绑定。"
