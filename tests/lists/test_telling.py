"""What is said of a customer under a list is no outcome: kept as a note or a complaint about her is."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from bot.chat import Incoming
from bot.db import customers, people
from bot.db import facts as stored
from bot.db.core.engine import keys_of
from bot.db.tables import complaints, contacts, followups, list_rows
from bot.db.tables import customers as customers_table
from tests.lists.conftest import TEN
from tests.support.cast import CAST, ZONE, address


@pytest.fixture
def told(shop):
    """小李 was told her five this morning."""
    assert shop.run("recall").queued == 3
    return shop


def row(shop, position: int):
    """The row of 小李's list."""
    with shop.database.reading() as conn:
        rows = conn.execute(select(list_rows).where(list_rows.c.position == position)).all()
        return next(one for one in rows if _last4(conn, one.customer_id) == f"200{position - 1}")


def _last4(conn, customer_id: int) -> str:
    return customers.for_write(conn, customer_id).last4


def known(shop, position: int) -> list[tuple[str, str, str]]:
    """What is known of whom the row is for."""
    customer_id = row(shop, position).customer_id
    with shop.database.reading() as conn:
        return [(one.kind, one.value, one.state) for one in stored.of_customer(conn, customer_id, shop.clock)]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("2芒果过敏", ("allergy", "芒果", "pending")),
        ("2怀孕了", ("family", "怀孕了", "pending")),
        ("2不吃香菜", ("avoid", "香菜", "live")),
        ("2喜欢乌龙", ("preference", "乌龙", "live")),
        ("2别再发微信了", ("contact_rule", "别发微信", "live")),
    ],
)
def test_what_is_said_of_her_is_noted_and_her_row_stays_open(told, text, fact) -> None:
    said = told.say("小李", text).reply

    assert (fact in known(told, 2), row(told, 2).state) == (True, "open")
    assert "30天" not in said.text
    if fact[2] == "pending":
        assert [one.label for one in said.choices] == ["同意", "不同意，不记"]
        told.say("小李", "1")
        assert (*fact[:2], "live") in known(told, 2)


def test_a_word_about_her_beside_outcomes_goes_its_own_way_and_is_taken_back_with_them(told) -> None:
    said = told.say("小李", "1没接 2聊了，花生过敏 3约了周日").reply.text

    assert [row(told, place).outcome for place in (1, 2, 3)] == ["no_answer", "reached", "appointment"]
    assert ("allergy", "花生", "pending") in known(told, 2)
    assert "花生" in said
    told.say("小李", "撤")
    assert [row(told, place).state for place in (1, 2, 3)] == ["open"] * 3
    assert "allergy" not in {kind for kind, *_ in known(told, 2)}


def test_a_stop_stands_beside_a_word_about_her(told) -> None:
    told.say("小李", "2怀孕了别再打了")

    assert row(told, 2).outcome == "stop"
    assert ("contact_rule", "别再联系", "live") in known(told, 2)


def test_a_complaint_under_a_list_is_one(told) -> None:
    assert "客诉" in told.say("小李", "4 投诉了 奶茶里有虫").reply.text

    with told.database.reading() as conn:
        (one,) = conn.execute(select(complaints.c.customer_id)).scalars()
    assert (one, row(told, 4).state) == (row(told, 4).customer_id, "open")


def test_one_way_of_reaching_her_that_she_does_not_want_stops_no_other(told) -> None:
    said = told.say("小李", "5 说可以打电话不要发短信").reply.text

    assert ("全店停止联系" in said, row(told, 5).outcome) == (False, "reached")
    assert ("contact_rule", "别发短信", "live") in known(told, 5)


def test_who_finds_it_dear_and_asks_for_a_coupon_is_offered_hers(told) -> None:
    reply = told.say("小李", "3说贵，想要券").reply

    assert "原因=价格，想要优惠" in reply.text
    assert ("30天" in reply.text, row(told, 3).outcome) == (False, "reached")
    assert [one.label for one in reply.choices] == ["发回归券给第3位"]
    assert "回归券已发" in told.say("小李", "1").reply.text


def test_who_scolds_was_reached_and_is_not_asked_why_she_stays_away(told) -> None:
    reply = told.say("小李", "2她骂我").reply

    assert ("为什么不来" in reply.text, row(told, 2).outcome) == (False, "reached")
    assert [one.label for one in reply.choices] == ["第2位记客诉"]
    assert "客诉" in told.say("小李", "1").reply.text


def matters(shop) -> list[tuple[str, str, datetime]]:
    """The reminders: state, words and when."""
    with shop.database.reading() as conn:
        rows = conn.execute(select(followups).where(followups.c.kind == "reminder").order_by(followups.c.id)).all()
        return [
            (
                one.state,
                keys_of(conn).unseal_json("followups.content", one.id, one.content)["text"],
                one.due_at.astimezone(ZONE),
            )
            for one in rows
        ]


@pytest.mark.parametrize("later", ["说别再打了", "搬走了", "没接", "不要了", "空号"])
def test_a_later_answer_ends_the_reminder_of_the_first_and_taking_it_back_restores_it(told, later) -> None:
    told.say("小李", "2约了周日")
    told.say("小李", f"2{later}")

    assert [one[0] for one in matters(told)] == ["void"]
    ran = told.run("due-hour", TEN + timedelta(days=2))
    assert ran.failed == 0
    assert not any("约好的" in one for one in told.told("小李"))
    told.say("小李", "撤")
    assert [one[0] for one in matters(told)] == ["open"]


def test_who_wants_to_hear_from_nobody_is_called_back_by_nobody(told) -> None:
    told.say("小李", "2约了周日")
    told.say("小李", "记 13902002001 别再联系她")

    assert [one[0] for one in matters(told)] == ["void"]


def test_a_new_day_takes_the_place_of_the_first(told) -> None:
    told.say("小李", "2约了周日")
    told.say("小李", "2约了周六")

    assert [one[:2] for one in matters(told)] == [
        ("void", "回访：约好的（11-22周日）"),
        ("open", "回访：约好的（11-21周六）"),
    ]


@pytest.mark.parametrize(
    ("words", "text", "at"),
    [
        ("约了明天下午三点", "回访：约好的（11-21周六 15:00）", datetime(2026, 11, 21, 14, tzinfo=ZONE)),
        ("约了3点", "回访：约好的（11-20周五 15:00）", datetime(2026, 11, 20, 14, tzinfo=ZONE)),
        ("约了下午3点", "回访：约好的（11-20周五 15:00）", datetime(2026, 11, 20, 14, tzinfo=ZONE)),
        ("约了8点", "回访：约好的（11-20周五 20:00）", datetime(2026, 11, 20, 19, tzinfo=ZONE)),
        ("约了10点半", "回访：约好的（11-20周五 10:30）", datetime(2026, 11, 20, 10, 30, tzinfo=ZONE)),
        ("说周六来", "回访：她说会来（11-21周六）", datetime(2026, 11, 21, 10, tzinfo=ZONE)),
    ],
)
def test_a_reminder_is_for_the_hour_that_was_named_and_names_its_day(told, words, text, at) -> None:
    assert told.say("小李", f"1{words}").error is None

    assert matters(told) == [("open", text, at)]


def test_of_an_hour_that_is_over_nobody_is_reminded_at_once(told) -> None:
    assert "说个日子我提醒你" in told.say("小李", "1约了今天上午9点").reply.text
    assert matters(told) == []


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("她说最近没空下个月再说", datetime(2026, 12, 1, 10, tzinfo=ZONE)),
        ("周六再打", datetime(2026, 11, 21, 10, tzinfo=ZONE)),
        ("周末再打", datetime(2026, 11, 21, 10, tzinfo=ZONE)),
        ("下周再打", datetime(2026, 11, 23, 10, tzinfo=ZONE)),
        ("今天再打", datetime(2026, 11, 20, 15, tzinfo=ZONE)),
        ("晚上再打", datetime(2026, 11, 20, 20, tzinfo=ZONE)),
    ],
)
def test_who_is_to_be_called_later_is_called_by_day(told, words, at) -> None:
    assert told.say("小李", f"3{words}").error is None

    with told.database.reading() as conn:
        (again,) = conn.execute(select(contacts.c.again_at)).scalars()
    assert again.astimezone(ZONE) == at


def test_who_wants_no_calls_stands_in_the_list_with_a_hint(told) -> None:
    told.say("小李", "记 13902002001 别再打电话给我了")

    assert "2 孙*（尾号2001）📵别打电话（可发消息）" in told.say("小李", "名单 召回").reply.text


def test_two_at_once_answer_a_row_as_one(grouped) -> None:
    shared(grouped)

    def says(name: str) -> str:
        message = Incoming(f"{name} at once", address(name, "001"), "2打过了", grouped.clock)
        reply = grouped.dispatcher.handle(message).reply
        return (reply.private or reply).text

    with ThreadPoolExecutor(2) as pool, customers_held(grouped.database):
        said = [pool.submit(says, name) for name in ("小王", "小李")]
        waiting(grouped.database, 2)
    answers = [one.result() for one in said]

    assert sorted("已经回过，没再记" in one for one in answers) == [False, True], answers
    with grouped.database.reading() as conn:
        assert len(conn.execute(select(contacts.c.id)).all()) == 1


def shared(shop) -> None:
    """小李 is off: her customers are on the list of the group."""

    def rota(conn) -> None:
        store = people.store_by_code(conn, "001")
        wang = people.staff_id_of(conn, CAST["小王"].code)
        hours = {"work_on": shop.clock.date(), "starts_minute": 540, "ends_minute": 1200}
        people.add_shift(conn, [{"staff_id": wang, "store_id": store.id, **hours}])

    shop.write(rota)
    assert shop.run("recall").failed == 0


@contextmanager
def customers_held(database):
    """Both have read the row before either can write; the embedded database lets one in at a time by itself."""
    if database.is_sqlite:
        yield
        return
    with database.engine.begin() as conn:
        conn.execute(select(customers_table.c.id).with_for_update())
        yield


def waiting(database, many: int) -> None:
    """Until so many transactions wait for a lock."""
    stuck = sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    while not database.is_sqlite:
        with database.reading() as conn:
            if conn.execute(stuck).scalar_one() >= many:
                return
