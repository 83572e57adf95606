"""每月清理: proposed once a month, done after a yes of who leads, taken back by 撤; nothing is ever deleted."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from bot.actions import undoing
from bot.chat import Reply
from bot.commands import Context
from bot.db import customers as stored
from bot.db import people
from bot.db.board import proposals
from bot.db.core.engine import keys_of
from bot.db.core.ids import new_id
from bot.db.tables import contacts, customer_phones, customer_stats, customers, list_rows
from bot.db.tables import proposals as table
from bot.domain.board.odd import is_odd
from bot.domain.errors import ConflictError, NotFoundError
from bot.handlers.board import cleaning
from bot.jobs.cleanup import cleanup
from tests.board.conftest import Undone, at, complain, context, customer, run
from tests.support.cast import staff

SLOT = datetime(2026, 12, 1, 9, 30, tzinfo=at("08:00").tzinfo)
LONG_AGO = SLOT.date() - timedelta(days=900)


def _left(conn, *names: str) -> list[int]:
    """These were last here two and a half years ago."""
    ids = [customer(conn, name) for name in names]
    conn.execute(update(customer_stats).where(customer_stats.c.customer_id.in_(ids)).values(last_on=LONG_AGO))
    return ids


def _twice(conn) -> None:
    """冯宁 is on file a second time, without a number."""
    store = people.store_by_code(conn, "001")
    born = "1985-08-02"
    stored.add(conn, new_id(), at("08:00"), name="冯宁", birthday=born, store_id=store.id)
    sealed = stored.sealed(keys_of(conn), row_id := customer(conn, "冯宁"), {"birthday": born})
    conn.execute(update(customers).where(customers.c.id == row_id).values(**sealed))


def _context(conn, shop_of: Undone, name: str = "店长") -> Context:
    there = context(conn, shop_of, name, SLOT + timedelta(hours=1))
    return Context(conn, there.staff, there.now, there.address, None, new_id())


def _press(conn, shop_of: Undone, reply: Reply, digit: int) -> Reply:
    command = reply.choices[digit - 1].command.removeprefix("清理批 ")
    return cleaning.decide.run(_context(conn, shop_of), cleaning.decide.takes(command))


def _waiting(conn, shop_of: Undone) -> Reply:
    return cleaning.propose.run(_context(conn, shop_of), None)


def test_what_is_proposed(shop_of: Undone) -> None:
    def old(conn) -> None:
        _left(conn, "褚安", "褚宁", "冯安", "王芳")
        conn.execute(update(customers).where(customers.c.id == customer(conn, "冯安")).values(points=120))
        complain(conn, "王芳", at("20:00"))

    shop_of.transact(old)
    (told,) = run(shop_of, cleanup, SLOT)

    assert told.to == "staff:dianzhang"
    assert told.text.splitlines() == [
        "🧹 徐汇店每月清理，等你一句话：",
        "· 两年没来的2位：不再进任何名单，再来买东西就恢复",
        "· 有积分、有券或有事没办完的2位：不动",
        "不删任何资料，都可以撤。",
        "1 同意清理　2 看是谁　3 先不清",
    ]


def test_a_second_run_proposes_nothing_new(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _left(conn, "褚安"))

    assert (len(run(shop_of, cleanup, SLOT)), run(shop_of, cleanup, SLOT)) == (1, [])


def test_nothing_to_clean_is_no_message(shop_of: Undone) -> None:
    assert run(shop_of, cleanup, SLOT) == []


def test_a_yes_takes_them_out_of_the_lists_until_they_buy_again(shop_of: Undone) -> None:
    ids = shop_of.transact(lambda conn: _left(conn, "褚安", "褚宁"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        said = _press(conn, shop_of, _waiting(conn, shop_of), 1)
        out = proposals.out_of_lists(conn, ids)
        conn.execute(
            update(customer_stats)
            .where(customer_stats.c.customer_id == ids[0])
            .values(last_on=SLOT.date() + timedelta(days=3))
        )
        after = proposals.out_of_lists(conn, ids)
        still_there = conn.execute(select(func.count()).where(customers.c.id.in_(ids))).scalar()
    assert said.text == "清理好了：2位不再进名单。资料都还在，错了回 撤"
    assert (out, after, still_there) == (set(ids), {ids[1]}, 2)


def test_it_is_taken_back(shop_of: Undone) -> None:
    ids = shop_of.transact(lambda conn: _left(conn, "褚安"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        _press(conn, shop_of, _waiting(conn, shop_of), 1)
        (unit, *_) = undoing.mine(conn, staff(shop_of, "店长"), SLOT + timedelta(hours=1))
        undoing.take_back(conn, staff(shop_of, "店长"), SLOT + timedelta(hours=1), unit)
        states = conn.execute(select(table.c.state)).scalars().all()
        marked = conn.execute(select(list_rows.c.id)).all()
    assert (proposals.out_of_lists(conn, ids), states, marked) == (set(), ["waiting"], [])


def test_who_is_twice_on_file_is_merged(shop_of: Undone) -> None:
    shop_of.transact(_twice)
    (told,) = run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        said = _press(conn, shop_of, _waiting(conn, shop_of), 1)
        merged = conn.execute(select(func.count()).where(customers.c.state == "merged")).scalar()
    assert "· 同名同生日、像同一人的1对：合并（冯*（尾号5001）＝冯*）" in told.text.splitlines()
    assert said.text == "清理好了：合并了1对。资料都还在，错了回 撤"
    assert merged == 1


def test_who_is_meant_is_shown_masked_and_on_record(shop_of: Undone) -> None:
    ids = shop_of.transact(lambda conn: _left(conn, "褚安"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        shown = _press(conn, shop_of, _waiting(conn, shop_of), 2)
    assert shown.text.splitlines() == ["要清理的：", "· 褚*（尾号6000） 上次2024-06-14"]
    assert shown.about == tuple(ids)


def test_a_no_does_nothing_and_is_the_end_of_it(shop_of: Undone) -> None:
    ids = shop_of.transact(lambda conn: _left(conn, "褚安"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        waiting = _waiting(conn, shop_of)
        _press(conn, shop_of, waiting, 3)
        assert proposals.out_of_lists(conn, ids) == set()
        with pytest.raises(ConflictError):
            _press(conn, shop_of, waiting, 1)


def test_who_bought_since_is_left_alone(shop_of: Undone) -> None:
    ids = shop_of.transact(lambda conn: _left(conn, "褚安", "褚宁"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        conn.execute(update(customer_stats).where(customer_stats.c.customer_id == ids[0]).values(last_on=SLOT.date()))
        _press(conn, shop_of, _waiting(conn, shop_of), 1)
        assert proposals.out_of_lists(conn, ids) == {ids[1]}


def test_a_choice_works_for_nobody_else(shop_of: Undone) -> None:
    shop_of.transact(lambda conn: _left(conn, "褚安"))
    run(shop_of, cleanup, SLOT)

    with shop_of.reading() as conn:
        command = _waiting(conn, shop_of).choices[0].command.removeprefix("清理批 ")
        with pytest.raises(NotFoundError):
            cleaning.decide.run(_context(conn, shop_of, "小王"), cleaning.decide.takes(command))


def _stranger(conn, name: str, **more: str) -> int:
    store = people.store_by_code(conn, "001")
    stored.add(conn, row_id := new_id(), at("08:00"), name=name, store_id=store.id, **more)
    return row_id


def test_made_up_files_leave_the_lists_and_what_is_wrong_is_told(shop_of: Undone) -> None:
    def happened(conn) -> list[int]:
        made_up = [_stranger(conn, "测试"), _stranger(conn, "11111", phone="+8613900007777")]
        sealed = stored.sealed(keys_of(conn), row_id := customer(conn, "冯安"), {"name": "111"})
        conn.execute(update(customers).where(customers.c.id == row_id).values(**sealed))
        values = {"store_id": people.store_by_code(conn, "001").id, "staff_id": people.staff_id_of(conn, "xiaowang")}
        row = {"id": new_id(), "customer_id": customer(conn, "褚安"), "outcome": "wrong_number", "at": at("10:00")}
        conn.execute(contacts.insert().values(**values, **row))
        return made_up

    made_up = shop_of.transact(happened)
    (told,) = run(shop_of, cleanup, SLOT)

    assert told.text.splitlines()[1:3] == [
        "· 空的或乱填的、没买过的2份：不再进任何名单",
        "· 名字乱填或号码打不通的2位：不动，见到她问清楚，发「改」",
    ]
    with shop_of.reading() as conn:
        said = _press(conn, shop_of, _waiting(conn, shop_of), 1)
        assert proposals.out_of_lists(conn, [*made_up, customer(conn, "褚安")]) == set(made_up)
    assert said.text == "清理好了：2位不再进名单。资料都还在，错了回 撤"


def test_a_number_that_was_put_right_is_not_wrong_any_more(shop_of: Undone) -> None:
    def happened(conn) -> None:
        values = {"store_id": people.store_by_code(conn, "001").id, "staff_id": people.staff_id_of(conn, "xiaowang")}
        whose = customer(conn, "褚安")
        row = {"id": new_id(), "customer_id": whose, "outcome": "wrong_number", "at": at("10:00")}
        conn.execute(contacts.insert().values(**values, **row))
        sealed = keys_of(conn).seal("customer_phones.phone", old := new_id(), "+8613900000001")
        conn.execute(
            customer_phones.insert().values(
                id=old, customer_id=whose, phone=sealed, phone_index=b"x", until_at=at("11:00")
            )
        )

    shop_of.transact(happened)

    assert run(shop_of, cleanup, SLOT) == []


def test_an_open_complaint_and_a_coupon_keep_even_a_made_up_file(shop_of: Undone) -> None:
    def happened(conn) -> None:
        sealed = stored.sealed(keys_of(conn), row_id := customer(conn, "王芳"), {"name": "测试"})
        complain(conn, "王芳", at("20:00"))
        conn.execute(update(customers).where(customers.c.id == row_id).values(**sealed))
        conn.execute(update(customer_stats).where(customer_stats.c.customer_id == row_id).values(orders=0))

    shop_of.transact(happened)

    assert run(shop_of, cleanup, SLOT) == []


@pytest.mark.parametrize(
    ("name", "odd"),
    [("测试", True), ("店员测试2", True), ("Test 01", True), ("13800", True), ("aaa", True), ("散客3", True),
     ("--", True), ("王芳", False), ("欧阳娜娜", False), ("Anna", False), ("李", False), ("金毛阿姨", False),
     ("客家人老王", False), ("Abby", False), ("王女士", False), ("娜娜", False)],
)  # fmt: skip
def test_names_that_are_none(name: str, odd: bool) -> None:  # noqa: FBT001
    assert is_odd(name) is odd
