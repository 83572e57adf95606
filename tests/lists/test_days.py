"""Days that come round, in the list that a guide is shown: odd birthdays, children, anniversaries, care, 快用完."""

from datetime import datetime

import pytest
from sqlalchemy import update

from bot.db import people
from bot.db import shop as settings
from bot.db.tables import chain, customer_stats, customers
from tests.support.cast import ZONE
from tests.support.due import born, customer, says

CHEN = "+8613800002203"
KEPT = [("leap-day", "03-01"), ("leap-month", "leap")]


def at(day: str) -> datetime:
    return datetime.strptime(f"{day} 10:00", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def told(shop, day: str, kind: str = "生日", who: tuple[str, str] = ("小李", "2203")) -> str:
    """Somebody's row (陈洁's) in her guide's list of this kind on a day; empty where she has none."""
    shop.clock = at(day)
    label = f"（尾号{who[1]}）"
    said = shop.say(who[0], f"名单 {kind}").reply.text
    return next((line.partition(label)[2] for line in said.splitlines() if label in line), "")


@pytest.mark.parametrize(
    ("birthday", "kept", "day", "expected"),
    [
        ("--02-29", [], "2027-02-28", "今天生日（2/29生，按2/28）"),
        ("--02-29", [], "2027-03-01", ""),
        ("1992-02-29", KEPT, "2027-02-28", "明天生日（2/29生，按3/1）"),
        ("1992-02-29", KEPT, "2027-03-01", "今天生日（2/29生，按3/1）"),
        ("--02-29", KEPT, "2028-02-29", "今天生日"),
        ("lunar:闰06-08", [], "2025-07-02", "今天生日（阴历闰六月初八=07-02）"),
        ("lunar:闰06-08", [], "2025-08-01", ""),
        ("lunar:闰06-08", KEPT, "2025-07-02", ""),
        ("lunar:闰06-08", KEPT, "2025-08-01", "今天生日（阴历闰六月初八=08-01）"),
        ("lunar:闰06-08", KEPT, "2026-07-21", "今天生日（阴历闰六月初八=07-21）"),
        ("lunar:12-30", [], "2026-02-16", "今天生日（阴历腊月三十=02-16）"),
        ("lunar:12-30", [], "2027-02-05", "今天生日（阴历腊月三十=02-05）"),
        ("lunar:12-08", [], "2026-01-26", "今天生日（阴历腊月初八=01-26）"),
        ("lunar:1990-12-08", [], "2025-12-31", ""),
        ("--11-20", [], "2026-11-20", "今天生日"),
    ],
)
def test_an_odd_birthday_comes_on_its_day_as_the_chain_keeps_it(shop, birthday, kept, day, expected) -> None:
    shop.write(born, CHEN, birthday)
    for setting, value in kept:
        shop.write(settings.keep_birthdays, setting, value)

    row = told(shop, day)

    assert row.split(" · ")[0].removeprefix("🎂") == expected


@pytest.mark.parametrize(("kept", "given"), [([], "2025-07-02"), (KEPT, "2025-08-01")])
def test_the_birthday_coupon_is_given_when_the_day_is_kept_and_not_a_month_off(shop, kept, given) -> None:
    shop.write(born, CHEN, "lunar:闰06-08")
    for setting, value in kept:
        shop.write(settings.keep_birthdays, setting, value)
    said = {}
    for day in ("2025-07-02", "2025-08-01"):
        offered = "可发生日券" in told(shop, day)
        said[day] = offered, shop.say("小李", "发 13800002203 生日券").reply.text

    (other,) = said.keys() - {given}
    assert (said[given][0], said[given][1].startswith("已发 陈*")) == (True, True)
    assert (said[other][0], said[other][1].startswith("「生日券」只在生日前7天到后3天发，没发")) == (False, True)


@pytest.mark.parametrize("kept", ["7,3,1", "14", "0"])
def test_a_birthday_is_told_on_the_days_that_the_chain_wants(shop, kept) -> None:
    shop.write(born, CHEN, "--11-20")
    shop.write(settings.keep_birthdays, "birthday-ahead", kept)
    ahead = [0, *(int(one) for one in kept.split(",") if one != "0")]

    days = []
    for back in range(15):
        shop.clock = at(f"2027-11-{20 - back:02}")
        assert shop.run("birthdays").failed == 0
        if any("（尾号2203）🎂" in said and f"{shop.clock:%m-%d}〕" in said for said in shop.told("小李")):
            days.append(back)

    assert sorted(days) == sorted(ahead)


@pytest.mark.parametrize(
    ("birthday", "warns"),
    [("2013-11-20", True), ("2012-11-21", False), ("2012-11-20", False), ("--11-20", False), ("1990-11-20", False)],
)
def test_a_child_is_wished_and_offered_nothing(shop, birthday, warns) -> None:
    shop.write(born, CHEN, birthday)

    row = told(shop, "2026-11-20")

    assert row.startswith(("🎂今天生日", "🎂明天生日"))
    assert ("未满14岁只问候，别发券" in row, "可发生日券" in row) == (warns, not warns)
    if warns:
        assert shop.say("小李", "1发券").reply.text.splitlines()[0].endswith("这位只问候，没有发券")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-20", "祝小朋友生日快乐，健康快乐地长大！"),
        ("2026-11-19", "明天是小朋友的生日吧？先祝小朋友生日快乐！"),
    ],
)
def test_a_child_is_no_lady_to_be_spoken_to_politely(shop, day, said) -> None:
    shop.write(born, CHEN, "2016-11-20")
    assert told(shop, day).startswith("🎂")

    text = shop.say("小李", "名单 生日").reply.text

    assert [f"“{said}”" in text, "陈女士，祝您" in text, "陈女士，明天" in text] == [True, False, False]


def test_a_childs_birthday_and_an_anniversary_are_greetings_alone(shop) -> None:
    shop.write(lambda conn: says(conn, CHEN, at("2026-10-01"), kind="birthday", value="2020-11-21", of="child"))
    shop.write(lambda conn: says(conn, CHEN, at("2026-10-01"), kind="anniversary", value="2016-11-20"))

    row = told(shop, "2026-11-20")
    why = shop.say("小李", "为什么 1").reply.text

    assert row.startswith(("🎂明天孩子生日（6岁", "💐今天纪念日（10周年"))
    assert ("明天孩子生日（6岁" in row, "今天纪念日（10周年" in row, "可发" in row) == (True, True, False)
    assert "· 记过孩子生日：11月21日，今年是11-21" in why
    assert "· 记过纪念日：11月20日，今年是11-20" in why


@pytest.mark.parametrize(
    ("vertical", "bought", "step"),
    [
        ("beauty", "2026-11-13", "用了一周"),
        ("fashion", "2026-11-13", "穿了一周"),
        ("jewellery", "2026-05-20", "半年清洗"),
    ],
)
def test_care_comes_on_its_day_after_a_purchase(shop, vertical, bought, step) -> None:
    def sells(conn) -> None:
        conn.execute(update(chain).values(vertical=vertical))
        hers = customer_stats.c.customer_id == customer(conn, CHEN)
        conn.execute(update(customer_stats).where(hers).values(last_on=at(bought).date()))

    shop.write(sells)

    assert told(shop, "2026-11-19", "关怀") == ""
    assert told(shop, "2026-11-20", "关怀") == f"💬{step}，只问候，别发券"
    assert f"上次{bought[5:]}买的，{step}" in shop.say("小李", "为什么 1").reply.text
    assert shop.say("小李", "1打过了").error is None
    assert told(shop, "2026-11-21", "关怀") == ""


def test_care_follows_a_childs_age(shop) -> None:
    shop.write(lambda conn: conn.execute(update(chain).values(vertical="baby")))
    shop.write(lambda conn: says(conn, CHEN, at("2026-10-01"), kind="birthday", value="2026-08-13", of="child"))

    assert told(shop, "2026-11-20", "关怀") == "💬百天，只问候，别发券"
    assert "孩子2026-08-13生，今天百天" in shop.say("小李", "为什么 1").reply.text


def test_what_is_nearly_used_up_is_told_with_her_own_pace(shop) -> None:
    shop.write(lambda conn: conn.execute(update(chain).values(vertical="supermarket")))

    zhou = ("小王", "7715")

    assert told(shop, "2026-11-21", "快用完", zhou) == ""
    row = told(shop, "2026-11-24", "快用完", zhou)
    why = shop.say("小王", "为什么 1").reply.text

    assert row.split(" · ")[0] == "🧴葡萄冻冻快用完：平时25天买一次，已25天"
    assert "· 最近3次买这一类，平均隔25天，上次10-30，该用到11-24" in why
    assert told(shop, "2026-12-20", "快用完", zhou) == ""


def test_everybody_whose_birthday_is_today_is_told_and_the_rest_have_their_room(shop) -> None:
    """Six of one guide today and six tomorrow: today's do not come again."""

    def dated(conn) -> None:
        conn.execute(update(customers).values(birthday=None, birthday_index=None))
        for nth in range(6):
            born(conn, f"+8613902001{nth:03}", "--11-20")
            born(conn, f"+8613902003{nth:03}", "--11-21")
        guide = people.staff_id_of(conn, "xiaoli")
        conn.execute(update(customers).where(customers.c.birthday.is_not(None)).values(guide_id=guide))

    shop.write(dated)
    shop.clock = at("2026-11-20")
    assert shop.run("birthdays").failed == 0
    (pushed,) = shop.told("小李")
    asked = shop.say("小李", "名单 生日").reply.text

    assert (pushed.count("🎂今天生日"), pushed.count("🎂明天生日")) == (6, 0)
    assert (asked.count("🎂今天生日"), asked.count("🎂明天生日")) == (6, 6)


def test_asked_for_before_the_morning_they_are_all_there(shop) -> None:
    def dated(conn) -> None:
        conn.execute(update(customers).values(birthday=None, birthday_index=None))
        for nth in range(6):
            born(conn, f"+8613902001{nth:03}", "--11-20")
        guide = people.staff_id_of(conn, "xiaoli")
        conn.execute(update(customers).where(customers.c.birthday.is_not(None)).values(guide_id=guide))

    shop.write(dated)
    shop.clock = at("2026-11-20")

    for _ in range(2):
        asked = shop.say("小李", "名单 生日").reply.text
        assert asked.count("🎂今天生日") == 6
