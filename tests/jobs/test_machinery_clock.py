"""The service's clock: jumps forward ask, jumps back repeat nothing, and nothing silences the ticks."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.db import jobs as claims
from bot.db.core.engine import Database
from bot.db.talk.queueing import NewPush
from bot.schedule import JobContext, Write, job
from bot.serve.due import Ran
from bot.serve.ticking import Ticking
from tests.support.cast import ZONE

SLOT = datetime(2026, 11, 20, 8, 30, tzinfo=ZONE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Ran()
ASKED = (
    "服务器的时钟一下子往前跳了 {hours} 小时，到 {at}。中间该发的播报和提醒都没有发。\n"
    "时间对的话，要补哪一条：zhanggui job run 名字 --at 时间；时间不对，请先对时：sudo timedatectl set-ntp true"
)


@job("digest", "早报", at="08:30 18:00")
def digest(ctx: JobContext) -> Write:
    text = f"早报 {ctx.slot:%d %H:%M}"
    return ctx.queue(
        {one.code: [NewPush(f"{ctx.slot:%d%H}:{one.code}", text, store_id=one.id, urgent=True)] for one in ctx.stores}
    )


@dataclass
class Hand:
    """A clock that is moved by hand, and the service that reads it."""

    database: Database
    now: datetime
    is_meant: bool = False

    def __post_init__(self) -> None:
        self.service = self.start()

    def start(self) -> Ticking:
        return Ticking(self.database, lambda: self.now, is_moved=self.is_meant, jobs={"digest": digest})

    def at(self, now: datetime) -> Ran:
        self.now = now
        return self.service.tick()


@pytest.fixture
def hand(shop) -> Hand:
    return Hand(shop, SLOT)


BOTH = Ran(claimed=2, queued=2)


def test_a_jump_of_more_than_six_hours_sends_nothing_of_what_it_skipped_and_asks(hand, owed, caplog):
    hand.at(SLOT - HOUR)
    caplog.set_level(logging.ERROR)

    assert hand.at(SLOT + DAY + HOUR) == NOTHING  # 8:30 of that day would still be within its deadline

    assert owed() == {ASKED.format(hours=26, at="11-21 09:30"): 2}
    assert [record.getMessage().partition(" by")[0] for record in caplog.records] == ["the clock went forward"]
    assert hand.start().tick() == NOTHING  # another process, or the same one started again
    assert [hand.at(SLOT + DAY + hours * HOUR) for hours in (2, 6)] == [NOTHING] * 2
    assert hand.at(SLOT + DAY + 9.5 * HOUR) == BOTH
    assert sum(owed().values()) == 4


def test_two_services_that_see_the_same_jump_ask_once(hand, owed):
    other = hand.start()
    for service in (hand.service, other):
        service.tick()
    hand.now += DAY
    hand.service.tick()
    hand.now += timedelta(seconds=2)
    other.tick()

    assert {text: count for text, count in owed().items() if "时钟" in text} == {
        ASKED.format(hours=24, at="11-21 08:30"): 2
    }


def test_a_shorter_jump_catches_up_as_after_a_rest(hand):
    hand.at(SLOT - 5 * HOUR)

    assert hand.at(SLOT + 0.5 * HOUR) == BOTH


def test_in_the_sandbox_a_jump_is_meant_and_catches_up(shop, owed):
    hand = Hand(shop, SLOT - HOUR, is_meant=True)
    hand.at(SLOT - HOUR)

    assert hand.at(SLOT + DAY) == BOTH
    assert owed() == {"早报 21 08:30": 2}


def test_a_clock_that_is_turned_back_repeats_no_slot(hand, owed):
    for now in (SLOT, SLOT - HOUR, SLOT, SLOT + HOUR, SLOT - 2 * HOUR, SLOT + timedelta(minutes=10)):
        hand.at(now)
    hand.start().tick()

    assert owed() == {"早报 20 08:30": 2}


def test_a_wrong_clock_that_is_set_right_again_holds_up_nothing(hand, owed):
    hand.at(SLOT - HOUR)
    assert hand.at(SLOT + 300 * DAY + HOUR) == NOTHING
    hand.service.forget()

    assert hand.at(SLOT) == BOTH
    assert owed()["早报 20 08:30"] == 2


def test_claims_are_kept_for_weeks_and_then_dropped(hand, shop, runs):
    hand.at(SLOT)
    hand.at(SLOT + timedelta(hours=3))
    hand.service.forget()
    assert len(runs()) == 2

    hand.now = SLOT + 50 * DAY
    hand.service.forget()
    assert len(runs()) == 2

    hand.now = SLOT + 61 * DAY
    hand.service.forget()
    assert runs() == []


def test_the_last_jump_is_known_with_what_it_left_out(hand, shop):
    hand.at(SLOT)
    hand.at(SLOT + 7 * HOUR)

    with shop.reading() as conn:
        at, skipped = claims.last_jump(conn, SLOT + DAY) or (SLOT, HOUR)
        assert (at, round(skipped / HOUR)) == (SLOT + 7 * HOUR, 7)
        assert claims.last_jump(conn, SLOT) is None


class Counting(Ticking):
    """One whose passes are counted and can be awaited."""

    passes = 0
    held = threading.Event()

    def tick(self) -> Ran:
        self.passes += 1
        assert self.held.wait(20)
        return Ran()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 — it waits for what threads count
            await asyncio.sleep(0.01)


def test_it_ticks_one_pass_at_a_time_and_finishes_the_last():
    async def run() -> None:
        ticking = Counting(None, lambda: SLOT, jobs={})  # type: ignore[arg-type]  # its passes touch no database
        ticking.held.clear()
        ticking.start()
        await _until(lambda: ticking.passes == 1)
        await asyncio.sleep(1.2)
        assert ticking.passes == 1  # the first is still under way
        ending = asyncio.create_task(ticking.stop())
        await asyncio.sleep(0.05)
        assert not ending.done()
        ticking.held.set()
        await ending
        assert ticking.passes == 1

    asyncio.run(run())


def test_a_wall_clock_that_was_turned_back_does_not_silence_it():
    async def run() -> None:
        ticking = Counting(None, lambda: SLOT, jobs={})  # type: ignore[arg-type]  # the same
        ticking.held.set()
        ticking.start()
        await _until(lambda: ticking.passes > 0)
        ticking._ticks.modify(next_run_time=datetime.now(UTC) + 2 * HOUR)  # as APScheduler has it then
        before = ticking.passes
        ticking._ticked -= 6
        await ticking.watch()
        await _until(lambda: ticking.passes > before)
        await ticking.stop()

    asyncio.run(run())


def test_a_pass_that_fails_is_told_and_the_next_comes(caplog):
    class Failing(Counting):
        def tick(self) -> Ran:
            self.passes += 1
            raise OSError("the database is away")

    async def run() -> None:
        ticking = Failing(None, lambda: SLOT, jobs={})  # type: ignore[arg-type]  # the same
        ticking.start()
        await _until(lambda: ticking.passes > 1)
        await ticking.stop()

    asyncio.run(run())
    assert {record.getMessage() for record in caplog.records} == {"what is due could not be read"}
