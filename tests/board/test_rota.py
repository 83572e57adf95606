"""The rota as it is typed: hours, days off, whose rows go to whom, and who is told by it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.db import people
from bot.db.board import rota
from bot.db.tables import list_rows, lists, shifts
from bot.domain.board.shifts import Leave, apart, leave, plan
from bot.refresh.run import refresh
from tests.lists.conftest import TEN, Shop, grouped, name_of, shop
from tests.support.cast import CAST

__all__ = ["grouped", "shop"]  # the world of lists, talked to

FRIDAY = date(2026, 11, 20)
DAY = (540, 1050)


def days(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


def rows(shop: Shop) -> list[tuple[str, date, int, int]]:
    """The rota: who, which day, from and to."""
    with shop.database.reading() as conn:
        found = conn.execute(
            select(shifts.c.staff_id, shifts.c.work_on, shifts.c.starts_minute, shifts.c.ends_minute).order_by(
                shifts.c.work_on, shifts.c.id
            )
        ).all()
    return [(name_of(shop.database, one), *more) for one, *more in found]


def open_rows(shop: Shop) -> dict[str, list[int]]:
    """The customers of open rows by whose they are, in store 001."""
    wanted = select(list_rows.c.staff_id, list_rows.c.customer_id).join(lists, lists.c.id == list_rows.c.list_id)
    with shop.database.reading() as conn:
        found = conn.execute(wanted.where(list_rows.c.state == "open", list_rows.c.staff_id.is_not(None))).all()
    whose: dict[str, list[int]] = {}
    for staff_id, customer_id in found:
        whose.setdefault(name_of(shop.database, staff_id), []).append(customer_id)
    return {name: sorted(some) for name, some in whose.items() if name != "外店"}


# --- the grammar -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "many", "first", "hours"),
    [
        ("周一到周五 9-17:30", 20, 20, DAY),
        ("周一至五 9:00-17:30", 20, 20, DAY),
        ("星期一到星期五 9点到17点半", 20, 20, DAY),
        ("明天 13-21", 1, 21, (780, 1260)),
        ("每天 9-6", 28, 20, (540, 1080)),
        ("周末 10-20", 8, 21, (600, 1200)),
        ("周一、周三 9-17", 8, 23, (540, 1020)),
        ("下周一到下周三 9-17", 3, 23, (540, 1020)),
        ("11月25日到11月27日 9-17", 3, 25, (540, 1020)),
        ("周六 休", 4, 21, (0, 0)),
    ],
)
def test_days_and_hours_are_understood(text, many, first, hours) -> None:
    found = plan(text, FRIDAY)

    assert found is not None
    assert (len(found), min(found), set(found.values())) == (many, date(2026, 11, first), {hours})


def test_parts_of_a_week_stand_side_by_side() -> None:
    found = plan("周一到周五 9-17，周六 10-14，周日 休", FRIDAY)

    assert found is not None
    assert [found[one] for one in days(20, 21, 22, 23)] == [(540, 1020), (600, 840), (0, 0), (540, 1020)]
    assert len(found) == 28


@pytest.mark.parametrize(
    "text", ["", "周一", "9-17", "随便排", "周日 22-6", "2月30日 9-17", "明天 9-17 再说", "周一 25-30"]
)
def test_what_is_not_a_rota_is_not_one(text) -> None:
    assert plan(text, FRIDAY) is None


@pytest.mark.parametrize(
    ("text", "who", "on"),
    [
        ("小李今天请假", "小李", days(20)),
        ("小李请假", "小李", days(20)),
        ("小李明天休息", "小李", days(21)),
        ("明天小李休息", "小李", days(21)),
        ("小李周六不来了", "小李", days(21)),
        ("小李今天不来", "小李", days(20)),
        ("我 明天 休息", "我", days(21)),
        ("小李周一到周三请假", "小李", days(23, 24, 25)),
        ("小李周五请假", "小李", days(20)),
    ],
)
def test_a_day_off_is_understood(text, who, on) -> None:
    assert leave(text, FRIDAY) == Leave(who, tuple(on))


def test_a_day_off_is_told_from_the_rest_of_a_message() -> None:
    assert apart("3给小王 小李今天请假", FRIDAY) == ("小李今天请假", "3给小王")
    assert apart("小李请假，3给小王", FRIDAY) == ("小李请假", "3给小王")
    assert apart("小李请假", FRIDAY) is None
    assert apart("1没接 2约了周日", FRIDAY) is None


# --- in chat ---------------------------------------------------------------------------------------------------


def test_a_manager_types_the_rota_and_takes_it_back(shop) -> None:
    said = shop.say("店长", "/排班 小李 周一到周五 9-17:30")

    assert said.reply.text == "小李的班排好了：\n9:00-17:30：11-20周五 到 12-17周四 的周一二三四五，共20天\n错了回 撤"
    assert [row[:1] + row[2:] for row in rows(shop)] == [("小李", *DAY)] * 20
    assert {row[1].weekday() for row in rows(shop)} == {0, 1, 2, 3, 4}

    shop.say("店长", "排班 小李 今天 13-21")
    assert rows(shop)[0] == ("小李", FRIDAY, 780, 1260)
    assert len(rows(shop)) == 20

    shop.say("店长", "撤")
    assert rows(shop)[0] == ("小李", FRIDAY, *DAY)
    shop.say("店长", "撤")
    assert rows(shop) == []


def test_the_week_is_shown_with_who_is_off(shop) -> None:
    shop.say("店长", "排班 小王 今天 9-17")
    shop.say("店长", "排班 小李 今天 13-21，明天 休")

    head, first, second, third, *_ = shop.say("店长", "排班").reply.text.splitlines()

    assert head == "徐汇店排班，从今天起七天："
    assert first == "11-20周五：小王 9:00-17:00、小李 13:00-21:00"
    assert second == "11-21周六：没排；休息：小李"
    assert third == "11-22周日：没排"


def test_a_rota_nobody_understands_is_refused_with_an_example(shop) -> None:
    unclear = shop.say("店长", "排班 小李 有空就来")
    nobody = shop.say("店长", "排班 小赵 明天 9-17")
    guide = shop.say("小王", "排班 小李 明天 9-17")

    assert [one.error for one in (unclear, nobody, guide)] == ["usage", "usage", "not_allowed"]
    assert "例：/排班 小李 周一到周五 9-17:30" in unclear.reply.text
    assert nobody.reply.text.startswith("店里没有「小赵」。")
    assert rows(shop) == []


@pytest.mark.parametrize("text", ["小李今天请假", "小李请假", "小李今天不来", "请假 小李 今天"])
def test_her_rows_of_today_go_to_who_is_on_shift(shop, text) -> None:
    shop.say("店长", "排班 小李 今天 9-21")
    shop.say("店长", "排班 小王 今天 9-21")
    shop.run("recall")
    before = open_rows(shop)
    many = len(before["小李"])
    assert many > 1
    told = len(shop.told("小李"))

    said = shop.say("店长", text)

    assert said.reply.text == (
        f"小李今天休息，排班上记了。\n小李今天的{many}条已分给当班（小王{many}条），不通知小李。\n错了回 撤"
    )
    assert open_rows(shop) == {"小王": sorted(before["小李"] + before.get("小王", []))}
    assert ("小李", FRIDAY, 0, 0) in rows(shop)
    assert len(shop.told("小李")) == told
    assert f"店长转给你{many}位" in shop.told("小王")[-1]

    assert shop.say("店长", "撤").error is None
    assert open_rows(shop) == before
    assert ("小李", FRIDAY, 540, 1260) in rows(shop)


def hire(shop: Shop, code: str) -> int:
    """One more guide of store 001."""

    def add(conn) -> int:
        store = people.store_by_code(conn, "001")
        return people.add_staff(conn, code, code, "guide", store.id, shop.clock)

    return shop.database.transact(add)


def test_rows_are_dealt_evenly_and_to_nobody_who_is_off_or_gone_home(shop) -> None:
    for code in ("anan", "bobo", "coco"):
        hire(shop, code)
    shop.run("recall")
    many = len(open_rows(shop)["小李"])
    shop.say("店长", "排班 店长 今天 8-21")
    shop.say("店长", "排班 小王 今天 休")
    shop.say("店长", "排班 anan 今天 9-21")
    shop.say("店长", "排班 bobo 今天 9-21")
    shop.say("店长", "排班 coco 今天 6-9")

    said = shop.say("小李", "我今天休息").reply.text

    evenly = f"anan{many - many // 2}条、bobo{many // 2}条"
    assert said.splitlines()[1] == f"小李今天的{many}条已分给当班（{evenly}），不通知小李。"


def test_nobody_on_shift_nothing_is_dealt(shop) -> None:
    shop.run("recall")
    before = open_rows(shop)
    shop.say("店长", "店长今天请假")
    shop.say("店长", "小王今天请假")

    said = shop.say("店长", "小李今天请假").reply.text

    many = len(open_rows(shop)["小李"])
    assert many >= len(before["小李"])
    assert said.splitlines()[1] == f"今天的{many}条没有人可分，还在小李名下：用「派」转给谁。"


def test_without_a_rota_a_day_off_still_counts(shop) -> None:
    shop.say("店长", "小李今天请假")

    shop.run("recall")

    assert list(open_rows(shop)) == ["小王"]
    assert shop.told("小李") == []


@pytest.mark.parametrize("text", ["1给小王 小李今天请假", "小李请假，1给小王"])
@pytest.mark.parametrize("group", [None, "001"])
def test_a_row_moved_and_a_day_off_in_one_breath(grouped, text, group) -> None:
    grouped.run("recall")
    before = open_rows(grouped)
    with grouped.database.reading() as conn:
        first = conn.execute(
            select(list_rows.c.customer_id)
            .join(lists, lists.c.id == list_rows.c.list_id)
            .where(lists.c.staff_id.is_(None), list_rows.c.position == 1)
        ).scalar()

    said = grouped.say("店长", text, group=group, quoted="" if group is None else "〔门店名单11-20〕")
    text = (said.reply.private or said.reply).text

    assert said.error is None
    assert "→ 小王" in text or "本来就是小王的" in text
    assert "小李今天休息，排班上记了。" in text
    after = open_rows(grouped)
    assert "小李" not in after
    assert first in after["小王"]
    assert ("小李", FRIDAY, 0, 0) in rows(grouped)

    assert grouped.say("店长", "撤").error is None
    assert open_rows(grouped) == before
    assert rows(grouped) == []


def test_what_is_not_understood_beside_a_day_off_is_said(shop) -> None:
    said = shop.say("店长", "小李请假，3给小王")

    assert said.error is None
    assert said.reply.text.splitlines()[-2:] == ["小李今天休息，排班上记了。", "错了回 撤"]
    assert "3给小王" in said.reply.text


def test_a_guide_speaks_for_herself_alone_and_customers_are_no_colleagues(shop) -> None:
    refused = shop.say("小王", "小李今天请假")
    shop.say("小王", "王姐今天不来")
    shop.say("小王", "她今天不来")

    assert (refused.error, refused.reply.text) == ("not_allowed", "小李休息要她自己说，或请找店长。")
    assert rows(shop) == []

    assert shop.say("小王", "我明天休息").reply.text == "小王明天休息，排班上记了。\n错了回 撤"
    assert rows(shop) == [("小王", FRIDAY + timedelta(days=1), 0, 0)]


@pytest.mark.parametrize("is_off", [False, True])
def test_the_digest_gives_nobody_to_who_is_off(shop, tmp_path, is_off) -> None:
    refresh(shop.database, tmp_path, TEN - timedelta(hours=8))
    shop.say("店长", "排班 小李 今天 9-21")
    shop.say("店长", "排班 小王 今天 9-21")
    if is_off:
        shop.say("店长", "小李今天请假")

    shop.run("digest", TEN.replace(hour=8, minute=30))

    (digest,) = shop.told("店长")
    assert ("→ 小李" in digest, "→ 小王" in digest) == (not is_off, is_off)


def test_the_hand_over_goes_to_the_late_shift_of_a_typed_rota(shop) -> None:
    shop.say("店长", "排班 小王 今天 9-17")
    shop.say("店长", "排班 小李 今天 13-21")
    shop.say("小王", "查 13800138000")
    shop.say("小王", "答应 今天20点给回话")
    before = {name: len(shop.told(name)) for name in ("小王", "小李", "店长")}

    shop.run("handover", TEN.replace(hour=18))

    assert {name: len(shop.told(name)) - many for name, many in before.items()} == {"小王": 0, "小李": 1, "店长": 0}

    shop.say("店长", "小李今天请假")
    with shop.database.reading() as conn:
        store = people.store_by_code(conn, "001")
        assert store
        off = {one.name: one.off for one in rota.workers(conn, [store.id], FRIDAY)[store.id]}
    assert off == {"店长": False, "小王": False, "小李": True}


def test_a_row_is_not_handed_to_who_is_off(shop) -> None:
    shop.run("recall")
    shop.say("店长", "小王今天请假")

    said = shop.say("小李", "派 1 小王")

    assert (said.error, said.reply.text.partition("，")[0]) == ("usage", f"{CAST['小王'].name}今天不在班上")
