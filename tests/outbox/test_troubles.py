"""What did not get through is shown to people within minutes, in one message, and abroad without a word of it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.chat import Choice
from bot.db.tables import accounts
from bot.wire import SendError
from tests.support.post_office import unclear

ALL = ("wecom_bot", "wecom", "telegram")


def test_many_unclear_ones_are_told_in_one_message_to_the_manager(office):
    office["wecom_bot"].always = unclear()
    for number in range(12):
        office.push(("xiaoli", "xiaowang")[number % 2], f"名单 {number}", urgent=True)
        office.work()
    told = [line for line in office.lines("due") if line.key.startswith("lost:")]
    assert [line.to for line in told] == ["staff:dianzhang"]

    office["wecom_bot"].always = None
    office["wecom_bot"].told.clear()
    office.work(minutes=2)

    assert office.heard() == [
        "有 12 条消息没送到，请跟本人说一声：\n"
        + "".join(f"· 给{('小李', '小王')[n % 2]}「名单 {n}」：不知道到没到，没有答完\n" for n in range(8))
        + "……其余的请管理员看 zhanggui outbox list"
    ]


def test_where_there_is_no_manager_the_admins_are_told(office):
    for name in ALL:
        office[name].always = SendError("never", "内容不被接受")
    office.push("waidian", "库存盘点", urgent=True)
    office.work()

    assert office.states["库存盘点"] == "dead"
    assert [line.to for line in office.lines("due")] == ["staff:admin"]


def test_what_was_the_managers_own_is_told_to_the_admins(office):
    office["wecom_bot"].always = unclear()
    office.push("dianzhang", "早报", urgent=True)
    office.work()

    assert [line.to for line in office.lines("due")] == ["staff:admin"]


def test_what_came_too_late_comes_with_an_apology_and_its_digits(office):
    for name in ALL:
        office[name].always = SendError("again", "连不上")
    office.push("xiaoli", "今天的名单", choices=[Choice("王*", "我的")], expires_at=office.now + timedelta(hours=2))
    office.push("xiaowang", "下午的名单", expires_at=office.now + timedelta(hours=2))
    office.push("xiaowang", "晚班交接", expires_at=office.now + timedelta(hours=2))
    office.work()
    for name in ALL:
        office[name].always = None
    office.work(hours=3)

    assert office.states == {
        "今天的名单": "expired",
        "下午的名单": "expired",
        "晚班交接": "expired",
        "makeup:下午的名单": "expired",
        "missed:今天的名单": "sent",
        "missed:makeup:下午的名单": "sent",
    }
    assert dict(zip(office.heard(), office["wecom"].keys, strict=True)) == {
        "抱歉，这条过了时候才给你：\n今天的名单\n1 王*": ("王*",),
        "抱歉，这条过了时候才给你：\n攒下的 2 条：\n\n下午的名单\n\n晚班交接": (),
    }


@pytest.mark.parametrize(("minutes", "came"), [(30, "早报"), (31, "（补发）早报")])
def test_what_comes_more_than_half_an_hour_late_says_so(office, minutes, came):
    office.push("xiaoli", "早报", urgent=True)
    office.work(minutes=minutes)

    assert office.heard() == [came]


def test_what_was_wanted_earlier_says_so_however_quickly_it_goes(office):
    office.push("xiaoli", "10点的名单", not_before=office.now - timedelta(hours=5))
    office.work()

    assert office.heard() == ["（补发）10点的名单"]


def test_what_is_repeated_stays_as_it_was_however_late(office):
    office["wecom"].answers.append(unclear(known_again=True))
    office.push("xiaoli", "早报", delivery="dedupe")
    office.work(minutes=29)
    office.work(minutes=3)

    assert office.heard() == ["早报", "早报"]


@pytest.mark.parametrize(("urgent", "told"), [(False, []), (True, ["急事"])])
def test_what_got_lost_in_the_night_is_told_at_night_where_it_was_urgent(office, night, urgent, told):
    office.now = night
    for name in ALL:
        office[name].answers.append(SendError("never", "内容不被接受"))
    office.push("xiaoli", "急事", urgent=urgent)
    office.work()
    office.work(minutes=3)

    assert [text for text in office.heard() if "急事" in text] == [
        f"有 1 条消息没送到，请跟本人说一声：\n· 给小李「{one}」：内容不被接受" for one in told
    ]


def test_what_is_too_late_but_may_be_there_is_unclear(office):
    office["wecom_bot"].answers.append(unclear())
    office["wecom_bot"].always = SendError("again", "连不上")
    office.push("xiaoli", "名单", delivery="at_least_once", expires_at=office.now + timedelta(hours=2))
    office.work()
    office.work(hours=3)

    assert office.states["名单"] == "unknown"


def test_nobody_misses_what_was_for_somebody_without_any_account(office):
    office.database.transact(lambda conn: conn.execute(delete(accounts)))
    office.push("xiaoli", "名单", expires_at=office.now + timedelta(hours=2))
    office.work(hours=3)

    assert office.states == {"名单": "expired"}


def test_abroad_the_message_names_no_text(office):
    office["wecom_bot"].always = SendError("gone", "不在")
    office["wecom"].always = SendError("gone", "不在")
    office["telegram"].answers.append(unclear())
    office.push("xiaoli", "王* 芒果过敏", urgent=True)
    office.work()
    office.work(minutes=2)

    assert office.heard("telegram")[-1] == "有 1 条消息没送到，请跟本人说一声：\n· 给小李的一条：不知道到没到，没有答完"


def test_a_report_that_gets_lost_is_not_reported_again(office):
    for name in ALL:
        office[name].always = SendError("never", "内容不被接受")
    office.push("xiaoli", "一", urgent=True)
    office.work()
    office.work(minutes=2)
    office.work(minutes=2)

    assert sorted(office.states.values()) == ["dead", "dead"]
