import gc
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bot.db import changes, customers, search
from bot.db.core.engine import keys_of, open_database
from bot.db.core.ids import new_id
from bot.db.tables import customer_phones, customer_stats, customer_stores
from bot.db.tables import customers as table
from bot.domain.errors import UsageError

COUNTS = ("orders", "refunds", "purchase_days", "spent_fen", "best_ticket_fen", "gap_sum_days", "gap_square_sum")


class Shop:
    """The cast, and customers to be met and asked for; `wang` is the guide of store 001, `away` that of 002."""

    def __init__(self, database, people, now):
        self.database, self.people, self.now = database, people, now
        self.wang, self.away = people("小王"), people("外店")

    def meet(self, *names, staff=None, guide=None, last_days=None, **plain):
        """Makes customers of a store; gives their ids. `last_days` is how long ago they came."""
        known = {"store_id": (staff or self.wang).store_id, "guide_id": guide and guide.id, **plain}

        def work(conn):
            ids = [new_id() for _ in names]
            for row_id, name in zip(ids, names, strict=True):
                customers.add(conn, row_id, self.now, name=name, **known)
                if last_days is not None:
                    last_at = self.now - timedelta(days=last_days)
                    row = {"customer_id": row_id, "last_at": last_at, "recent": "", **dict.fromkeys(COUNTS, 0)}
                    conn.execute(insert(customer_stats).values(**row))
            return ids

        return self.database.transact(work)

    def ask(self, query, staff=None, **limit):
        """What those are called who are found, in order."""
        asker = staff or self.wang
        found = self.database.transact(lambda conn: search.by_name(conn, query, seen_by=asker, **limit))
        return [sight.customer.called for sight in found]

    def change(self, row_id, **plain):
        self.database.transact(lambda conn: rename(conn, row_id, **plain))


@pytest.fixture
def shop(database, people, now):
    return Shop(database, people, now)


def rename(conn, row_id, **plain):
    values = customers.sealed(keys_of(conn), row_id, plain)
    conn.execute(update(table).where(table.c.id == row_id).values(**values))


def test_a_name_is_found_however_it_is_said(shop):
    shop.meet("王芳", gender="female")
    shop.meet("李强", gender="male")
    for query in ("王芳", "王姐", "芳", "wangfang", "Wang Fang", "wf", "汪芳", "王方", "wanfang", "王芳女士"):
        assert shop.ask(query) == ["王芳"], query
    assert shop.ask("王哥") == []
    assert shop.ask("赵") == []


def test_alias_is_a_name_too(shop):
    shop.meet("", alias="金毛阿姨 燕麦奶", state="temporary")
    assert shop.ask("金毛阿姨") == ["金毛阿姨 燕麦奶"]
    assert shop.ask("金毛") == ["金毛阿姨 燕麦奶"]


def test_the_better_fit_comes_first_and_exactly_so_hides_the_rest(shop):
    shop.meet("王方", "王芳芳", "黄芳")
    assert shop.ask("王芳") == ["王芳芳", "王方"]
    shop.meet("王芳")
    assert shop.ask("王芳") == ["王芳"]


def test_a_title_keeps_everybody_of_the_surname_whose_gender_does_not_forbid_it(shop):
    shop.meet("王强", gender="male")
    shop.meet("王一")
    shop.meet("王娟", gender="female")
    shop.meet("王姐")
    assert shop.ask("王姐") == ["王姐", "王娟", "王一"]


def test_among_equals_mine_then_the_latest_visit(shop):
    shop.meet("陈一", guide=shop.people("小李"), last_days=1)
    shop.meet("陈二", last_days=9)
    shop.meet("陈三", guide=shop.wang, last_days=30)
    shop.meet("陈四")
    shop.meet("陈五", guide=shop.wang, last_days=2)
    assert shop.ask("陈") == ["陈五", "陈三", "陈一", "陈二", "陈四"]
    assert shop.ask("陈", limit=3) == ["陈五", "陈三", "陈一"]


def test_another_store_is_nobody(shop):
    shop.meet("王芳", staff=shop.away, last_days=1)
    assert shop.ask("王芳") == []
    assert shop.ask("王芳", shop.away) == ["王芳"]


def test_own_scope_sees_her_own_and_nobodys(shop):
    shop.meet("陈一", guide=shop.people("小李"))
    shop.meet("陈二")
    shop.meet("陈三", guide=shop.wang)
    assert shop.ask("陈", replace(shop.wang, scope="own")) == ["陈三", "陈二"]


def test_without_a_store_no_name_is_searched(shop):
    with pytest.raises(UsageError, match="11位手机号"):
        shop.ask("王芳", shop.people("总部"))


def test_the_useless_finds_nobody(shop):
    shop.meet("王芳")
    assert [shop.ask(query) for query in ("", " ", "%", "*", "a", "1", "。")] == [[]] * 7


def test_writes_show_at_once(shop):
    (row_id,) = shop.meet("王芳")
    assert shop.ask("王芳") == ["王芳"]
    shop.change(row_id, name="王方圆", alias="柯基妈妈")
    assert shop.ask("王芳") == []
    assert shop.ask("柯基") == ["王方圆"]
    shop.change(row_id, gender="male")
    assert shop.ask("王姐") == []
    shop.change(row_id, state="merged")
    assert shop.ask("王方圆") == []


def test_writes_of_another_process_show_at_once(shop, database_url, keys):
    (row_id,) = shop.meet("王芳")
    assert shop.ask("王芳") == ["王芳"]
    other = open_database(database_url, keys)
    other.transact(lambda conn: rename(conn, row_id, name="李芳"))
    other.close()
    assert (shop.ask("王芳"), shop.ask("李芳")) == ([], ["李芳"])


def test_an_undo_shows_at_once_though_the_row_is_older_again(shop):
    (row_id,) = shop.meet("王芳")
    later = shop.now + timedelta(minutes=1)

    def write(conn):
        work = changes.Recorder(conn, new_id())
        work.update(table, row_id, **customers.sealed(keys_of(conn), row_id, {"name": "李芳", "changed_at": later}))
        unit = changes.Unit(work.unit_id, shop.wang.id, shop.wang.store_id, row_id, "改", "", later, None)
        work.close(unit)
        return unit

    assert shop.ask("王芳") == ["王芳"]
    unit = shop.database.transact(write)
    assert (shop.ask("王芳"), shop.ask("李芳")) == ([], ["李芳"])
    shop.database.transact(lambda conn: changes.undo(conn, unit, shop.wang.id, later))
    assert (shop.ask("王芳"), shop.ask("李芳")) == (["王芳"], [])


def test_what_was_rolled_back_is_not_found(shop):
    shop.meet("王芳")

    def fail(conn):
        customers.add(conn, new_id(), shop.now, name="王芳芳", store_id=shop.wang.store_id)
        assert len(search.by_name(conn, "芳", seen_by=shop.wang)) == 2
        raise KeyError

    with pytest.raises(KeyError):
        shop.database.transact(fail)
    assert shop.ask("芳") == ["王芳"]


def test_she_is_found_where_she_may_be_seen_from_then_on(shop):
    (row_id,) = shop.meet("王芳", staff=shop.away)
    assert shop.ask("王芳") == []
    shown = {"store_id": shop.wang.store_id, "customer_id": row_id, "since_at": shop.now - timedelta(days=99)}
    shop.database.transact(lambda conn: conn.execute(insert(customer_stores).values(**shown)))
    assert shop.ask("王芳") == ["王芳"]
    hidden = customer_stores.delete().where(customer_stores.c.store_id == shop.wang.store_id)
    shop.database.transact(lambda conn: conn.execute(hidden))
    assert shop.ask("王芳") == []


def test_a_number_she_had_before(shop, keys):
    (row_id,) = shop.meet("王芳", phone="+8613900000001")
    old = "+8613800138000"
    history = {"id": new_id(), "customer_id": row_id, "until_at": shop.now}
    history |= {"phone_index": customers.phone_index(keys, old)}
    history |= {"phone": keys.seal("customer_phones.phone", history["id"], old)}
    shop.database.transact(lambda conn: conn.execute(insert(customer_phones).values(**history)))

    def found(staff):
        sights = shop.database.transact(lambda conn: search.by_former_phone(conn, old, seen_by=staff))
        return [sight.customer.id for sight in sights]

    assert [found(shop.people(name)) for name in ("小王", "外店", "总部")] == [[row_id], [], [row_id]]


def test_acquainted_are_those_asked_for_those_called_so_and_those_known_by_a_word(shop):
    anne, _, guo = shop.meet("安安", "王芳", "郭强")
    (dog,) = shop.meet("", alias="柯基姐姐")
    (stranger,) = shop.meet("郭一", staff=shop.away)
    found = shop.database.transact(
        lambda conn: search.acquainted(conn, [anne, stranger], ["郭"], ["柯基"], seen_by=shop.wang)
    )
    assert {row_id: who.words for row_id, who in found.items()} == {anne: 0, guo: 0, dog: 1}


def test_names_are_let_go(shop):
    shop.meet("王芳")
    shop.meet("王芳", staff=shop.away)
    shop.ask("王芳")
    shop.ask("王芳", shop.away)
    kept = search._stores[shop.database.engine]
    search.forget(shop.wang.store_id)
    assert list(kept) == [shop.away.store_id]
    search.forget()
    assert not kept
    assert shop.ask("王芳") == ["王芳"]


def test_stores_asked_longest_ago_make_room(shop, monkeypatch):
    monkeypatch.setattr(search, "_KEPT_NAMES", 1)
    shop.meet("王芳")
    shop.meet("王芳", "李强", staff=shop.away)
    assert shop.ask("王芳") == ["王芳"]
    assert shop.ask("王芳", shop.away) == ["王芳"]
    assert shop.ask("王芳") == ["王芳"]
    assert list(search._stores[shop.database.engine]) == [shop.wang.store_id]


def test_names_go_with_their_database(database_url, keys):
    before = len(search._stores)
    other = open_database(database_url, keys)
    search._names(other.engine, 1)
    assert len(search._stores) == before + 1
    other.close()
    del other
    gc.collect()
    assert len(search._stores) <= before
