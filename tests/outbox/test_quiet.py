"""Quiet by default: the night, 忙 and two digests a day hold back what is not urgent, and it comes together later."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from bot.actions.accounts import off_board
from bot.db import logins, people
from bot.db.changes import Recorder
from bot.db.core.ids import new_id
from bot.db.tables import accounts, rooms, staff
from bot.db.talk import outbox
from bot.domain import quiet
from bot.wire import SendError
from tests.support.cast import ZONE
from tests.support.post_office import unclear


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2026-11-20T20:59:59", "2026-11-20T20:59:59"),
        ("2026-11-20T21:00", "2026-11-21T08:00"),
        ("2026-11-20T23:59", "2026-11-21T08:00"),
        ("2026-11-21T00:00", "2026-11-21T08:00"),
        ("2026-11-21T07:59:59", "2026-11-21T08:00"),
        ("2026-11-21T08:00", "2026-11-21T08:00"),
    ],
)
def test_the_night_is_quiet_from_nine_to_eight(moment, goes):
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONE).astimezone(UTC)

    assert quiet.goes_at(at, ZONE) == datetime.fromisoformat(goes).replace(tzinfo=ZONE)


def test_a_quiet_of_ones_own_ends_when_it_says_or_in_the_morning():
    noon = datetime(2026, 11, 20, 12, tzinfo=ZONE)

    assert quiet.goes_at(noon, ZONE, noon + timedelta(hours=1)) == noon + timedelta(hours=1)
    assert quiet.goes_at(noon, ZONE, noon - timedelta(hours=1)) == noon
    assert quiet.goes_at(noon, ZONE, noon + timedelta(hours=10)) == datetime(2026, 11, 21, 8, tzinfo=ZONE)


def test_at_night_only_the_urgent_goes_and_the_rest_comes_together_at_eight(office, night):
    office.now = night
    office.push("xiaoli", "明天陈*生日")
    office.push("xiaoli", "有机新品到了")
    office.push("xiaoli", "客诉 #107 到期了", urgent=True)
    office.push("001", "明天的名单")
    office.work()
    assert office.heard() == ["客诉 #107 到期了"]

    office.now = night.replace(hour=7, minute=59) + timedelta(days=1)
    office.work()
    assert len(office.heard()) == 1
    office.work(minutes=1)

    assert sorted(office.heard()[1:]) == ["攒下的 2 条：\n\n明天陈*生日\n\n有机新品到了", "明天的名单"]
    assert office.states == {
        "明天陈*生日": "sent",
        "有机新品到了": "sent",
        "客诉 #107 到期了": "sent",
        "明天的名单": "sent",
        "makeup:明天陈*生日": "sent",
    }


def test_what_was_due_before_the_night_waits_for_the_morning_too(office, night):
    office.push("xiaoli", "一", not_before=night.replace(hour=20))
    office.now = night
    office.work()

    assert office.heard() == []


def test_whoever_is_busy_hears_it_together_when_she_is_not(office):
    until = office.now + timedelta(hours=1)
    office.push("xiaoli", "先前的")
    busy(office, "xiaoli", until)
    office.push("xiaoli", "一")
    office.push("xiaoli", "芒果过敏，搭错了", urgent=True)
    office.work()
    assert office.heard() == ["芒果过敏，搭错了"]
    assert [line.not_before for line in office.lines("due")] == [None, until]

    office.work(hours=1)

    assert office.heard()[1:] == ["攒下的 2 条：\n\n先前的\n\n一"]


def test_the_third_digest_of_a_day_comes_with_the_next_days_first(office):
    for hour in range(3):
        office.push("xiaoli", f"第{hour}份")
        office.work()
        office.now += timedelta(hours=1)
    assert office.heard() == ["第0份", "第1份"]
    (held,) = office.lines("due")
    assert (held.rung, held.not_before.astimezone(ZONE).isoformat()) == ("makeup", "2026-11-21T10:00:00+08:00")

    office.now = office.now.replace(hour=8, minute=30) + timedelta(days=1)
    office.push("xiaoli", "新的一天")
    office.work()

    assert office.heard()[2:] == ["攒下的 2 条：\n\n第2份\n\n新的一天"]


def test_without_a_digest_the_next_day_it_comes_by_itself_at_ten(office):
    for number in range(3):
        office.push("xiaoli", f"{number}")
        office.work()
    office.now = office.now.replace(hour=9, minute=59) + timedelta(days=1)
    office.work()
    assert office.heard() == ["0", "1"]
    office.work(minutes=1)

    assert office.heard() == ["0", "1", "2"]


def test_nobody_has_more_than_two_digests_on_any_day_of_a_month(office):
    office.now = office.now.replace(hour=8, minute=0)
    per_day = {}
    for day in range(30):
        for turn in range(3 + day % 3):
            office.push("xiaoli", f"{day}-{turn}", expires_at=office.now + timedelta(hours=1), word=turn == 2)
            before = len(office.heard())
            office.work()
            office.now += timedelta(hours=2)
            per_day[day] = per_day.get(day, 0) + len(office.heard()) - before
        office.now += timedelta(hours=24 - 2 * (3 + day % 3))
    digests = Counter(
        line.sent_at.astimezone(ZONE).date() for line in office.lines("sent") if line.rung != "makeup" and not line.word
    )

    assert set(digests.values()) == {2}
    assert max(per_day.values()) == 3
    assert set(office.states.values()) <= {"sent", "due"}


def test_urgent_messages_and_words_of_colleagues_count_for_no_digest(office):
    for number in range(4):
        office.push("xiaoli", f"急{number}", urgent=True)
        office.work()
        office.push("xiaoli", f"转给你{number}", word=True)
        office.work()
    for number in range(2):
        office.push("xiaoli", f"早报{number}")
        office.work()

    assert len(office.heard()) == 10


def test_nobody_hears_more_than_twelve_messages_a_day_but_what_is_urgent(office):
    for number in range(15):
        office.push("xiaoli", f"{number}", word=True)
        office.work()
    office.push("xiaoli", "急", urgent=True)
    office.work()
    assert office.heard() == [*map(str, range(quiet.PUSHES_A_DAY)), "急"]

    office.work(hours=18)
    assert len(office.heard()) == 13
    office.work(hours=1)
    assert office.heard()[13:] == ["攒下的 3 条：\n\n12\n\n13\n\n14"]


def test_busy_over_ten_she_hears_list_and_what_else_came_in_one_message_when_it_ends(office):
    office.now = office.now.replace(hour=9, minute=40)
    busy(office, "xiaoli", office.now + timedelta(hours=1))
    office.now = office.now.replace(hour=10, minute=0)
    office.push("xiaoli", "10点的名单", expires_at=office.now + timedelta(minutes=20))
    office.push("xiaoli", "小王转给你", word=True)
    office.push("xiaowang", "小王的名单")
    office.work()
    assert office.heard() == ["小王的名单"]

    office.work(minutes=40)

    assert office.heard()[1:] == ["攒下的 2 条：\n\n10点的名单\n\n小王转给你"]


def test_busy_into_the_night_lasts_until_the_morning_and_nothing_of_it_is_too_late_then(office):
    office.now = office.now.replace(hour=20, minute=30)
    busy(office, "xiaoli", office.now + timedelta(hours=2))
    office.push("xiaoli", "晚上的", expires_at=office.now + timedelta(hours=1))
    office.work(hours=3)
    assert office.heard() == []

    office.now = office.now.replace(hour=8) + timedelta(days=1)
    office.now -= timedelta(minutes=30)
    office.work()

    assert (office.heard(), office.states["晚上的"]) == (["晚上的"], "sent")


def busy(office, code, until):
    office.database.transact(
        lambda conn: conn.execute(update(staff).where(staff.c.code == code).values(quiet_until=until))
    )


def test_two_channels_are_one_person(office):
    """What she had on one of them counts on the other."""
    office["wecom_bot"].always = office["wecom"].always = SendError("gone", "不在")
    office.push("xiaoli", "一")
    office.work()
    office["wecom_bot"].always = None
    office.database.transact(lambda conn: logins.heard(conn, "wecom_bot", "xiaoli@wecom"))
    office.push("xiaoli", "二")
    office.work()
    office.push("xiaoli", "三")
    office.work()

    assert (office.heard("telegram"), office.heard("wecom_bot")) == (["一"], ["二"])
    assert office.states["三"] == "due"


def test_whoever_is_not_bound_hears_it_when_she_is_or_nobody_misses_it(office, now):
    office.database.transact(lambda conn: conn.execute(delete(accounts)))
    office.push("xiaoli", "今天的", expires_at=now + timedelta(hours=5))
    office.push("xiaowang", "也是今天的", expires_at=now + timedelta(hours=5))
    office.work(hours=1)
    who = office.database.transact(lambda conn: people.staff_id_of(conn, "xiaoli"))
    office.database.transact(lambda conn: people.bind(conn, who, "wecom", "xiaoli@wecom", now))
    office.work()
    assert office.heard() == ["（补发）今天的"]

    office.work(hours=5)

    assert office.states == {"今天的": "sent", "也是今天的": "expired"}


def test_a_store_without_a_group_is_told_by_its_manager_and_one_without_both_expires(office, now):
    office.push("001", "今日名单", expires_at=now + timedelta(hours=5))
    office.push("002", "外店的名单", expires_at=now + timedelta(hours=5))
    office.database.transact(lambda conn: conn.execute(delete(rooms)))
    office.work()
    assert [text.partition("\n")[2] for text in office.heard("wecom")] == ["今日名单"]

    office.work(hours=6)

    assert office.states == {"今日名单": "sent", "外店的名单": "expired"}


def test_whoever_left_is_told_nothing_more(office, now):
    office.push("xiaoli", "名单", expires_at=now + timedelta(hours=5))
    who = office.database.transact(lambda conn: people.staff_id_of(conn, "xiaoli"))
    office.database.transact(lambda conn: off_board(Recorder(conn, new_id()), who, now))
    office.work()
    office.work(hours=5)

    assert (office.heard(), office.states) == ([], {"名单": "expired"})


def test_a_make_up_digest_that_is_unclear_leaves_all_of_it_unclear(office, night):
    office.now = night
    office.push("xiaoli", "一")
    office.push("xiaoli", "二")
    office["wecom_bot"].answers.append(unclear())
    office.now += timedelta(hours=10)
    office.work()

    assert {key: state for key, state in office.states.items() if not key.startswith("lost")} == {
        "一": "unknown",
        "二": "unknown",
        "makeup:一": "unknown",
    }


def test_what_waits_is_not_told_with_an_answer_before_its_time(office, night):
    office.now = night
    office.push("xiaoli", "明天的")
    who = office.database.transact(lambda conn: people.staff_id_of(conn, "xiaoli"))
    assert office.database.transact(lambda conn: outbox.take(conn, who, "none", night)) == []
    later = night + timedelta(hours=10)
    assert office.database.transact(lambda conn: outbox.take(conn, who, "none", later)) == ["明天的"]
    assert office.lines()[0].rung == "answer"
