"""The clock of the service: each second it asks what is due. Slots, claims and catching up are in `due`.

APScheduler only ticks, and keeps nothing: what was done stands in the database. It waits by the wall clock, so a clock
that is turned back would silence it for as long; `watch` waits by another and wakes it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Connection

import bot.jobs
from bot.db import jobs as claims
from bot.db import people
from bot.db.core.engine import Database
from bot.db.talk import outbox
from bot.schedule import Job, collect
from bot.serve.due import Memory, Ran, run_due

log = logging.getLogger(__name__)

STEP = timedelta(seconds=1)
JUMP = timedelta(hours=6)
"""A clock that goes forward by more at once was wrong before or is wrong now: the operator is asked."""

_SILENT = 5.0  # seconds without a tick after which it is woken
_KEPT = {False: timedelta(days=60), True: timedelta(days=7)}  # claims of times of the day, and of steps
_TOLD = ("admin", "hq")


class _EveryStep(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The next tick is a step from now, however long the last took and whatever the wall clock did."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        return now if previous is None else now + STEP


class Ticking:
    """Runs what is due in a thread of its own, one pass at a time."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        is_moved: bool = False,
        jobs: Mapping[str, Job] | None = None,
    ) -> None:
        """Take the time; `is_moved`: somebody moves it and means it, as in the sandbox."""
        self._database = database
        self._now = now
        self._is_moved = is_moved
        self._jobs = collect(bot.jobs) if jobs is None else jobs
        self._is_ending = False
        self._memory = Memory(stopping=lambda: self._is_ending)
        self._last: tuple[datetime, float] | None = None
        self._ticked = time.monotonic()
        self._forgot: datetime | None = None
        self._pass: asyncio.Task[object] | None = None
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of each tick
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Tick from now on, in the running loop."""
        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._ticks = self._scheduler.add_job(self._turn, _EveryStep(), id="tick", **options)
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more; the stores under way are finished."""
        self._is_ending = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._pass:
            await asyncio.wait({self._pass})

    async def _turn(self) -> None:
        """One pass, unless the last one is still under way; it is finished although APScheduler is shut down."""
        self._ticked = time.monotonic()
        if self._is_ending or (self._pass and not self._pass.done()):
            return
        self._pass = asyncio.create_task(asyncio.to_thread(self._told))
        await asyncio.shield(self._pass)

    def _told(self) -> None:
        """A pass; where the database is away that is told, and the next second tries again."""
        try:
            self.tick()
        except Exception:
            log.exception("what is due could not be read")

    def tick(self) -> Ran:
        """Run what is due now."""
        now, passed = self._now(), _running_time()
        last, self._last = self._last, (now, passed)
        if last and not self._is_moved:
            ahead = (now - last[0]) - timedelta(seconds=passed - last[1])
            if ahead > JUMP:
                self._database.transact(lambda conn: _ask(conn, now, ahead))
        return run_due(self._database, self._jobs.values(), now, self._memory)

    async def watch(self) -> bool:
        """Wake the ticks where they fell silent; False: nothing more to do now."""
        if time.monotonic() - self._ticked > _SILENT and not self._is_ending:
            self._ticks.modify(next_run_time=datetime.now(UTC))
        return False

    def forget(self) -> None:
        """Drop, once a day, the claims of slots that not even a clock turned back asks for."""
        now = self._now()
        if self._forgot and timedelta(0) <= now - self._forgot < timedelta(days=1):
            return
        self._forgot = now
        for job in self._jobs.values():
            before = now - _KEPT[job.every is not None] - job.deadline
            self._database.transact(partial(claims.forget, job=job.name, before=before))


def _running_time() -> float:
    """Seconds that no setting of the clock changes; a sleep of the machine counts where it can be told."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def _ask(conn: Connection, now: datetime, ahead: timedelta) -> None:
    """Leave out what lay between, and ask whoever runs the bot whether the clock is right."""
    log.error("the clock went forward by %s at once; what was due in between is left out", ahead)
    if not claims.note_jump(conn, now, ahead):
        return
    local = now.astimezone(people.chain_zone(conn))
    said = (
        f"服务器的时钟一下子往前跳了 {round(ahead / timedelta(hours=1))} 小时，到 {local:%m-%d %H:%M}。"
        "中间该发的播报和提醒都没有发。\n时间对的话，要补哪一条：zhanggui job run 名字 --at 时间；"
        "时间不对，请先对时：sudo timedatectl set-ntp true"
    )
    for staff_id, code, _name, role, _store_id in people.everyone(conn):
        if role in _TOLD:
            outbox.tell(conn, staff_id, f"clock:{now:%Y%m%d%H%M}:{code}", said, now)
