"""What is due is called to mind of whoever is on shift, once for each due time, and goes upwards a day late."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select

import bot.handlers
import bot.jobs
from bot.chat import Incoming, Outcome
from bot.commands import collect as collect_commands
from bot.db import decisions, people
from bot.db.core.engine import Database
from bot.db.shop import all_stores
from bot.db.tables import job_runs, outbox, shifts, staff
from bot.dispatch import Dispatcher
from bot.schedule import collect
from bot.serve.due import Due, run_slot
from tests.support.cast import CAST, ZONE, address
from tests.support.world import world

JOBS = collect(bot.jobs)
FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


class Shop:
    """The small world on a Friday, its jobs, and what is owed to whom."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = at(FRIDAY, "14:00")
        world(database, self.clock)
        self._dispatcher = Dispatcher(database, collect_commands(bot.handlers))
        self._said = 0

    def say(self, name: str, text: str, moment: datetime | None = None) -> Outcome:
        self._said += 1
        self.clock = moment or self.clock + timedelta(seconds=1)
        return self._dispatcher.handle(Incoming(f"due:{self._said}", address(name), text, self.clock))

    def works(self, name: str, day: date, hours: str) -> None:
        """Put somebody on the rota: `9-15`."""
        starts, _, ends = hours.partition("-")

        def write(conn) -> None:
            store = people.store_by_code(conn, str(CAST[name].store))
            assert store
            row = {
                "staff_id": people.staff_id_of(conn, CAST[name].code),
                "store_id": store.id,
                "work_on": day,
                "starts_minute": int(starts) * 60,
                "ends_minute": int(ends) * 60,
            }
            people.add_shift(conn, [row])

        self.database.transact(write)

    def run(self, job: str, moment: datetime, now: datetime | None = None) -> int:
        """Run a slot; gives how many messages it queued."""
        with self.database.reading() as conn:
            stores = all_stores(conn)
        ran = run_slot(self.database, Due(JOBS[job], moment), stores, now or moment)
        assert ran.failed == 0
        return ran.queued

    def owed(self) -> list[tuple[str, str]]:
        """Everything owed and not looked at before: to whom, and what."""
        with self.database.reading() as conn:
            rows = conn.execute(
                select(outbox.c.id, outbox.c.body, staff.c.code)
                .join(staff, staff.c.id == outbox.c.staff_id)
                .order_by(staff.c.code, outbox.c.id)
            ).all()
        self.database.transact(lambda conn: conn.execute(delete(outbox)))
        open_ = self.database.keys.unseal
        return [(row.code, open_("outbox.body", row.id, row.body).partition("\x1f")[0]) for row in rows]


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def first_lines(owed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """To whom, and the line of the first thing."""
    return [(code, next(line for line in text.split("\n") if "→" in line)) for code, text in owed]


HOLD = "留货 #1 灰直筒26 → 王*（尾号8000）今天21:00到期"


def test_whoever_is_on_shift_is_reminded_where_she_who_promised_is_off(shop: Shop) -> None:
    shop.works("小王", FRIDAY, "9-18")
    shop.works("小李", SATURDAY, "9-21")
    told = shop.say("小王", "留 灰直筒26 到礼拜六 给 8000")
    shop.owed()

    assert told.reply.text.split("\n")[1] == "明天当班 小李 会收到。错了回 撤"
    assert [shop.run("due", at(SATURDAY, "09:30")), first_lines(shop.owed())] == [1, [("xiaoli", f"1 {HOLD}")]]
    assert [shop.run("due-evening", at(SATURDAY, "20:00")), first_lines(shop.owed())] == [1, [("xiaoli", f"1 {HOLD}")]]


def test_she_who_promised_comes_first_and_hands_over_with_her_shift(shop: Shop) -> None:
    shop.works("小王", SATURDAY, "9-15")
    shop.works("小李", SATURDAY, "12-21")
    shop.works("店长", SATURDAY, "9-21")
    shop.say("小王", "提醒 8000 周六下午2点 回电")
    shop.say("小王", "提醒 8000 周六下午5点 再问一次")
    shop.owed()

    shop.run("due", at(SATURDAY, "09:30"))
    morning = shop.owed()
    shop.run("due-hour", at(SATURDAY, "14:00"))
    shop.run("due-hour", at(SATURDAY, "17:00"))

    assert [code for code, _ in morning] == ["xiaowang"]
    assert first_lines(shop.owed()) == [
        ("xiaoli", "⏰ 提醒 #2 再问一次 → 王*（尾号8000）今天17:00"),
        ("xiaowang", "⏰ 提醒 #1 回电 → 王*（尾号8000）今天14:00"),
    ]


def test_without_a_rota_she_who_promised_is_reminded_and_who_leads_if_she_left(shop: Shop) -> None:
    shop.say("小李", "答应 8000 周六下午3点 送杯套")
    shop.owed()
    shop.run("due-hour", at(SATURDAY, "15:00"))
    mine = shop.owed()
    shop.say("小李", "答应 8000 周日下午3点 送杯套")
    shop.owed()
    gone = staff.update().where(staff.c.code == "xiaoli").values(active=False)
    shop.database.transact(lambda conn: conn.execute(gone))
    shop.run("due-hour", at(SUNDAY, "15:00"))

    assert [code for code, _ in mine] == ["xiaoli"]
    assert [code for code, _ in shop.owed()] == ["dianzhang"]


def test_somebody_busy_is_passed_over_for_who_is_not(shop: Shop) -> None:
    for name in ("小李", "店长"):
        shop.works(name, SATURDAY, "9-21")
    shop.say("小王", "答应 8000 周六下午3点 送杯套")
    shop.say("小李", "忙 到4点", at(SATURDAY, "14:50"))
    shop.owed()

    shop.run("due-hour", at(SATURDAY, "15:00"))

    assert [code for code, _ in shop.owed()] == ["dianzhang"]


def test_each_is_told_once_for_a_due_time_whatever_runs_again(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六下午2点 回电")
    shop.say("小王", "留 灰直筒26 到礼拜六 给 8000")
    shop.owed()
    slots = [
        ("due", "09:30"),
        ("due-hour", "13:55"),
        ("due-hour", "14:00"),
        ("due-hour", "14:05"),
        ("due-evening", "20:00"),
    ]

    queued = [shop.run(job, at(SATURDAY, clock)) for job, clock in slots]
    again = [shop.run(job, at(SATURDAY, clock)) for job, clock in slots]
    shop.database.transact(lambda conn: conn.execute(delete(job_runs)))
    forgotten = [shop.run(job, at(SATURDAY, clock)) for job, clock in slots]

    assert (queued, again, forgotten) == ([1, 0, 1, 0, 1], [0] * 5, [0] * 5)


def test_what_its_hour_tells_is_not_in_the_digest_of_that_hour_as_well(shop: Shop) -> None:
    for hour in ("9点", "上午10点", "10:09", "10:30"):
        shop.say("小王", f"提醒 8000 周六{hour} 回电")
    shop.owed()

    shop.run("due", at(SATURDAY, "09:30"))
    digest = shop.owed()
    for clock in ("09:00", "10:00", "10:05", "10:30"):
        shop.run("due-hour", at(SATURDAY, clock))

    assert [text.split("\n")[:2] for _, text in digest] == [
        ["今天要办的 1 件：", "1 提醒 #4 回电 → 王*（尾号8000）今天10:30"]
    ]
    assert sorted(line.split(" →")[0] for _, line in first_lines(shop.owed())) == [
        f"⏰ 提醒 #{number} 回电" for number in (1, 2, 3, 4)
    ]


def test_what_was_due_too_long_before_a_late_digest_is_in_it(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六上午9点 回电")
    shop.say("小王", "提醒 8000 周六中午12点 回电")
    shop.owed()

    shop.run("due", at(SATURDAY, "09:30"), at(SATURDAY, "12:00"))

    assert [[line for line in text.split("\n") if "→" in line] for _, text in shop.owed()] == [
        ["1 提醒 #1 回电 → 王*（尾号8000）今天9:00（已过期）"]
    ]


def test_put_off_it_is_told_anew_and_done_it_is_not(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六下午2点 回电")
    shop.say("小王", "提醒 8000 周六下午2点 寄样品")
    shop.owed()
    shop.run("due-hour", at(SATURDAY, "14:00"))
    shop.owed()
    shop.say("小王", "提醒 1 延到下午4点", at(SATURDAY, "14:10"))
    shop.say("小王", "提醒 2 寄了")

    shop.run("due-hour", at(SATURDAY, "16:00"))

    assert first_lines(shop.owed()) == [("xiaowang", "⏰ 提醒 #1 回电 → 王*（尾号8000）今天16:00")]


def test_what_came_while_nothing_ran_is_told_late(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六下午2点 回电")
    shop.owed()
    shop.run("due-hour", at(SATURDAY, "13:30"))

    shop.run("due-hour", at(SATURDAY, "14:30"))

    assert first_lines(shop.owed()) == [("xiaowang", "⏰ （补发）提醒 #1 回电 → 王*（尾号8000）今天14:00（已过期）")]


def test_written_just_before_its_hour_it_is_told(shop: Shop) -> None:
    shop.run("due-hour", at(FRIDAY, "14:00"))
    shop.say("小王", "提醒 8000 2分钟后 回电", at(FRIDAY, "14:01"))
    shop.owed()

    shop.run("due-hour", at(FRIDAY, "14:05"))

    assert [code for code, _ in shop.owed()] == ["xiaowang"]


def test_overdue_it_is_told_the_next_morning_and_a_promise_goes_upwards_the_day_after(shop: Shop) -> None:
    shop.say("小王", "答应 8000 周五下午5点 送杯套")
    shop.say("小王", "留 灰直筒26 到今晚 给 8000")
    shop.owed()
    days = [SATURDAY, SUNDAY, SUNDAY + timedelta(days=1)]

    told = []
    for day in days:
        shop.run("due", at(day, "09:30"))
        told.append([(code, [line for line in text.split("\n") if "→" in line]) for code, text in shop.owed()])

    promise, hold = "答应 #1 送杯套 → 王*（尾号8000）", "留货 #2 灰直筒26 → 王*（尾号8000）"
    assert told == [
        [("xiaowang", [f"1 {promise}昨天17:00前（已过期）", f"2 {hold}昨晚20:00到期（已过期）"])],
        [("dianzhang", [f"1 {promise}前天17:00前（已过期），小王答应的"])],
        [],
    ]


def test_a_morning_that_was_missed_is_made_up_for(shop: Shop) -> None:
    shop.run("due", at(FRIDAY, "09:30"))
    shop.say("小王", "答应 8000 周五下午5点 送杯套")
    shop.owed()

    shop.run("due", at(SUNDAY, "09:30"))

    assert [code for code, _ in shop.owed()] == ["dianzhang", "xiaowang"]


def test_at_night_nobody_is_disturbed(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六晚上10点 发照片")
    shop.say("小王", "提醒 8000 周日早上6点 发定位")
    shop.owed()

    shop.run("due-evening", at(SATURDAY, "20:00"))
    shop.run("due-hour", at(SATURDAY, "22:00"))
    shop.run("due-hour", at(SUNDAY, "06:00"))

    assert [(code, text.count("→")) for code, text in shop.owed()] == [("xiaowang", 2)]


def test_digits_under_the_reminder_do_what_they_say(shop: Shop) -> None:
    shop.say("小王", "答应 8000 周六下午3点 送杯套")
    shop.run("due-hour", at(SATURDAY, "15:00"))

    shop.say("小王", "查 2203", at(SATURDAY, "15:01"))
    told = shop.say("小王", "答应")
    done = shop.say("小王", "1 送了")

    assert told.reply.choices[0].label == "答应 #1"
    assert done.reply.text == "答应 #1 送杯套 → 王*（尾号8000）办了，清掉了。错了回 撤"
    assert shop.run("due", at(SUNDAY, "09:30")) == 0


def test_who_sees_only_her_own_customers_is_told_of_no_others(shop: Shop) -> None:
    shop.database.transact(lambda conn: people.change_chain(conn, scope="own"))
    shop.works("小李", SATURDAY, "9-21")
    shop.works("店长", SATURDAY, "9-21")
    shop.say("小王", "答应 8000 周六下午3点 送杯套")
    shop.owed()

    shop.run("due", at(SATURDAY, "09:30"))
    shop.run("due-hour", at(SATURDAY, "15:00"))

    assert {code for code, _ in shop.owed()} == {"dianzhang"}


def test_what_goes_abroad_holds_neither_note_nor_name(shop: Shop) -> None:
    shop.say("小王", "提醒 8000 周六下午3点 打给王芳 13800138000 问周敏")
    shop.owed()
    head = people.staff_id_of
    shop.database.transact(
        lambda conn: decisions.decide(
            conn, decisions.TELEGRAM, allowed=True, staff_id=head(conn, "hq") or 0, now=shop.clock
        )
    )

    shop.run("due-hour", at(SATURDAY, "15:00"))
    with shop.database.reading() as conn:
        row = conn.execute(select(outbox.c.id, outbox.c.body)).one()
    whole, _, discreet = shop.database.keys.unseal("outbox.body", row.id, row.body).partition("\x1f")

    assert whole.split("\n")[0] == "⏰ 提醒 #1 打给王* 138****8000 问周* → 王*（尾号8000）今天15:00"
    assert discreet.split("\n")[:2] == ["⏰ 提醒 #1 → 王*（尾号8000）今天15:00", "内容请到企业微信看"]


def test_the_rota_of_another_store_does_not_count(shop: Shop) -> None:
    shop.works("外店", SATURDAY, "9-21")
    shop.say("小王", "答应 8000 周六下午3点 送杯套")
    shop.owed()
    with shop.database.reading() as conn:
        assert len(conn.execute(select(shifts.c.id)).all()) == 1

    shop.run("due", at(SATURDAY, "09:30"))

    assert [code for code, _ in shop.owed()] == ["xiaowang"]
