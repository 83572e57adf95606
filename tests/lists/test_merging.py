"""Two records of one customer: calls, rows of lists, wishes and promises come together, count as hers, part again."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.actions.lists import place as places
from bot.actions.lists.asking import alone
from bot.actions.lists.candidates import Due, Page
from bot.actions.lists.choosing import Picking
from bot.db import people
from bot.db.board import proposals
from bot.db.changes import Recorder
from bot.db.core.ids import new_id
from bot.db.lists import lists
from bot.db.lists.lists import NewList, NewRow, Why
from bot.db.tables import contacts, customer_stats, demands, followups, list_rows, trials
from bot.domain.shop import Store
from tests.support.cast import CAST
from tests.support.due import customer

HERS = (contacts, list_rows, demands, followups, trials)
WANG, CHEN = "+8613800138000", "+8613800002203"


def called(conn, phone, at, outcome="reached") -> None:
    """A call of 小王's, of which no list knows."""
    store, wang = people.store_by_code(conn, "001"), people.staff_id_of(conn, CAST["小王"].code)
    row = {"id": new_id(), "customer_id": customer(conn, phone), "store_id": store.id, "staff_id": wang}
    conn.execute(insert(contacts).values(**row, outcome=outcome, at=at, again_at=None, row_id=None))


def of_everybody(shop) -> dict[str, list[tuple]]:
    with shop.database.reading() as conn:
        return {table.name: [tuple(row) for row in conn.execute(select(table).order_by(table.c.id))] for table in HERS}


def whose(shop) -> dict[str, set[int]]:
    with shop.database.reading() as conn:
        return {table.name: set(conn.execute(select(table.c.customer_id)).scalars()) for table in HERS}


def merged(shop) -> None:
    """陈洁 becomes 王芳."""
    shop.say("店长", "并 13800138000 13800002203")
    said = shop.say("店长", "1")
    assert said.error is None, said.reply.text


@pytest.fixture
def pair(shop):
    """王芳 stands in a list, 陈洁 was called, asked for something and was promised something."""
    shop.say("小王", "名单")
    shop.say("小王", "缺 无糖版 13800002203")
    shop.say("小王", "答应 13800002203 周六寄样品")
    shop.write(called, CHEN, shop.clock - timedelta(days=20))
    return shop


def both(shop) -> tuple[int, int]:
    with shop.database.reading() as conn:
        return customer(conn, WANG), customer(conn, CHEN)


def refused(shop, phone=WANG) -> list[str]:
    """Why she is not listed today."""
    with shop.database.reading() as conn:
        store = Store(people.store_by_code(conn, "001").id, "001", "徐汇店")
        picking = Picking(places.of(conn, store, "tea", "Asia/Shanghai", shop.clock), lambda _: 1)
        alone(conn, picking.take([due(customer(conn, phone))], {1: 1}))
        return [why for _, why in picking.choice.left]


def due(customer_id: int) -> Page:
    """She is due, and nothing need be asked to know it."""
    yield from ()
    return [Due(customer_id, "recall", 1, "好久没来")]


def test_everything_of_whoever_goes_is_hers_and_parts_again(pair) -> None:
    before = of_everybody(pair)
    stays, goes = both(pair)
    assert whose(pair) == {
        "contacts": {goes},
        "list_rows": {stays},
        "demands": {goes},
        "followups": {goes},
        "trials": {stays},
    }

    merged(pair)
    assert set.union(*whose(pair).values()) == {stays}

    assert pair.say("店长", "撤").error is None
    assert of_everybody(pair) == before


def test_an_answer_before_and_one_after_both_outlive_the_merge(pair) -> None:
    pair.say("小王", "1没接")
    before = of_everybody(pair)
    merged(pair)
    pair.clock += timedelta(days=1)

    pair.say("小李", "名单")
    pair.say("店长", "撤")

    stays, goes = both(pair)
    assert of_everybody(pair) == before
    assert whose(pair)["contacts"] == {stays, goes}


@pytest.fixture
def often(shop):
    """王芳 was called twice this month, 陈洁 twice more: neither too often by herself."""
    for phone, days in ((WANG, 25), (WANG, 10), (CHEN, 18), (CHEN, 9)):
        shop.write(called, phone, shop.clock - timedelta(days=days))
    return shop


def test_the_cap_counts_across_the_merge(often) -> None:
    assert (refused(often), refused(often, CHEN)) == ([], [])

    merged(often)
    assert refused(often) == ["30天里已联系4次，最多4次；下周三起可以再联系。"]

    often.say("店长", "撤")
    assert (refused(often), refused(often, CHEN)) == ([], [])


@pytest.mark.parametrize(("words", "why"), [("说别再打了", "她说过别再联系"), ("搬走了", "搬走了。")])
def test_what_one_of_them_said_holds_for_both(shop, words, why) -> None:
    shop.say("小王", "名单")
    assert shop.say("小王", f"1{words}").error is None
    assert refused(shop, CHEN) == []

    merged(shop)
    assert refused(shop) == [why]

    shop.say("店长", "撤")
    assert (refused(shop), refused(shop, CHEN)) == ([why], [])


def test_whoever_stands_in_a_list_twice_is_answered_once(shop) -> None:
    def listed(conn) -> None:
        store, li = people.store_by_code(conn, "001"), people.staff_id_of(conn, CAST["小李"].code)
        rows = [NewRow(customer(conn, phone), li, Why("recall", "好久没来")) for phone in (WANG, CHEN)]
        lists.add(conn, [NewList("recall", store.id, li, shop.clock.date(), rows)], shop.clock)

    shop.write(listed)
    merged(shop)

    said = shop.say("小李", "1打过了").reply.text

    assert said.splitlines() == ["1 王*（尾号8000）：已联系，7天内不再进名单", "这张名单都回了。错了回 撤"]


def test_who_was_cleaned_away_but_is_somebody_that_comes_is_listed_again(shop) -> None:
    long_ago = shop.clock.date() - timedelta(days=900)

    def cleaned(conn) -> None:
        store, chen = people.store_by_code(conn, "001"), customer(conn, CHEN)
        conn.execute(update(customer_stats).where(customer_stats.c.customer_id == chen).values(last_on=long_ago))
        proposals.mark(Recorder(conn, new_id()), store.id, [chen], shop.clock.date(), shop.clock)

    shop.write(cleaned)
    assert refused(shop, CHEN) == ["两年没来，清理时移出了名单，再来买就恢复"]

    merged(shop)

    assert refused(shop) == []
