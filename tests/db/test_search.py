import gc
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot.db import changes, customers, search
from bot.db.engine import open_database
from bot.db.ids import new_id
from bot.db.tables import customer_phones, customer_stats, customer_stores
from bot.db.tables import customers as table
from bot.domain.errors import UsageError


@pytest.fixture
def wang(people):
    return people("小王")


@pytest.fixture
def meet(database, now):
    """Makes customers of a store; `last_days` is how long ago each came."""

    def make(staff, *names, guide=None, last_days=None, **plain):
        def work(conn):
            ids = []
            for name in names:
                ids.append(new_id())
                plain_row = {"name": name, "store_id": staff.store_id, "guide_id": guide and guide.id, **plain}
                customers.add(conn, ids[-1], now, **plain_row)
                if last_days is not None:
                    row = dict.fromkeys(
                        (
                            "orders",
                            "refunds",
                            "purchase_days",
                            "spent_fen",
                            "best_ticket_fen",
                            "gap_sum_days",
                            "gap_square_sum",
                        ),
                        0,
                    )
                    at = now - timedelta(days=last_days)
                    conn.execute(insert(customer_stats).values(customer_id=ids[-1], last_at=at, recent="", **row))
            return ids

        return database.transact(work)

    return make


@pytest.fixture
def ask(database):
    def names(query, staff, **limit):
        return [
            sight.customer.called
            for sight in database.transact(lambda conn: search.by_name(conn, query, seen_by=staff, **limit))
        ]

    return names


def rename(conn, row_id, **plain):
    conn.execute(update(table).where(table.c.id == row_id).values(**customers.sealed(conn_keys(conn), row_id, plain)))


def conn_keys(conn):
    return conn.get_execution_options()["zhanggui_keys"]


def test_a_name_is_found_however_it_is_said(meet, ask, wang):
    meet(wang, "王芳", gender="female")
    meet(wang, "李强", gender="male")
    for query in ("王芳", "王姐", "芳", "wangfang", "Wang Fang", "wf", "汪芳", "王方", "wanfang", "王芳女士"):
        assert ask(query, wang) == ["王芳"], query
    assert ask("王哥", wang) == []
    assert ask("赵", wang) == []


def test_alias_is_a_name_too(meet, ask, wang):
    meet(wang, "", alias="金毛阿姨 燕麦奶", state="temporary")
    assert ask("金毛阿姨", wang) == ["金毛阿姨 燕麦奶"]
    assert ask("金毛", wang) == ["金毛阿姨 燕麦奶"]


def test_the_better_fit_comes_first_and_exactly_so_hides_the_rest(meet, ask, wang):
    meet(wang, "王方", "王芳芳", "黄芳")
    assert ask("王芳", wang) == ["王芳芳", "王方"]
    meet(wang, "王芳")
    assert ask("王芳", wang) == ["王芳"]


def test_a_title_keeps_everybody_of_the_surname_whose_gender_does_not_forbid_it(meet, ask, wang):
    meet(wang, "王强", gender="male")
    meet(wang, "王一")
    meet(wang, "王娟", gender="female")
    meet(wang, "王姐")
    assert ask("王姐", wang) == ["王姐", "王娟", "王一"]


def test_among_equals_mine_then_the_latest_visit(meet, ask, wang, people):
    meet(wang, "陈一", guide=people("小李"), last_days=1)
    meet(wang, "陈二", last_days=9)
    meet(wang, "陈三", guide=wang, last_days=30)
    meet(wang, "陈四")
    meet(wang, "陈五", guide=wang, last_days=2)
    assert ask("陈", wang) == ["陈五", "陈三", "陈一", "陈二", "陈四"]
    assert ask("陈", wang, limit=3) == ["陈五", "陈三", "陈一"]


def test_another_store_is_nobody(meet, ask, wang, people):
    meet(people("外店"), "王芳", last_days=1)
    assert ask("王芳", wang) == []
    assert ask("王芳", people("外店")) == ["王芳"]


def test_own_scope_sees_her_own_and_nobodys(meet, ask, wang, people):
    meet(wang, "陈一", guide=people("小李"))
    meet(wang, "陈二")
    meet(wang, "陈三", guide=wang)
    assert ask("陈", replace(wang, scope="own")) == ["陈三", "陈二"]


def test_without_a_store_no_name_is_searched(database, people):
    with pytest.raises(UsageError, match="11位手机号"):
        database.transact(lambda conn: search.by_name(conn, "王芳", seen_by=people("总部")))


def test_the_useless_finds_nobody(meet, ask, wang):
    meet(wang, "王芳")
    assert [ask(query, wang) for query in ("", " ", "%", "*", "a", "1", "。")] == [[]] * 7


def test_writes_show_at_once(database, meet, ask, wang):
    (row_id,) = meet(wang, "王芳")
    assert ask("王芳", wang) == ["王芳"]
    database.transact(lambda conn: rename(conn, row_id, name="王方圆", alias="柯基妈妈"))
    assert ask("王芳", wang) == []
    assert ask("柯基", wang) == ["王方圆"]
    database.transact(lambda conn: rename(conn, row_id, gender="male"))
    assert ask("王姐", wang) == []
    database.transact(lambda conn: conn.execute(update(table).where(table.c.id == row_id).values(state="merged")))
    assert ask("王方圆", wang) == []


def test_writes_of_another_process_show_at_once(database, database_url, keys, meet, ask, wang):
    (row_id,) = meet(wang, "王芳")
    assert ask("王芳", wang) == ["王芳"]
    other = open_database(database_url, keys)
    other.transact(lambda conn: rename(conn, row_id, name="李芳"))
    other.close()
    assert (ask("王芳", wang), ask("李芳", wang)) == ([], ["李芳"])


def test_an_undo_shows_at_once_though_the_row_is_older_again(database, meet, ask, wang, now):
    (row_id,) = meet(wang, "王芳")
    later = now + timedelta(minutes=1)

    def write(conn):
        work = changes.Recorder(conn, new_id())
        values = customers.sealed(conn_keys(conn), row_id, {"name": "李芳", "changed_at": later})
        work.update(table, row_id, **values)
        unit = changes.Unit(work.unit_id, wang.id, wang.store_id, row_id, "改", "", later, None)
        work.close(unit)
        return unit

    assert ask("王芳", wang) == ["王芳"]
    unit = database.transact(write)
    assert (ask("王芳", wang), ask("李芳", wang)) == ([], ["李芳"])
    database.transact(lambda conn: changes.undo(conn, unit, wang.id, later))
    assert (ask("王芳", wang), ask("李芳", wang)) == (["王芳"], [])


def test_what_was_rolled_back_is_not_found(database, meet, ask, wang, now):
    meet(wang, "王芳")

    def fail(conn):
        customers.add(conn, new_id(), now, name="王芳芳", store_id=wang.store_id)
        assert len(search.by_name(conn, "芳", seen_by=wang)) == 2
        raise KeyError

    with pytest.raises(KeyError):
        database.transact(fail)
    assert ask("芳", wang) == ["王芳"]


def test_she_is_found_where_she_may_be_seen_from_then_on(database, meet, ask, wang, people, now):
    (row_id,) = meet(people("外店"), "王芳")
    assert ask("王芳", wang) == []
    shown = {"store_id": wang.store_id, "customer_id": row_id, "since_at": now - timedelta(days=99)}
    database.transact(lambda conn: conn.execute(insert(customer_stores).values(**shown)))
    assert ask("王芳", wang) == ["王芳"]
    database.transact(
        lambda conn: conn.execute(customer_stores.delete().where(customer_stores.c.store_id == wang.store_id))
    )
    assert ask("王芳", wang) == []


def test_a_number_she_had_before(database, meet, wang, people, now, keys):
    (row_id,) = meet(wang, "王芳", phone="+8613900000001")
    old = "+8613800138000"
    history = {"id": new_id(), "customer_id": row_id, "until_at": now, "phone_index": customers.phone_index(keys, old)}
    history["phone"] = keys.seal("customer_phones.phone", history["id"], old)
    database.transact(lambda conn: conn.execute(insert(customer_phones).values(**history)))

    def found(staff):
        sights = database.transact(lambda conn: search.by_former_phone(conn, old, seen_by=staff))
        return [sight.customer.id for sight in sights]

    assert [found(people(name)) for name in ("小王", "外店", "总部")] == [[row_id], [], [row_id]]


def test_acquainted_are_those_asked_for_those_called_so_and_those_known_by_a_word(database, meet, wang, people):
    anne, _, guo, dog = meet(wang, "安安", "王芳", "郭强") + meet(wang, "", alias="柯基姐姐")
    stranger = meet(people("外店"), "郭一")[0]
    found = database.transact(lambda conn: search.acquainted(conn, [anne, stranger], ["郭"], ["柯基"], seen_by=wang))
    assert {row_id: who.words for row_id, who in found.items()} == {anne: 0, guo: 0, dog: 1}


def test_names_are_let_go(database, meet, ask, wang, people):
    meet(wang, "王芳")
    meet(people("外店"), "王芳")
    ask("王芳", wang)
    ask("王芳", people("外店"))
    kept = search._stores[database.engine]
    search.forget(wang.store_id)
    assert list(kept) == [people("外店").store_id]
    search.forget()
    assert not kept
    assert ask("王芳", wang) == ["王芳"]


def test_stores_asked_longest_ago_make_room(database, meet, ask, wang, people, monkeypatch):
    monkeypatch.setattr(search, "_KEPT_NAMES", 1)
    meet(wang, "王芳")
    meet(people("外店"), "王芳", "李强")
    assert ask("王芳", wang) == ["王芳"]
    assert ask("王芳", people("外店")) == ["王芳"]
    assert ask("王芳", wang) == ["王芳"]
    assert list(search._stores[database.engine]) == [wang.store_id]


def test_names_go_with_their_database(database_url, keys):
    before = len(search._stores)
    other = open_database(database_url, keys)
    search._names(other.engine, 1)
    assert len(search._stores) == before + 1
    other.close()
    del other
    gc.collect()
    assert len(search._stores) <= before
