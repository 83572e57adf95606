"""今天: a leader's, a guide's own, head office's."""

from bot.chat import Reply
from bot.db.core.ids import new_id
from bot.db.tables import consents
from bot.handlers.board.today import details, today
from bot.jobs.digest import digest
from tests.board.conftest import Undone, at, complain, context, promise, run
from tests.support.due import born, says
from tests.support.due import customer as buyer


def _asked(shop_of: Undone, name: str, veil: str = "none") -> Reply:
    with shop_of.reading() as conn:
        return today.run(context(conn, shop_of, name, at("10:00"), veil), None)


def test_a_leader_sees_the_list_that_the_morning_made(shop_of: Undone) -> None:
    (pushed,) = run(shop_of, digest, at("08:30"))
    told = _asked(shop_of, "店长")

    assert f"早，{told.text}" == pushed.text
    assert tuple(one.command for one in told.choices) == pushed.commands
    assert len(told.about) == 3


def test_a_guide_sees_her_own(shop_of: Undone) -> None:
    def happened(conn) -> None:
        complain(conn, "王芳", at("20:00"), "小王")
        complain(conn, "周敏", at("20:00"), "小李", number=102)
        promise(conn, "陈洁", "hold", "葡萄冻冻", at("21:00"))

    shop_of.transact(happened)
    run(shop_of, digest, at("08:30"))
    told = _asked(shop_of, "小王")

    assert told.text.splitlines() == [
        "小王，今天9:00到17:00的班。",
        "先打给（打完回「1没接」「1约了周日」）：",
        "1 孙*（尾号2000） 大客，平时7天来一次，已27天没来",
        "2 孙*（尾号2001） 大客，平时7天来一次，已27天没来",
        "3 孙*（尾号2002） 大客，平时7天来一次，已27天没来",
        "你手上的，接着办：",
        "· 客诉 #101（急） 王*（尾号8000）：等待，今天20:00前回她",
        "· 留货 #12 陈*（尾号2203）：葡萄冻冻，今天21:00前来取",
        "⚠️ 别说错：王*（尾号8000） 芒果过敏、别推活动",
    ]
    assert [one.command.split()[-1] for one in told.choices] == ["1", "2", "3"]


def test_abroad_a_guide_is_told_numbers(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "王芳", at("20:00"), "小王"))
    told = _asked(shop_of, "小王", "closed")

    assert told.text.splitlines() == [
        "小王，今天9:00到17:00的班。",
        "你手上的，接着办：",
        "客诉1件 #101",
        "是谁、什么事，请到企业微信看",
    ]


def test_head_office_sees_the_chain(shop_of: Undone) -> None:
    assert _asked(shop_of, "总部").text.splitlines()[0] == "【全链·周五】2家店"


def test_a_leader_asks_for_more_and_is_told_why_each_is_to_be_saved(shop_of: Undone) -> None:
    run(shop_of, digest, at("08:30"))
    told, short = _details(shop_of), _asked(shop_of, "店长")

    lines = told.text.splitlines()
    assert lines[:2] == ["〔门店要救11-20〕要救的3位，依据：", "1 孙*（尾号2000） 大客，平时7天来一次，已27天没来"]
    assert lines[2].startswith("· 要走的大客：消费第")
    assert sum(line == "· 上次来是10-24" for line in lines) == 3
    assert (told.choices, told.about) == (short.choices, short.about)
    assert _details(shop_of, "closed").text == _asked(shop_of, "店长", "closed").text


def _details(shop_of: Undone, veil: str = "none") -> Reply:
    with shop_of.reading() as conn:
        return details.run(context(conn, shop_of, "店长", at("10:00"), veil), None)


def test_the_birthdays_are_those_that_somebody_is_told_of(shop_of: Undone) -> None:
    def happened(conn) -> None:
        for nth, phone in enumerate(phones):
            born(conn, phone, "--11-20")
            if nth < 2:
                says_no(conn, phone)

    def says_no(conn, phone) -> None:
        given = {"kind": "contact", "given": False, "at": at("09:00", 19)}
        conn.execute(consents.insert().values(id=new_id(), customer_id=buyer(conn, phone), **given))

    phones = [f"+8613902001{nth:03}" for nth in range(6)]
    shop_of.transact(happened)

    assert "今天：生日4" in _asked(shop_of, "店长").text


def test_before_anything_was_sold_nobody_has_been_away_for_days_below_nought(shop_of: Undone) -> None:
    with shop_of.reading() as conn:
        asked = context(conn, shop_of, "店长", at("10:00").replace(year=2009))
        assert "没来" not in today.run(asked, None).text


def test_who_wants_to_hear_from_nobody_is_not_to_be_called_first(shop_of: Undone) -> None:
    run(shop_of, digest, at("08:30"))
    shop_of.transact(lambda conn: says(conn, "+8613902002000", at("09:00"), kind="contact_rule", value="别再联系"))
    shop_of.transact(lambda conn: says(conn, "+8613902002001", at("09:00"), kind="contact_rule", value="别打电话"))
    told, leads = _asked(shop_of, "小王"), _asked(shop_of, "店长")

    assert told.text.splitlines()[2:5] == [
        "1 孙*（尾号2001） 大客，平时7天来一次，已27天没来，📵别打电话（可发消息）",
        "2 孙*（尾号2002） 大客，平时7天来一次，已27天没来",
        "孙*（尾号2000） ⛔她说过别再联系，别打",
    ]
    assert [one.command.split()[-1] for one in told.choices] == ["2", "3"]
    assert "1 孙*（尾号2000） ⛔她说过别再联系，别打\n" in leads.text
    abroad = _asked(shop_of, "小王", "closed").text
    assert ("孙*（尾号2000） ⛔先别打" in abroad, "联系" in abroad, "📵" in abroad) == (True, False, False)
