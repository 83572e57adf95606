"""The morning of many stores at once: decided before it is written, and what happens in between is not lost."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from bot.actions.lists import listing, morning
from bot.actions.lists import place as places
from bot.actions.lists.asking import Ask, alone, ask, of_one, together
from bot.db import people
from bot.db.lists import lists as stored
from bot.db.shop import all_stores, chain_settings
from bot.db.tables import lists, outbox, stores, trials
from bot.db.talk import rooms
from bot.refresh.run import refresh
from tests.lists.conftest import TEN
from tests.support.cast import CAST

TODAYS = select(func.count()).select_from(lists).where(lists.c.kind == "today")


def looked(shop, *kinds, only: str = "") -> morning.Morning:
    """What is decided of every store (or of one) now."""
    with shop.database.reading() as conn:
        chain = chain_settings(conn)
        some = [one for one in all_stores(conn) if only in ("", one.code)]
        return morning.look(places.several(conn, some, chain.vertical, chain.timezone, shop.clock), kinds)


def written(shop, found: morning.Morning, *codes: str) -> dict[str, int]:
    return shop.database.transact(lambda conn: found.write(conn, codes or ("001", "002")))


def counted(shop, query) -> int:
    return shop.database.transact(lambda conn: conn.execute(query).scalar_one())


def test_a_list_asked_for_between_deciding_and_writing_is_the_one_that_is_told(shop) -> None:
    found = looked(shop, "recall")
    shown = shop.say("小李", "名单").reply.text

    written(shop, found)

    (told,) = shop.told("小李")
    assert told.splitlines()[0].startswith("〔名单11-20〕小李，今天先找这5位")
    assert told.splitlines()[1:] == shown.splitlines()[1:]
    assert counted(shop, TODAYS) == len(shop.told("小李") + shop.told("小王") + shop.told("外店"))


def test_of_two_jobs_that_decide_at_the_same_time_one_tells(grouped) -> None:
    first, second = looked(grouped, "recall"), looked(grouped, "recall")

    queued = written(grouped, first)
    made, entered = counted(grouped, TODAYS), counted(grouped, select(func.count()).select_from(trials))

    assert sum(queued.values()) == counted(grouped, select(func.count()).select_from(outbox)) > 2
    assert sum(written(grouped, second).values()) == 0
    assert counted(grouped, TODAYS) == made
    assert counted(grouped, select(func.count()).select_from(trials)) == entered > 0


def test_a_store_that_somebody_else_has_claimed_is_not_written(shop) -> None:
    assert set(written(shop, looked(shop, "recall"), "002")) == {"002"}

    assert (len(shop.told("外店")), shop.told("小李"), shop.told("小王")) == (1, [], [])


def test_stores_decided_together_are_told_what_each_is_told_alone(grouped) -> None:
    both = looked(grouped, "recall", "birthday")

    for code in ("001", "002"):
        one = looked(grouped, "recall", "birthday", only=code)
        assert one.decided[code].letters == both.decided[code].letters
        assert one.decided[code].letters != []


def test_the_lists_are_decided_without_a_write(shop) -> None:
    before = counted(shop, select(func.count()).select_from(lists))

    looked(shop, "recall", "birthday", "care", "replenish", "expiring")

    assert counted(shop, select(func.count()).select_from(lists)) == before
    assert counted(shop, select(func.count()).select_from(outbox)) == 0


def test_whoever_was_told_by_one_kind_is_not_told_by_the_next(grouped) -> None:
    written(grouped, looked(grouped, "recall"))
    told = [grouped.told(one) for one in ("小李", "小王", "外店", "001")]

    grouped.clock += timedelta(minutes=1)
    for kinds in (("birthday",), ("care", "replenish"), ("expiring",), ("recall",)):
        assert sum(written(grouped, looked(grouped, *kinds)).values()) == 0

    assert [grouped.told(one) for one in ("小李", "小王", "外店", "001")] == told


# --- asking


def test_what_several_ask_alike_is_read_once_and_each_gets_its_own(database) -> None:
    reads = []

    def squares(conn: Connection, keys: list[int], plus: int) -> dict[int, int]:
        reads.append((sorted(keys), plus))
        return {key: key * key + plus for key in keys}

    def work(first: int, second: int | None):
        found = yield from of_one(squares, first, 1)
        if second is None:
            return (found,)
        more = yield from ask(squares, [second, first], 2)
        return (found, more[second])

    with database.reading() as conn:
        done = together(conn, {"a": work(1, 5), "b": work(2, 6), "c": work(3, None)})

    assert done == {"a": (2, 27), "b": (5, 38), "c": (10,)}
    assert reads == [([1, 2, 3], 1), ([1, 2, 5, 6], 2)]


def test_nothing_is_read_where_nothing_is_asked_for(database) -> None:
    def never(conn: Connection, keys: list[int]) -> dict[int, int]:
        raise AssertionError(keys)

    def work():
        return (yield from ask(never, []))

    with database.reading() as conn:
        assert alone(conn, work()) == {}


def test_an_error_of_one_reaches_whoever_asked(database) -> None:
    def fails():
        yield Ask(rooms.reached, [1], ())
        raise LookupError("no such store")

    with database.reading() as conn, pytest.raises(LookupError):
        alone(conn, fails())


# --- a till that is silent, and who has her


@pytest.mark.parametrize("hours", [25, 27, 35, 40])
def test_the_digest_and_the_recalls_hold_a_till_silent_from_the_same_hour(shop, tmp_path, hours) -> None:
    refresh(shop.database, tmp_path, TEN - timedelta(hours=8))
    shop.write(lambda conn: conn.execute(update(stores).values(data_at=TEN - timedelta(hours=hours))))

    shop.run("digest", TEN)
    shop.run("recall", TEN)
    saving = any("收银没传，谁来过看不到" in said for said in shop.told("店长"))
    recalled = any("没来" in said for said in shop.told("小王") + shop.told("小李"))

    assert (saving, recalled) == (hours > 26, hours < 26)


def test_a_row_that_was_counted_before_the_till_fell_silent_is_not_denied_under_it(shop) -> None:
    shop.say("小王", "名单 召回")
    shop.clock = TEN + timedelta(hours=20)

    later = listing_of(shop, "小王", "recall")
    assert "没来" in later
    assert "今天不算谁很久没来" not in later
    assert "收银数据只到前天22:00，「没来」只算到那时" in later


def listing_of(shop, name: str, kind: str) -> str:
    """Somebody's newest list of a kind as it is told now."""
    with shop.database.reading() as conn:
        chain = chain_settings(conn)
        (store,) = (one for one in all_stores(conn) if one.code == "001")
        place = places.of(conn, store, chain.vertical, chain.timezone, shop.clock)
        staff_id = people.staff_id_of(conn, CAST[name].code)
        one = next(one for one in stored.of_staff(conn, staff_id, TEN.date()) if one.kind == kind)
        return listing.told(place, one, stored.rows_of(conn, one.id), staff_id, "").text


def test_whoever_leads_is_told_who_has_her_already(shop) -> None:
    written(shop, looked(shop, "recall"))
    hers = {line.partition("（尾号")[2][:4] for line in shop.told("小李")[0].splitlines() if line[:1].isdigit()}

    told = shop.say("店长", "名单 召回").reply.text
    own = shop.say("小李", "名单").reply.text

    shared = [line for line in told.splitlines() if line.partition("（尾号")[2][:4] in hers]
    assert shared != []
    assert all("（→ 小李）" in line for line in shared)
    assert "→" not in own


def test_the_leaving_are_no_others_and_who_may_rise_is_told_how(shop, tmp_path) -> None:
    refresh(shop.database, tmp_path, TEN - timedelta(hours=8))

    leaving = shop.say("店长", "名单 要走").reply.text
    rising = shop.say("店长", "名单 升级").reply.text

    rows = [line for line in leaving.splitlines() if line[:1].isdigit()]
    assert len(rows) == 6
    assert {line[2] for line in rows} == {"孙"}
    better = [line for line in rising.splitlines() if line[:1].isdigit()]
    assert better != []
    assert all(re.search(r"消费第\d档、来得第\d档（共5档），.*到第4档就是高价值忠诚", line) for line in better)
