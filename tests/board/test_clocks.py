"""The clock of complaints and the silent till: who hears what, when, once."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.db.tables import complaints
from bot.jobs.complaints import complaints as clock
from bot.jobs.freshness import freshness
from tests.board.conftest import Undone, at, complain, gone, run, till_told

DUE = at("14:00")


def _heard(shop_of: Undone, after: timedelta) -> list[str]:
    return [one.to for one in run(shop_of, clock, DUE + after)]


def test_its_owner_ahead_then_who_leads_at_its_time_then_head_office(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", DUE))
    steps = [timedelta(minutes=-70), timedelta(hours=-1), timedelta(minutes=-50), timedelta(0), timedelta(hours=2),
             timedelta(hours=24), timedelta(hours=25)]  # fmt: skip

    assert [_heard(shop_of, after) for after in steps] == [
        [], ["staff:xiaowang"], [], ["staff:dianzhang"], [], ["staff:hq"], [],
    ]  # fmt: skip


def test_what_each_is_told(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", DUE))
    (owner,) = run(shop_of, clock, DUE - timedelta(hours=1))
    (lead,) = run(shop_of, clock, DUE)
    (head,) = run(shop_of, clock, DUE + timedelta(hours=24))

    assert owner.text == (
        "⏰ 客诉 #101 快到点了（今天14:00前）：王*（尾号8000），等待。\n"
        "现在打给她，办完回：诉结 101 怎么处理的、她怎么说"
    )
    assert lead.text == (
        "⏰ 客诉 #101 到点了还没结：王*（尾号8000），等待（负责人 小王）。\n"
        "请你接手或催一下；办完回：诉结 101 怎么处理的、她怎么说"
    )
    assert head.text == "⏰ 徐汇店 客诉 #101（急） 过了24小时还没结（负责人 小王，店长也提醒过了）。请问一下店里。"
    assert [one.urgent for one in (owner, lead, head)] == [True] * 3
    assert "王" not in owner.discreet
    assert "等待" not in lead.discreet


def test_head_office_is_told_that_nobody_leads(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: (complain(conn, "王芳", DUE, "小李"), gone(conn, "店长", "小李")))
    told = run(shop_of, clock, DUE + timedelta(hours=24))

    assert [one.text for one in told if one.to == "staff:hq"] == [
        "⏰ 徐汇店 客诉 #101（急） 过了24小时还没结（负责人已离职，店里没有店长账号）。请问一下店里。"
    ]


def test_head_office_gets_one_message_for_all_of_a_slot(shop_of: Undone) -> None:
    shop_of.transact(
        lambda conn: [complain(conn, "王芳", DUE - timedelta(minutes=n), number=101 + n) for n in range(3)]
    )
    run(shop_of, clock, DUE + timedelta(hours=1))
    told = run(shop_of, clock, DUE + timedelta(hours=24))

    assert [one.to for one in told] == ["staff:hq"]
    assert told[0].text == (
        "⏰ 3件客诉过了时间还没结，请问一下店里：\n"
        "· 徐汇店 客诉 #103（急） 过了24小时（负责人 小王，店长也提醒过了）\n"
        "· 徐汇店 客诉 #102（急） 过了24小时（负责人 小王，店长也提醒过了）\n"
        "· 徐汇店 客诉 #101（急） 过了24小时（负责人 小王，店长也提醒过了）"
    )
    assert run(shop_of, clock, DUE + timedelta(hours=24, minutes=10)) == []


@pytest.mark.parametrize(
    ("urgent", "due", "told"),
    [
        (False, "22:00", [("20 20:00", "xiaowang"), ("21 08:30", "dianzhang"), ("22 08:30", "hq")]),
        (False, "09:00", [("19 20:00", "xiaowang"), ("20 09:00", "dianzhang"), ("21 09:00", "hq")]),
        (True, "22:00", [("20 21:00", "xiaowang"), ("20 22:00", "dianzhang"), ("21 22:00", "hq")]),
    ],
)
def test_nobody_is_told_while_the_store_is_closed_but_of_what_is_urgent(
    shop_of: Undone, *, urgent: bool, due: str, told: list[tuple[str, str]]
) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", at(due), urgent=urgent))
    slots = [at("18:00", 19) + timedelta(minutes=10 * n) for n in range(6 * 64)]

    assert [
        (f"{slot:%d %H:%M}", one.to.removeprefix("staff:")) for slot in slots for one in run(shop_of, clock, slot)
    ] == told


def test_what_is_closed_is_not_told(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", DUE))
    shop_of.transact(lambda conn: conn.execute(update(complaints).values(state="closed")))

    assert _heard(shop_of, timedelta(hours=30)) == []


def test_a_new_time_starts_the_clock_anew(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", DUE))
    first = _heard(shop_of, timedelta(hours=-1))
    shop_of.transact(lambda conn: conn.execute(update(complaints).values(due_at=DUE + timedelta(hours=3))))

    assert (first, _heard(shop_of, timedelta(hours=1)), _heard(shop_of, timedelta(hours=2))) == (
        ["staff:xiaowang"], [], ["staff:xiaowang"],
    )  # fmt: skip


@pytest.mark.parametrize("owner", [None, "小李"])
def test_nobody_owns_it_any_more_then_who_leads(shop_of: Undone, owner: str | None) -> None:
    shop_of.transact(lambda conn: (complain(conn, "王芳", DUE, owner), gone(conn, "小李")))

    assert _heard(shop_of, timedelta(hours=-1)) == ["staff:dianzhang"]
    assert _heard(shop_of, timedelta(0)) == ["staff:dianzhang"]
    assert _heard(shop_of, timedelta(hours=2)) == []


def test_after_a_long_time_down_every_step_is_told_once(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", DUE))

    assert _heard(shop_of, timedelta(hours=30)) == ["staff:xiaowang", "staff:dianzhang", "staff:hq"]


def test_a_silent_till_is_told_once_a_day(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: till_told(conn, at("11:00", 19)))
    told = [[one.to for one in run(shop_of, freshness, at(clock_, day))]
            for clock_, day in (("09:30", 20), ("14:00", 20), ("18:30", 20), ("09:30", 21))]  # fmt: skip

    assert told == [[], ["staff:dianzhang", "staff:admin"], [], ["staff:dianzhang", "staff:admin"]]


def test_what_a_silent_till_means(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: till_told(conn, at("22:10", 18)))
    lead, admin = run(shop_of, freshness, at("09:30"))

    assert lead.text == (
        "⚠️ 徐汇店收银35小时没传数据了（停在前天22:10）。\n"
        "这段时间谁来过看不到，名单和「很久没来」先别全信。请看一眼收银机是不是联网，不行就找管理员。"
    )
    assert admin.text == "⚠️ 2家店收银超过26小时没传数据：\n· 徐汇店 35小时\n· 静安店 35小时"


def test_a_store_without_a_till_is_left_alone(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: till_told(conn, None))

    assert run(shop_of, freshness, at("14:00")) == []
