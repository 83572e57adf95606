"""早报: eight lines, on the rota, once, with nothing that may not be said where it goes."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.db import people
from bot.db.bulk.orders import Order, sort_lines, store_orders
from bot.db.bulk.products import ids_of
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import chain, contacts, list_rows, outbox, staff, units
from bot.domain.lists import holdout
from bot.domain.stats import Line
from bot.jobs.digest import digest
from tests.board.conftest import Undone, at, complain, customer, gone, on_the_rota, promise, queued, run, till_told
from tests.support.cast import CAST

SLOT = at("08:30")


def _to(said: list, name: str) -> str:
    return next(one.text for one in said if one.to == f"staff:{CAST[name].code}")


def _did(conn, name: str, command: str, whose: str, when: datetime) -> None:
    sealed = keys_of(conn).seal("units.summary", row_id := new_id(), "记", note=True)
    values = {"id": row_id, "staff_id": people.staff_id_of(conn, CAST[name].code), "command": command, "at": when}
    conn.execute(units.insert().values(customer_id=customer(conn, whose), summary=sealed, **values))


def test_a_whole_morning(shop_of: Undone) -> None:
    def happened(conn) -> None:
        complain(conn, "孙宁", at("20:00"))
        promise(conn, "王芳", "promise", "给她回话", at("21:00"))
        promise(conn, "陈洁", "hold", "葡萄冻冻", at("21:00", 19))
        for whose in ("王芳", "周敏", "陈洁"):
            _did(conn, "小李", "记", whose, at("16:00", 19))

    shop_of.transact(happened)
    said = run(shop_of, digest, SLOT)

    assert [one.to for one in said] == ["staff:dianzhang"]
    assert said[0].text.splitlines() == [
        "早，徐汇店。昨天¥240（12单），比上周四少38%",
        "〔门店要救11-20〕今天要救的3位（经验规则），改派回「1给小周」，问原因回「为什么 1」：",
        "1 孙*（尾号2000） 大客，平时7天来一次，已27天没来 → 小王",
        "2 孙*（尾号2001） 大客，平时7天来一次，已27天没来，客诉#101没结，先道歉 → 你",
        "3 孙*（尾号2002） 大客，平时7天来一次，已27天没来 → 小王",
        "今天：承诺1　留货1（过期1）　客诉1（今天要回1）",
        "高频奶茶党 6　稳定客 12　偶尔尝鲜族 7　间隔客 6　新客 7　沉睡 13",
        "数据到昨晚22:10 · 👍 小李昨天给3位客人添了资料",
    ]


def test_its_digits_answer_the_list_of_the_day(shop_of: Undone) -> None:
    (told,) = run(shop_of, digest, SLOT)

    with shop_of.reading() as conn:
        rows = conn.execute(select(list_rows).order_by(list_rows.c.position)).all()
        manager = people.staff_id_of(conn, "dianzhang") or 0
        token = keys_of(conn).token(rows[0].list_id, manager)
        guide = people.staff_id_of(conn, "xiaowang")
    assert told.commands == tuple(f"名单答 #{token} {place}" for place in (1, 2, 3))
    assert [(row.position, row.staff_id, row.state) for row in rows] == [(place, guide, "open") for place in (1, 2, 3)]


def test_a_second_run_says_and_lists_nothing_new(shop_of: Undone) -> None:
    first = run(shop_of, digest, SLOT)
    second = run(shop_of, digest, SLOT)

    with shop_of.reading() as conn:
        rows = conn.execute(select(list_rows.c.id)).all()
    assert (len(first), second, len(rows)) == (1, [], 3)


def test_the_next_morning_lists_others(shop_of: Undone) -> None:
    run(shop_of, digest, SLOT)
    shop_of.transact(lambda conn: till_told(conn, at("22:10")))
    run(shop_of, digest, at("08:30", 21))

    with shop_of.reading() as conn:
        rows = conn.execute(select(list_rows.c.customer_id)).scalars().all()
    assert len(rows) == len(set(rows)) == 6


def test_abroad_it_tells_no_complaint_of_anybody(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: complain(conn, "孙宁", at("20:00")))
    (told,) = run(shop_of, digest, SLOT)

    assert "2 孙*（尾号2001） 大客，平时7天来一次，已27天没来 → 你" in told.discreet.splitlines()
    assert "先道歉" not in told.discreet


def test_nobody_on_the_rota_then_who_leads(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: till_told(conn, at("22:10")))
    (told,) = run(shop_of, digest, at("08:30", 21))

    assert told.to == "staff:dianzhang"
    assert [line.rpartition("→ ")[2] for line in told.text.splitlines()[2:5]] == ["你", "你", "你"]


def test_nobody_on_the_rota_and_nobody_leads_then_everybody(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: gone(conn, "店长"))
    said = run(shop_of, digest, at("08:30", 21))

    assert {one.to for one in said} == {"staff:xiaowang", "staff:xiaoli"}


def test_who_leads_has_a_day_off_then_whoever_opens_is_told_too_without_money(shop_of: Undone) -> None:
    tomorrow = at("08:30", 21)
    shop_of.transact(lambda conn: till_told(conn, at("22:10")))
    shop_of.transact(lambda conn: on_the_rota(conn, {"小李": (600, 1200), "小王": (780, 1320)}, tomorrow.date()))
    said = run(shop_of, digest, tomorrow)

    assert [one.to for one in said] == ["staff:dianzhang", "staff:xiaoli"]
    assert _to(said, "小李").splitlines()[0] == "早，徐汇店。今天店长不在班上，早报发给你"
    assert _to(said, "店长").splitlines()[0] == "早，徐汇店。昨天没有开单"
    assert [line.rpartition("→ ")[2] for line in _to(said, "小李").splitlines()[2:5]] == ["你（10点班）"] * 3


@pytest.mark.parametrize(
    ("until", "says", "foot"),
    [
        (None, "早，徐汇店。还没有收银数据，先看人和事", None),
        (at("22:10", 17), "早，徐汇店。昨天的单还没传（数据到11-17 22:10）", "⚠️ 收银9天没传数据了"),
    ],
)
def test_a_till_that_told_nothing(shop_of: Undone, until: datetime | None, says: str, foot: str | None) -> None:
    shop_of.transact(lambda conn: till_told(conn, until))
    (told,) = run(shop_of, digest, at("08:30", 27))

    lines = told.text.splitlines()
    assert lines[0] == says
    assert (lines[-1] == foot) is (foot is not None)
    assert ("收银没传，谁来过看不到，今天先不排要救的。" in lines) is (until is not None)


def test_the_day_after_the_day_on_which_it_never_sells(shop_of: Undone) -> None:
    """Closed on Sundays: on Monday its till has been silent since Saturday, and nothing is out of order."""

    def opened(conn) -> None:
        people.add_store(conn, "009", "新店")
        store = people.store_by_code(conn, "009")
        people.add_staff(conn, "xindian", "新店长", "manager", store.id, at("08:00"))
        product = ids_of(conn, ["葡萄冻冻"])["葡萄冻冻"]
        days = [at("12:00", 21) - timedelta(days=back) for back in range(42)]
        lines = sort_lines([Line(product, 1000, 1500)])
        sold = [
            Order(f"N{day:%m%d}", store.id, None, day, day.date(), "sale", lines) for day in days if day.weekday() < 6
        ]
        store_orders(conn, sold)
        till_told(conn, at("22:10", 21))

    shop_of.transact(opened)
    (told,) = run(shop_of, digest, at("08:30", 23), "009")

    lines = told.text.splitlines()
    assert (lines[0], lines[-1]) == ("早，新店。昨天店休", "数据到前天22:10")


def test_a_store_without_customers_has_a_quiet_morning(shop_of: Undone) -> None:
    def emptied(conn) -> None:
        people.add_store(conn, "009", "新店")
        store = people.store_by_code(conn, "009")
        people.add_staff(conn, "xindian", "新店长", "manager", store.id, at("08:00"))

    shop_of.transact(emptied)
    (told,) = run(shop_of, digest, SLOT, "009")

    assert told.text.splitlines() == [
        "早，新店。还没有收银数据，先看人和事",
        "今天没有要救的：该来的都来过，或刚联系过。",
        "今天没有到期的事。",
    ]


def test_who_was_called_lately_is_not_listed(shop_of: Undone) -> None:
    def called(conn) -> None:
        values = {"store_id": people.store_by_code(conn, "001").id, "staff_id": people.staff_id_of(conn, "xiaowang")}
        row = {"id": new_id(), "customer_id": customer(conn, "孙安"), "outcome": "reached", "at": at("10:00", 18)}
        conn.execute(contacts.insert().values(**values, **row))

    shop_of.transact(called)
    run(shop_of, digest, SLOT)

    with shop_of.reading() as conn:
        listed = set(conn.execute(select(list_rows.c.customer_id)).scalars())
        assert customer(conn, "孙安") not in listed


def test_the_hold_out_is_never_listed(shop_of: Undone) -> None:
    with shop_of.reading() as conn:
        leaving = [customer(conn, f"孙{given}") for given in "安宁平和乐美"]
    salt = next(
        salt for salt in map(str, range(99)) if sum(holdout.held_out(one, salt.encode()) for one in leaving) > 1
    )
    shop_of.transact(lambda conn: conn.execute(update(chain).values(holdout_salt=salt)))
    run(shop_of, digest, SLOT)

    with shop_of.reading() as conn:
        listed = conn.execute(select(list_rows.c.customer_id)).scalars().all()
    assert len(listed) == 3
    assert [one for one in listed if holdout.held_out(one, salt.encode())] == []


def test_late_it_says_so(shop_of: Undone) -> None:
    (told,) = run(shop_of, digest, SLOT, now=at("10:00"))

    assert told.text.startswith("（补发）早，徐汇店。")


def test_it_is_short_and_without_a_number(shop_of: Undone) -> None:
    (told,) = run(shop_of, digest, SLOT)

    assert len(told.text.encode()) <= 2048
    assert re.findall(r"\d{5,}", told.text) == []
    assert not told.urgent
    assert len(queued(shop_of)) == 1


def test_who_left_gets_nothing(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: conn.execute(update(staff).values(active=False)))

    assert run(shop_of, digest, SLOT) == []
    with shop_of.reading() as conn:
        assert conn.execute(select(outbox.c.id)).all() == []
