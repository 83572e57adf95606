"""What a job is: one decorated function that fills the outbox for stores (or the chain) at a time of its day.

A slot is a moment at which a job is wanted. Whoever claims `(job, slot, store)` first queues what it says, in the
transaction of the claim: so a slot has its effect once, however many processes tick. A job takes two steps, since
chat waits for SQLite's one writer: it reads, decides, words and seals for many stores without holding anybody up, and
gives what writes it all for those that were claimed.
"""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import ModuleType
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.db.jobs import CHAIN
from bot.db.shop import Chain
from bot.db.talk import queueing
from bot.db.talk.queueing import NewPush
from bot.domain.calendar.months import months_after
from bot.domain.shop import Store

Each = Literal["store", "chain"]
Write = Callable[[Connection, Collection[str]], Mapping[str, int]]
"""The second step of a job: writes for those targets that were claimed, and gives how many messages each was queued.

A target is a store's code, or `CHAIN`; those without a message may be left out. It writes with a few statements,
whatever their number, and raises where what was decided is not so any more: then it is decided again.
"""

LATE = timedelta(minutes=5)
_WEEKDAYS = "一二三四五六日"
_AHEAD = 3 * 366  # days a next slot is looked for
_UNITS = ((timedelta(hours=1), "小时"), (timedelta(minutes=1), "分钟"), (timedelta(seconds=1), "秒"))


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may know: a connection, the chain, the stores whose turn it is, the slot and the time.

    `stores` is empty for a job of the chain. `slot` is local to the chain; `now` is later than it where the job is
    late. `conn` only reads, unless it `writes`: then both steps share the transaction of the claim.
    """

    conn: Connection
    chain: Chain
    stores: tuple[Store, ...]
    slot: datetime
    now: datetime
    writes: bool = False

    @property
    def today(self) -> date:
        """The local day the slot belongs to."""
        return self.slot.date()

    @property
    def late(self) -> bool:
        """Whether it is so long after its slot that what is said should say so."""
        return self.now - self.slot > LATE

    def queue(self, pushes: Mapping[str, Sequence[NewPush]]) -> Write:
        """The second step of a job that only says something: to each target these, sealed now, written then."""
        each = [(target, one) for target, some in pushes.items() for one in some]
        made = queueing.ready(self.conn, [one for _, one in each], self.now)
        said = [(target, one) for (target, _), one in zip(each, made, strict=True)]

        def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
            here = [(target, one) for target, one in said if target in mine]
            fresh = queueing.put(conn, [one for _, one in here])
            return Counter(target for target, one in here if one.key in fresh)

        return write

    def for_chain(self, pushes: Sequence[NewPush]) -> Write:
        """The same of a job of the chain."""
        return self.queue({CHAIN: pushes})


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its decorator describes it: `at` local times of a day, on these weekdays (1 Monday; empty: all).

    `month_days` limits it to days of the month; one that a month lacks is its last. `every` instead of `at`: at each
    multiple of it within the day. Later than `deadline` after its slot it is not done any more. `run` is its first step
    and gives the second.
    """

    name: str
    title: str
    run: Callable[[JobContext], Write]
    each: Each
    at: tuple[time, ...]
    every: timedelta | None
    weekdays: tuple[int, ...]
    month_days: tuple[int, ...]
    deadline: timedelta

    @property
    def when(self) -> str:
        """Its times in words: 每天 08:30, 周一 09:00, 每月 1 日 10:00, 每 10 分钟."""
        days = "、".join(f"周{_WEEKDAYS[day - 1]}" for day in self.weekdays)
        if self.month_days:
            days = f"每月 {'、'.join(map(str, self.month_days))} 日" + f" {days}" * bool(days)
        if self.every is None:
            return f"{days or '每天'} {'、'.join(f'{one:%H:%M}' for one in self.at)}"
        unit, called = next((one for one in _UNITS if not self.every % one[0]), _UNITS[-1])
        return f"{days} 每 {self.every // unit} {called}".lstrip()


def job(  # noqa: PLR0913 — what a job's time may be
    name: str,
    title: str,
    *,
    at: str = "",
    every: timedelta | None = None,
    each: Each = "store",
    weekdays: tuple[int, ...] = (),
    month_days: tuple[int, ...] = (),
    deadline: timedelta = timedelta(hours=3),
) -> Callable[[Callable[[JobContext], Write]], Job]:
    """Make a function a job; `at` is one or several local times, "08:30" or "10:00 18:00"."""
    times = tuple(sorted(time.fromisoformat(one) for one in at.split()))
    if bool(times) == bool(every):
        raise ValueError(f"{name}: either times of the day or a step")

    def make(run: Callable[[JobContext], Write]) -> Job:
        return Job(name, title, run, each, times, every, weekdays, month_days, deadline)

    return make


def collect(package: ModuleType) -> dict[str, Job]:
    """Every job of every module in a package, by name: a dropped-in file is found."""
    found: dict[str, Job] = {}
    for info in sorted(pkgutil.walk_packages(package.__path__, f"{package.__name__}."), key=lambda info: info.name):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Job):
                if value.name in found and found[value.name] is not value:
                    raise ValueError(f"two jobs are named {value.name}")
                found[value.name] = value
    return found


def slots_between(job: Job, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Its slots after `since` and not after `until`, oldest first, local to the zone.

    A time that the zone's clocks skip is the moment an hour's shift makes of it; one that they show twice is the first.
    """
    # Moments are compared in UTC: of two of one zone Python compares what the clocks show, though they show it twice.
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    on, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while on <= last:
        if _is_on(job, on):
            yield from (slot.astimezone(zone) for slot in _of_day(job, on, (since, until), zone))
        on += timedelta(days=1)


def newest_slot(job: Job, now: datetime, within: timedelta, zone: ZoneInfo) -> datetime | None:
    """Its last slot up to now, unless that is longer ago than `within`."""
    since = now.astimezone(UTC) - within
    on = now.astimezone(zone).date()
    while on >= since.astimezone(zone).date():
        if _is_on(job, on) and (found := list(_of_day(job, on, (since, now.astimezone(UTC)), zone))):
            return found[-1].astimezone(zone)
        on -= timedelta(days=1)
    return None


def next_slot(job: Job, after: datetime, zone: ZoneInfo) -> datetime | None:
    """Its first slot later than that; None where there is none in years, such as on a Monday that never is the 31st."""
    return next(slots_between(job, after, after + timedelta(days=_AHEAD), zone), None)


def _is_on(job: Job, on: date) -> bool:
    if job.weekdays and on.isoweekday() not in job.weekdays:
        return False
    last = (months_after(on.replace(day=1), 1) - timedelta(days=1)).day
    return not job.month_days or on.day in {min(day, last) for day in job.month_days}


def _of_day(job: Job, on: date, period: tuple[datetime, datetime], zone: ZoneInfo) -> Iterator[datetime]:
    """The slots of a day within a period, in UTC; steps before it are not counted through."""
    since, until = period
    if job.every is None:
        yield from (slot for slot in sorted({_moment(on, one, zone) for one in job.at}) if since < slot <= until)
        return
    start, end = _moment(on, time(0), zone), _moment(on + timedelta(days=1), time(0), zone)
    step = max(0, (since - start) // job.every + 1)
    while (slot := start + step * job.every) < end and slot <= until:
        yield slot
        step += 1


def _moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    """In UTC; a time the clocks skip is what an hour's shift makes of it."""
    return datetime.combine(on, at, zone).astimezone(UTC)
