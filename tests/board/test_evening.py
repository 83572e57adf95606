"""交班 and the day's summary: to who takes over, to the group; in a group no name, no digit, no allergy."""

import re

from sqlalchemy import update

from bot.cards.board import handover as cards
from bot.db import facts as stored
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import demands, facts, stores
from bot.handlers.board.handover import handover as asked
from bot.jobs.handover import handover
from bot.jobs.summary import office, summary
from tests.board.conftest import Undone, at, complain, context, customer, gone, on_the_rota, promise, run, till_told

SIX, NIGHT = at("18:00"), at("20:30")


def _busy(conn) -> None:
    complain(conn, "王芳", at("20:00"))
    promise(conn, "周敏", "hold", "灰直筒26 打13800007715", at("21:00"))
    promise(conn, "陈洁", "promise", "给她回话", at("12:00"))
    promise(conn, "李强", "promise", "后天的事", at("12:00", 23))
    on_the_rota(conn, {"小李": (780, 1320)})


def _demand(conn, what: str, times: int) -> None:
    store = people.store_by_code(conn, "001")
    for _ in range(times):
        conn.execute(
            demands.insert().values(
                id=new_id(), store_id=store.id, staff_id=people.staff_id_of(conn, "xiaowang"), wanted=what,
                state="open", at=at("15:00"),
            )
        )  # fmt: skip


def test_the_late_shift_takes_over(shop_of: Undone) -> None:
    shop_of.transact(_busy)
    said = run(shop_of, handover, SIX)

    assert [one.to for one in said] == ["staff:xiaoli"]
    assert said[0].text.splitlines() == [
        "晚班交接 · 徐汇店，接着办：",
        "· 客诉 #101（急） 王*（尾号8000）：等待，今天20:00前回她",
        "· 答应过 #12 陈*（尾号2203）：给她回话，⏰过期了，今天12:00前",
        "· 留货 #12 周*（尾号7715）：灰直筒26 打138****7715，今天21:00前来取",
        "⚠️ 别说错：王*（尾号8000） 芒果过敏、别推活动",
    ]


def test_what_she_wants_is_handed_over_with_what_must_not_be_said(shop_of: Undone) -> None:
    def happened(conn) -> None:
        _busy(conn)
        told = {"state": "live", "source": "chat", "said_at": at("10:00")}
        for kind, value in (("service", "安静座"), ("contact_rule", "别打电话")):
            row = stored.row(keys_of(conn), new_id(), customer(conn, "陈洁"), {"kind": kind, "value": value}, **told)
            conn.execute(facts.insert().values(**row))

    shop_of.transact(happened)
    (told,) = run(shop_of, handover, SIX)

    assert told.text.splitlines()[-1] == (
        "⚠️ 别说错：王*（尾号8000） 芒果过敏、别推活动；陈*（尾号2203） 别打电话，想要安静座"
    )
    assert "安静座" not in told.discreet


def test_abroad_only_numbers_are_handed_over(shop_of: Undone) -> None:
    shop_of.transact(_busy)
    (told,) = run(shop_of, handover, SIX)

    assert told.discreet.splitlines() == [
        "晚班交接 · 徐汇店，接着办：",
        "客诉1件 #101　答应过1件　留货1件",
        "是谁、什么事，请到企业微信看",
    ]


def test_a_second_run_hands_nothing_over(shop_of: Undone) -> None:
    shop_of.transact(_busy)

    assert (len(run(shop_of, handover, SIX)), run(shop_of, handover, SIX)) == (1, [])


def test_nothing_open_is_no_message(shop_of: Undone) -> None:
    assert run(shop_of, handover, SIX) == []


def test_nobody_in_the_evening_then_who_leads(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", at("20:00")))

    assert [one.to for one in run(shop_of, handover, at("18:00", 21))] == ["staff:dianzhang"]


def test_nobody_leads_then_everybody(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: (complain(conn, "王芳", at("20:00")), gone(conn, "店长")))

    assert {one.to for one in run(shop_of, handover, at("18:00", 21))} == {"staff:xiaowang", "staff:xiaoli"}


def test_a_long_hand_over_still_fits(shop_of: Undone) -> None:
    def much(conn) -> None:
        on_the_rota(conn, {"小李": (780, 1320)})
        for turn in range(12):
            promise(conn, "周敏", "promise", "很长的一句话" * 40, at(f"{10 + turn % 10}:00"))
            complain(conn, "王芳", at("20:00"), number=101 + turn)

    shop_of.transact(much)
    (told,) = run(shop_of, handover, SIX)

    assert len(told.text.encode()) <= cards.LONGEST
    assert "还有6件，发「诉结」看。" in told.text.splitlines()


def test_asked_for_abroad_it_names_nobody(shop_of: Undone) -> None:
    shop_of.transact(_busy)
    with shop_of.reading() as conn:
        here = asked.run(context(conn, shop_of, "小李", SIX), None)
        abroad = asked.run(context(conn, shop_of, "小李", SIX, "closed"), None)

    assert "芒果过敏" in here.text
    assert re.search(r"芒果|尾号|\*", abroad.text) is None
    assert len(here.about) == 3


def test_the_group_is_told_counts_alone(shop_of: Undone) -> None:
    def said(conn) -> None:
        till_told(conn, at("20:10"))
        complain(conn, "王芳", at("22:00"))
        complain(conn, "周敏", at("22:00"), number=102)
        _demand(conn, "无糖版", 3)
        _demand(conn, "孤品", 1)
        _demand(conn, "芒果过敏能喝的", 3)
        _demand(conn, "13800138000要的杯子", 2)

    shop_of.transact(said)
    told = run(shop_of, summary, NIGHT)

    assert [one.to for one in told] == ["store:001"]
    assert told[0].text.splitlines() == [
        "【徐汇店·周五】没有留名的客人来过",
        "高频奶茶党 6　稳定客 12　偶尔尝鲜族 7　间隔客 6　新客 7　沉睡 13",
        "意见：等待×2　问过没有：无糖版×3",
        "数据到今天20:10",
    ]
    assert re.search(r"\*|尾号|过敏|\d{5}", told[0].text) is None


def test_without_todays_orders_the_group_hears_of_yesterday(shop_of: Undone) -> None:
    (told,) = run(shop_of, summary, NIGHT)

    assert told.text.splitlines()[0].startswith("【徐汇店·周五】今天的单还没传，先报昨天：")


def test_a_silent_till_is_said_and_nothing_made_up(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: till_told(conn, at("22:10", 17)))
    (told,) = run(shop_of, summary, NIGHT)

    assert told.text.splitlines() == ["【徐汇店·周五】收银数据没到，今天不报人数", "收银2天没传数据了"]


def test_a_store_of_which_nothing_is_known_is_silent(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: people.add_store(conn, "009", "新店"))

    assert run(shop_of, summary, NIGHT, "009") == []


def test_a_second_summary_says_nothing(shop_of: Undone) -> None:
    first = run(shop_of, summary, NIGHT)

    assert (len(first), run(shop_of, summary, NIGHT)) == (1, [])


def test_head_office_hears_of_the_chain(shop_of: Undone) -> None:
    def said(conn) -> None:
        complain(conn, "王芳", at("12:00"))
        conn.execute(update(stores).where(stores.c.code == "002").values(data_at=at("10:00", 19)))

    shop_of.transact(said)
    told = run(shop_of, office, NIGHT)

    assert [one.to for one in told] == ["staff:hq"]
    assert told[0].text.splitlines() == [
        "【全链·周五】2家店",
        "高频奶茶党 16　稳定客 32　偶尔尝鲜族 18　间隔客 16　新客 17　沉睡 33",
        "客诉没结1件，过期1件",
        "收银超过26小时没传：静安店",
    ]
    assert run(shop_of, office, NIGHT) == []
