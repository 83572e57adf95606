"""Each slot of a job has its effect once for each store, whoever runs it, and what fails stops nothing else."""

import logging
import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import OperationalError

from bot.db import people
from bot.db.core.engine import Database, open_database
from bot.db.shop import all_stores
from bot.db.tables import job_runs
from bot.db.talk.queueing import NewPush
from bot.domain.errors import ConflictError
from bot.schedule import Job, JobContext, Write, job
from bot.serve.due import Due, Memory, Ran, run_due, run_slot
from tests.support import engines
from tests.support.cast import ZONE

SLOT = datetime(2026, 11, 20, 8, 30, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


def say(ctx: JobContext, key: str) -> Write:
    """Owe the group of each store, or 小王, its name and slot."""

    def new(code: str, **to: int) -> NewPush:
        text = f"{key}{code} {ctx.slot:%d %H:%M}{' 迟' * ctx.late}"
        return NewPush(f"{key}{code}:{ctx.slot.timestamp():.0f}:{code}", text, urgent=True, **to)

    if not ctx.stores:
        return ctx.for_chain([new("", staff_id=people.staff_id_of(ctx.conn, "xiaowang") or 0)])
    return ctx.queue({store.code: [new(store.code, store_id=store.id)] for store in ctx.stores})


@job("digest", "早报", at="08:30")
def digest(ctx: JobContext) -> Write:
    return say(ctx, "早报")


@job("total", "总数", at="08:30", each="chain")
def total(ctx: JobContext) -> Write:
    return say(ctx, "总数")


@job("often", "常跑", every=timedelta(minutes=10), each="chain")
def often(ctx: JobContext) -> Write:
    return say(ctx, "常跑")


def test_a_slot_queues_once_and_the_next_slot_queues_again(shop, owed, runs):
    assert run_due(shop, [digest, total], SLOT) == Ran(claimed=3, queued=3)
    assert run_due(shop, [digest, total], SLOT + MINUTE) == Ran(skipped=3)
    assert owed() == {"早报001 20 08:30": 1, "早报002 20 08:30": 1, "总数 20 08:30": 1}

    assert run_due(shop, [digest], SLOT + timedelta(days=1)) == Ran(claimed=2, queued=2)
    assert runs() == [
        ("digest 20 00:30", "001", 1, False),
        ("digest 20 00:30", "002", 1, False),
        ("total 20 00:30", "", 1, False),
        ("digest 21 00:30", "001", 1, False),
        ("digest 21 00:30", "002", 1, False),
    ]


def test_nothing_is_due_before_its_time_or_after_its_deadline(shop):
    assert run_due(shop, [digest], SLOT - timedelta(milliseconds=1)) == Ran()
    assert run_due(shop, [digest], SLOT + digest.deadline) == Ran()
    assert run_due(shop, [digest], SLOT + digest.deadline - timedelta(milliseconds=1)) == Ran(claimed=2, queued=2)


def test_after_a_while_away_only_the_newest_slot_is_caught_up_and_marked_late(shop, owed, runs):
    back_at = SLOT + timedelta(minutes=27)

    assert run_due(shop, [digest, often], back_at) == Ran(claimed=3, queued=3)

    assert owed() == {"早报001 20 08:30 迟": 1, "早报002 20 08:30 迟": 1, "常跑 20 08:50 迟": 1}
    assert [row[-1] for row in runs()] == [True, True, True]


def test_every_slot_of_the_last_minute_is_run_however_slow_the_ticks(shop, owed):
    @job("second", "每十秒", every=timedelta(seconds=10), each="chain")
    def second(ctx: JobContext) -> Write:
        return say(ctx, f"{ctx.slot:%S}")

    assert run_due(shop, [second], SLOT + timedelta(seconds=35)).claimed == 6
    assert run_due(shop, [second], SLOT + timedelta(seconds=55)) == Ran(claimed=2, skipped=4, queued=2)
    assert set(owed().values()) == {1}


def test_a_store_that_was_added_after_the_slot_gets_it_too(shop):
    memory = Memory()
    run_due(shop, [digest], SLOT)
    shop.transact(lambda conn: people.add_store(conn, "003", "浦东店"))

    assert run_due(shop, [digest], SLOT + MINUTE, memory) == Ran(claimed=1, skipped=2, queued=1)
    assert run_due(shop, [digest], SLOT + 2 * MINUTE, memory) == Ran()


@pytest.mark.parametrize("fails_in", ["reading", "writing"])
def test_one_bad_store_and_one_bad_job_stop_nothing_else_and_are_tried_again(shop, owed, caplog, fails_in):
    is_bad = True

    @job("a_bad", "坏的", at="08:30", each="chain")
    def bad(ctx: JobContext) -> Write:
        say(ctx, "坏的")
        raise RuntimeError("13800138000 is in here")

    @job("half", "坏一半", at="08:30")
    def half(ctx: JobContext) -> Write:
        if is_bad and fails_in == "reading" and "001" in {store.code for store in ctx.stores}:
            raise ValueError("13800138000 is in here")
        queue = say(ctx, "半")

        def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
            done = queue(conn, mine)
            if is_bad and "001" in mine:
                raise ValueError("13800138000 is in here")
            return done

        return write

    for number in range(3, 9):
        shop.transact(lambda conn, number=number: people.add_store(conn, f"00{number}", f"{number}店"))
    memory, jobs = Memory(), [bad, half, digest]
    caplog.set_level(logging.WARNING)

    assert run_due(shop, jobs, SLOT, memory) == Ran(claimed=15, failed=2, queued=15)
    told = [(record.getMessage(), record.exc_info and record.exc_info[0]) for record in caplog.records]
    assert told == [
        ("job a_bad of 2026-11-20T08:30:00+08:00 failed for the chain", RuntimeError),
        ("job half of 2026-11-20T08:30:00+08:00 failed for 001", ValueError),
    ]
    assert owed().keys() == {f"{word}00{n} 20 08:30" for word in ("半", "早报") for n in range(1, 9)} - {
        "半001 20 08:30"
    }

    is_bad = False
    assert run_due(shop, jobs, SLOT + timedelta(seconds=1), memory) == Ran(skipped=7)  # not yet
    assert run_due(shop, jobs, SLOT + timedelta(seconds=21), memory) == Ran(claimed=1, skipped=7, failed=1, queued=1)
    assert owed()["半001 20 08:30"] == 1
    assert run_due(shop, jobs, SLOT + timedelta(seconds=41), memory) == Ran()
    assert run_due(shop, jobs, SLOT + bad.deadline, memory) == Ran()


def test_where_the_database_is_away_the_round_ends_and_the_next_begins_anew(shop, caplog):
    asked = []

    @job("gone", "断了", at="08:30")
    def gone(ctx: JobContext) -> Write:
        asked.append(ctx.stores)
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    for number in range(3, 50):
        shop.transact(lambda conn, number=number: people.add_store(conn, f"{number:03}", f"{number}店"))
    memory = Memory()

    assert run_due(shop, [gone, digest], SLOT, memory) == Ran(claimed=49, failed=1, queued=49)
    assert len(asked) < 10
    again = len(asked)
    assert run_due(shop, [gone], SLOT + timedelta(seconds=10), memory) == Ran()
    assert len(asked) == again


def test_claim_and_effect_are_there_together_or_not_at_all(shop, owed, runs):
    @job("fails", "写了又败", at="08:30", each="chain")
    def fails(ctx: JobContext) -> Write:
        queue = say(ctx, "写了")

        def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
            done = queue(conn, mine)
            conn.execute(insert(job_runs).values(job="x", slot=ctx.slot))  # no target
            return done

        return write

    assert run_due(shop, [fails], SLOT) == Ran(failed=1)
    assert (owed(), runs()) == ({}, [])


def test_two_processes_at_once_share_the_stores_between_them(shop, database_url, owed):
    for number in range(3, 300):
        shop.transact(lambda conn, number=number: people.add_store(conn, f"{number:03}", f"{number}店"))
    other = open_database(database_url, engines.KEYS)
    gate, ran = threading.Barrier(2), []

    def work(through: Database) -> None:
        gate.wait()
        ran.append(run_due(through, [digest], SLOT))

    threads = [threading.Thread(target=work, args=(one,)) for one in (shop, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    assert sum(one.claimed for one in ran) == sum(one.queued for one in ran) == 299
    assert sum(one.skipped for one in ran) == 299
    assert [one.failed for one in ran] == [0, 0]
    assert owed() == {f"早报{number:03} 20 08:30": 1 for number in range(1, 300)}


def test_many_stores_are_read_at_once_before_the_lock_is_taken(shop, owed):
    for number in range(3, 20):
        shop.transact(lambda conn, number=number: people.add_store(conn, f"{number:03}", f"{number}店"))
    read = []

    @job("names", "店名", at="08:30")
    def told(ctx: JobContext) -> Write:
        read.append(len(ctx.stores))
        shop.transact(lambda conn: people.change_chain(conn, timezone="Asia/Shanghai"))  # nobody is held up
        assert not ctx.writes
        return say(ctx, "店名")

    assert run_due(shop, [told], SLOT).claimed == 19
    assert sum(read) == 19
    assert len(read) < 19
    assert len(owed()) == 19


def test_what_somebody_changed_meanwhile_is_decided_again_alone_under_the_lock(shop, owed):
    for number in range(3, 8):
        shop.transact(lambda conn, number=number: people.add_store(conn, f"{number:03}", f"{number}店"))
    alone = []

    @job("stale", "变了", at="08:30")
    def stale(ctx: JobContext) -> Write:
        queue = say(ctx, "变了")

        def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
            if "005" in mine and not ctx.writes:
                raise ConflictError("变了。")
            alone.extend(mine if ctx.writes else ())
            return queue(conn, mine)

        return write

    assert run_due(shop, [stale], SLOT) == Ran(claimed=7, queued=7)
    assert "005" in alone
    assert owed() == {f"变了00{number} 20 08:30": 1 for number in range(1, 8)}


def test_a_slot_by_hand_is_run_whatever_its_deadline_and_once(shop):
    with shop.reading() as conn:
        stores = all_stores(conn)
    late = SLOT + timedelta(days=3)

    assert run_slot(shop, Due(digest, SLOT), stores[:1], late) == Ran(claimed=1, queued=1)
    assert run_slot(shop, Due(digest, SLOT), stores, late) == Ran(claimed=1, skipped=1, queued=1)
    assert run_slot(shop, Due(digest, SLOT), stores, late) == Ran(skipped=2)


def test_without_a_chain_nothing_is_due(database):
    assert run_due(database, [digest, total], SLOT) == Ran()


@pytest.mark.parametrize("each", [digest, total])
def test_another_zone_is_another_slot(shop, each: Job):
    run_due(shop, [each], SLOT)
    shop.transact(lambda conn: people.change_chain(conn, timezone="Asia/Urumqi"))

    assert run_due(shop, [each], SLOT + timedelta(hours=1)) == Ran()
    assert run_due(shop, [each], SLOT + timedelta(hours=2)).claimed == (2 if each is digest else 1)
