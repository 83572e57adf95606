"""The shop: who is missing, who is not let in, who has shut the bot out, what waits and what got lost."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from bot.chat import Address, Incoming
from bot.db import logins, people
from bot.db.tables import inbox as kept
from bot.db.tables import outbox, staff
from bot.db.talk import inbox
from bot.db.talk import outbox as owed
from bot.serve.clock import Clock
from tests.support.cast import add_cast


def bind(database, code, channel, account, now):
    database.transact(lambda conn: people.bind(conn, people.staff_id_of(conn, code), channel, account, now))


def take(database, text, now, *, account="xiaowang", chat="", channel="wecom_bot", state="new"):
    there = Address(channel, account, chat or account, private=not chat)
    message = Incoming(f"{account}:{chat}:{text}", there, text, now)
    database.transact(lambda conn: inbox.add(conn, message, state=state))


def test_a_chain_without_a_store_adds_one(clinic, shop, now):
    shop.transact(lambda conn: people.make_chain(conn, "好茶铺", "tea", "store", "Asia/Shanghai"))

    found = clinic.findings()["stores"]

    assert (found.state, found.mends) == ("fail", ("zhanggui store add 001 徐汇店",))


def test_a_chain_without_staff_adds_a_manager_first(clinic, shop, now):
    shop.transact(lambda conn: people.make_chain(conn, "好茶铺", "tea", "store", "Asia/Shanghai"))

    found = clinic.findings()["staff"]

    assert (found.state, found.mends[0]) == (
        "fail",
        "zhanggui staff add dianzhang --role manager --store 001 --name 老周",
    )


def test_a_chain_without_anybody_who_manages_is_told(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    shop.transact(lambda conn: conn.execute(delete(staff).where(staff.c.role.in_(("manager", "hq")))))

    found = clinic.findings()["staff"]

    assert (found.state, found.cause) == (
        "warn",
        "导购 3、管理员 1：没有店长也没有总部，没人能发绑定码、合并客户、收离职。",
    )


def test_where_nobody_is_let_in_the_manager_is_invited_first(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))

    found = clinic.findings()["bound"]

    assert (found.state, found.cause) == ("warn", "6 位员工都还没有绑定，机器人谁也不认。")
    assert found.mends[0].startswith("zhanggui staff invite dianzhang")


def test_who_is_let_in_is_counted_by_channel(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    bind(shop, "dianzhang", "wecom", "dianzhang", now)
    bind(shop, "dianzhang", "telegram", "700001", now)

    found = clinic.findings()["bound"]

    assert (found.state, found.cause[:34]) == ("ok", "1 位（Telegram 1、企业微信 1），还有 5 位没绑定：z")


def test_who_stopped_the_bot_is_named(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    bind(shop, "xiaoli", "telegram", "700002", now)
    shop.transact(lambda conn: logins.block(conn, "telegram", "700002", now))

    found = clinic.findings()["blocked"]

    assert (found.state, found.cause) == ("warn", "1 位收不到推送：xiaoli（Telegram）。")


def test_messages_that_wait_for_the_service_are_counted(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    take(shop, "查 8000", now)
    take(shop, "我的", now)

    found = clinic.findings()["messages"]

    assert (found.state, found.cause, found.mends) == (
        "warn",
        "2 条收下了还没答。",
        ("启动 zhanggui run，它会补答。",),
    )


def test_pushes_that_got_lost_lately_are_counted(clinic, shop):
    at = Clock().now()
    shop.transact(lambda conn: add_cast(conn, at))
    states = {"a": "unknown", "b": "unknown", "c": "dead", "d": "sent", "old": "dead"}

    def lose(conn):
        person = people.staff_id_of(conn, "xiaowang")
        for key, state in states.items():
            owed.tell(conn, person, key, "生日提醒", at - timedelta(days=30 if key == "old" else 1))
            conn.execute(update(outbox).where(outbox.c.key == key).values(state=state))

    shop.transact(lose)
    found = clinic.findings()["pushes"]

    assert (found.state, found.cause) == ("warn", "最近 7 天有 2 条不知道到没到、1 条没发出去；不会自动再发。")
    assert found.mends[:2] == (
        "看是哪些、为什么：zhanggui outbox list --state unknown",
        "看是哪些、为什么：zhanggui outbox list --state dead",
    )


@pytest.mark.parametrize(("waited", "state"), [(30, "ok"), (90, "warn")])
def test_pushes_that_find_no_way_are_counted_after_an_hour(clinic, shop, waited, state):
    at = Clock().now()
    shop.transact(lambda conn: add_cast(conn, at))
    xiaowang = shop.transact(lambda conn: people.staff_id_of(conn, "xiaowang"))
    then = at - timedelta(minutes=waited)
    shop.transact(lambda conn: owed.tell(conn, xiaowang, "a", "转给你一位", then, urgent=True))
    found = clinic.findings()["pushes"]

    assert found.state == state
    if state == "warn":
        assert (found.cause, found.mends) == (
            "1 条到了时候一小时还没发出去。",
            ("看是给谁的：zhanggui outbox list --state due", "启动 zhanggui run，还有用的它会接着发，标上补发。"),
        )


SMART_BOT = {"wecom_bot_id": "aib1", "wecom_bot_token": "Token1", "wecom_bot_aes_key": "a" * 43}


def two_people(clinic):
    return clinic.findings(**SMART_BOT)["smart_bot_two_people"]


def test_a_smart_bot_nobody_wrote_to_is_not_proved(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))

    found = two_people(clinic)

    assert (found.state, found.cause) == (
        "warn",
        "还没有人跟它私聊过：有的智能机器人只理创建它的人，要两个人试过才算数。",
    )


def test_one_person_in_private_and_a_group_are_not_two(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    take(shop, "帮助", now, account="xiaowang", state="done")
    take(shop, "帮助", now, account="xiaoli", chat="wrGROUP", state="done")

    assert two_people(clinic).cause.startswith("只有一个人跟它私聊过")


def test_two_people_in_private_prove_it_even_unbound(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    take(shop, "帮助", now, account="xiaowang", state="done")
    take(shop, "帮助", now, account="luren", state="done")

    assert (two_people(clinic).state, two_people(clinic).cause) == ("ok", "2 个人跟它私聊过")


def test_people_known_by_their_accounts_count_when_old_messages_are_emptied(clinic, shop, now):
    shop.transact(lambda conn: add_cast(conn, now))
    for code in ("xiaowang", "xiaoli"):
        bind(shop, code, "wecom", code, now)
        take(shop, "帮助", now, account=code, state="done")
    take(shop, "帮助", now, account="xiaoli", chat="wrGROUP", state="done")

    shop.transact(lambda conn: conn.execute(update(kept).values(body=None)))

    assert (two_people(clinic).state, two_people(clinic).cause) == ("ok", "2 个人跟它私聊过")
