"""周报: what was said, counted; what became of the lists, without a verdict of a few; who looked at far too many."""

from datetime import datetime, timedelta

from sqlalchemy import insert

from bot.cards.board import week as cards
from bot.db import facts as stored
from bot.db import people
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.lists import trials
from bot.db.lists.trials import Entry
from bot.db.tables import audit, demands, facts, list_rows, lists, units
from bot.jobs.week import office_week, week
from tests.board.conftest import Undone, at, complain, customer, run

MONDAY = at("09:00", 23)


def _said(conn, whose: str, when: datetime, **content: str) -> None:
    """小王 noted it."""
    customer_id, author = customer(conn, whose), people.staff_id_of(conn, "xiaowang")
    row = stored.row(keys_of(conn), new_id(), customer_id, content, state="live", source="chat", author_id=author,
                     said_at=when)  # fmt: skip
    conn.execute(insert(facts).values(**row))
    unit = new_id()
    sealed = keys_of(conn).seal("units.summary", unit, "记", note=True)
    conn.execute(
        insert(units).values(
            id=unit, staff_id=author, customer_id=customer_id, command="记", summary=sealed, at=when,
        )
    )  # fmt: skip


def _listed(conn, names: list[str], outcome: str, days_ago: int = 15) -> None:
    store = people.store_by_code(conn, "001")
    list_id, on = new_id(), MONDAY.date() - timedelta(days=days_ago)
    values = {"store_id": store.id, "kind": "recall", "made_on": on, "made_at": MONDAY - timedelta(days=days_ago)}
    conn.execute(insert(lists).values(id=list_id, **values))
    for place, name in enumerate(names, 1):
        row_id = new_id()
        why = keys_of(conn).seal_json("list_rows.why", row_id, {"kind": "recall"})
        conn.execute(
            insert(list_rows).values(
                id=row_id, list_id=list_id, position=place, customer_id=customer(conn, name), why=why, state="done",
                outcome=outcome,
            )
        )  # fmt: skip
    away = [Entry(customer(conn, name), on - timedelta(days=40), listed=True) for name in names]
    trials.enter(conn, store.id, on, away)


def _looked(conn, name: str, on: datetime, people_: int) -> None:
    for turn in range(people_):
        conn.execute(
            insert(audit).values(
                id=new_id(), at=on + timedelta(minutes=turn), staff_id=people.staff_id_of(conn, name), command="查",
                outcome="ok", customer_id=turn + 1,
            )
        )  # fmt: skip


def test_a_whole_week(shop_of: Undone) -> None:
    def happened(conn) -> None:
        store = people.store_by_code(conn, "001")
        complain(conn, "王芳", at("20:00", 18))
        _said(conn, "周敏", at("11:00", 18), kind="complaint", value="等太久", facet="等待")
        _said(
            conn, "王芳", at("12:00", 18), kind="complaint", value="等太久", facet="等待"
        )  # the same as her complaint
        _said(conn, "陈洁", at("13:00", 18), kind="nps", value="9", facet="服务")
        _said(conn, "陈洁", at("13:00", 14), kind="nps", value="1")  # a week too early
        _said(conn, "陈洁", at("14:00", 18), kind="demand", value="无糖版")
        conn.execute(
            insert(demands).values(
                id=new_id(), store_id=store.id, staff_id=people.staff_id_of(conn, "xiaoli"), wanted="无糖版",
                state="open", at=at("15:00", 18),
            )
        )  # fmt: skip
        _listed(conn, ["孙安", "孙宁", "吴安"], "reached")
        _listed(conn, ["孙平"], "no_answer")
        _looked(conn, "xiaoli", at("10:00", 19), 40)
        for day in range(1, 8):
            _looked(conn, "xiaoli", at("10:00", day), 6)

    shop_of.transact(happened)
    (told,) = run(shop_of, week, MONDAY)

    assert told.to == "staff:dianzhang"
    assert told.text.splitlines() == [
        "【徐汇店·上周】11-16至11-22",
        "意见：等待×2",
        "问过没有：无糖版×2",
        "评分1位：推荐1、一般0、不推荐0，人太少，不算NPS",
        "召回（10-12至11-08列的）：列了4位，联系上3位，14天里来了1位（已联系3、没接1）",
        "⚠️ 查询留意：小李周四查了40位（平时一天6位），问一下是什么事",
    ]
    assert run(shop_of, week, MONDAY) == []


def test_a_week_without_anything_is_no_message(shop_of: Undone) -> None:
    assert run(shop_of, week, MONDAY) == []


def test_looking_up_many_as_always_is_not_told(shop_of: Undone) -> None:
    def looked(conn) -> None:
        for day in range(1, 21):
            _looked(conn, "xiaoli", at("10:00", day), 40)

    shop_of.transact(looked)

    assert run(shop_of, week, MONDAY) == []


def test_sixty_look_ups_by_somebody_who_does_six_reach_her_manager_and_head_office(shop_of: Undone) -> None:
    def looked(conn) -> None:
        for day in range(1, 18):
            _looked(conn, "xiaowang", at("10:00", day), 6)
            _looked(conn, "dianzhang", at("10:00", day), 6)
        _looked(conn, "xiaowang", at("10:00", 18), 60)
        _looked(conn, "dianzhang", at("10:00", 19), 29)  # many, not out of the ordinary
        _looked(conn, "waidian", at("10:00", 20), 30)  # never looked before

    shop_of.transact(looked)
    (lead,) = run(shop_of, week, MONDAY)
    (office,) = run(shop_of, office_week, MONDAY)

    assert lead.text.splitlines()[1:] == ["⚠️ 查询留意：小王周三查了60位（平时一天6位），问一下是什么事"]
    assert office.text.splitlines()[-1] == (
        "⚠️ 查询留意：徐汇店 小王周三查了60位（平时一天6位）；静安店 外店周五查了30位（平时很少查），问一下是什么事"
    )


def test_a_manager_who_looks_is_told_to_head_office(shop_of: Undone) -> None:
    def looked(conn) -> None:
        _looked(conn, "dianzhang", at("10:00", 3), 5)
        _looked(conn, "dianzhang", at("10:00", 19), 60)

    shop_of.transact(looked)
    (office,) = run(shop_of, office_week, MONDAY)

    assert office.text.splitlines()[-1] == "⚠️ 查询留意：徐汇店 店长周四查了60位（平时一天5位），问一下是什么事"


def test_the_same_person_looked_at_often_is_one(shop_of: Undone) -> None:
    def looked(conn) -> None:
        for _ in range(3):
            _looked(conn, "xiaowang", at("10:00", 18), 20)

    shop_of.transact(looked)

    assert run(shop_of, week, MONDAY) == []


def test_what_names_the_same_is_one_wish_whoever_heard_it_and_whether_or_not_it_came(shop_of: Undone) -> None:
    def happened(conn) -> None:
        _said(conn, "陈洁", at("14:00", 18), kind="demand", value="无糖版")
        _wanted(conn, "无糖版", whose="陈洁")
        _wanted(conn, "无糖版的奶茶", whose="周敏", state="told")
        _wanted(conn, "无糖")
        _wanted(conn, "燕麦奶", state="void")
        _wanted(conn, "13800138000要的杯子")

    shop_of.transact(happened)
    (lead,) = run(shop_of, week, MONDAY)
    (office,) = run(shop_of, office_week, MONDAY)

    assert lead.text.splitlines()[1] == "问过没有：无糖×3、138****8000要的杯子×1"
    assert "13800138000" not in office.text


def _wanted(conn, what: str, *, whose: str = "", state: str = "open") -> None:
    store = people.store_by_code(conn, "001")
    conn.execute(
        insert(demands).values(
            id=new_id(), store_id=store.id, customer_id=customer(conn, whose) if whose else None,
            staff_id=people.staff_id_of(conn, "xiaoli"), wanted=what, state=state, at=at("15:00", 18),
        )
    )  # fmt: skip


def test_head_office_hears_themes_of_the_chain(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", at("20:00", 18)))
    (told,) = run(shop_of, office_week, MONDAY)

    assert told.to == "staff:hq"
    assert told.text.splitlines() == [
        "【全链·上周】11-16至11-22",
        "高价值忠诚 32　要走的大客 16　潜力成长 16　普通常客 2　新客 17　变慢 16　沉睡大客 16　沉睡 17",
        "意见：等待×1",
        "客诉没结1件，过期1件",
    ]
    assert run(shop_of, office_week, MONDAY) == []


def test_a_long_week_still_fits(shop_of: Undone) -> None:
    counts = {f"{'很长的愿望' * 30}{turn}": 9 for turn in range(40)}

    assert len(cards.message("上周", [cards.counted("意见", counts)] * 40).encode()) <= cards.LONGEST
