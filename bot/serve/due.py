"""Running what is due: each slot of a job once for each store, whoever runs and however often it is killed.

Many stores have their turn together, as many as are quick to write. A job reads and decides for all of them before the
write lock is taken; claim and effect then share a transaction. Where that fails, each half is done by itself, and a
store alone reads and writes under the lock: so nothing but what fails itself is left, and nothing rests on what
somebody changed meanwhile. What failed is tried again within its deadline.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.db import jobs as claims
from bot.db import people
from bot.db.core.engine import Database
from bot.db.shop import Chain, all_stores, chain_settings
from bot.domain.shop import Store
from bot.schedule import LATE, Job, JobContext, Write, newest_slot, slots_between

log = logging.getLogger(__name__)

PROMPT = timedelta(minutes=1)
"""Every slot of the last minute is due; of what is longer ago only a job's newest is caught up, within its deadline."""
LONGEST_AGO = timedelta(days=400)
"""How far back a slot that is run by hand may lie: a job of one day a month has twelve of them."""

_SECONDS = 0.04  # a transaction should take no longer: chat waits for SQLite's one writer
_MOST = 250  # stores of a transaction
_AGAIN, _LONGEST = timedelta(seconds=20), timedelta(minutes=10)  # until what failed is tried again, doubling
Targets = dict[str, Store | None]
_AWAY = 3  # stores in a row at which the database itself fails: the others would meet the same


@dataclass(slots=True)
class Ran:
    """Slots of targets that were claimed, that somebody had claimed before, and that failed; messages queued."""

    claimed: int = 0
    skipped: int = 0
    failed: int = 0
    queued: int = 0

    def add(self, other: "Ran") -> None:
        """Count another's as well."""
        self.claimed += other.claimed
        self.skipped += other.skipped
        self.failed += other.failed
        self.queued += other.queued


@dataclass(frozen=True, slots=True)
class Due:
    """A slot of a job that is due."""

    job: Job
    slot: datetime

    @property
    def name(self) -> tuple[str, datetime]:
        """What it is remembered by: two slots of an hour that clocks show twice are two."""
        return self.job.name, self.slot.astimezone(UTC)

    def late(self, now: datetime) -> bool:
        """Whether that should be said."""
        return now - self.slot > LATE


@dataclass(slots=True)
class Memory:
    """What a process that ticks remembers so as not to ask again; nothing is wrong where it is lost."""

    done: set[tuple[str, datetime]] = field(default_factory=set)  # nothing is left of these
    failed: dict[tuple[str, datetime, str], tuple[int, datetime]] = field(default_factory=dict)  # tries, when again
    stopping: Callable[[], bool] = lambda: False

    def fails(self, due: Due, target: str, now: datetime) -> None:
        """Put off what failed: each time twice as long."""
        key = (*due.name, target)
        tries = self.failed.get(key, (0, now))[0] + 1
        self.failed[key] = (tries, now + min(_AGAIN * 2 ** (tries - 1), _LONGEST))

    def waits(self, due: Due, target: str, now: datetime) -> bool:
        """Whether it failed, and is not to be tried again yet; a clock that was turned back does not prolong it."""
        _, again_at = self.failed.get((*due.name, target), (0, now))
        return now < again_at <= now + _LONGEST

    def keep(self, wanted: Iterable[Due]) -> None:
        """Forget whatever is not due any more."""
        names = {due.name for due in wanted}
        self.done &= names
        self.failed = {key: value for key, value in self.failed.items() if key[:2] in names}


def run_due(database: Database, jobs: Iterable[Job], now: datetime, memory: Memory | None = None) -> Ran:
    """Run every slot that is due and not done; one that fails is told by its kind and stops no other."""
    now, memory, ran = now.astimezone(UTC), memory or Memory(), Ran()
    with database.reading() as conn:
        chain = chain_settings(conn)
        wanted = _wanted(conn, chain, jobs, now) if chain else []
        memory.keep(wanted)
        wanted = [due for due in wanted if due.name not in memory.done]
        stores = all_stores(conn) if wanted else []
    for due in wanted:
        if chain and not memory.stopping():
            ran.add(_guarded(_Round(database, chain, due, now, memory), stores))
    return ran


def run_slot(database: Database, due: Due, stores: Sequence[Store], now: datetime) -> Ran:
    """Run one slot for these stores whatever its deadline; a job of the chain is run once."""
    with database.reading() as conn:
        chain = chain_settings(conn)
    return _Round(database, chain, due, now, Memory()).run(stores) if chain else Ran()


def _wanted(conn: Connection, chain: Chain, jobs: Iterable[Job], now: datetime) -> list[Due]:
    """The slots that are due, the oldest first; none that a jump of the clock left out."""
    zone, jump = people.zone(chain.timezone), claims.last_jump(conn, now)
    found = []
    for job in jobs:
        since = now - job.deadline if jump is None else max(now - job.deadline, jump[0])
        slots = list(slots_between(job, max(since, now - PROMPT), now, zone))
        if not slots and (newest := newest_slot(job, now, now - since, zone)):
            slots = [newest]
        found += [Due(job, slot) for slot in slots]
    return sorted(found, key=lambda due: due.slot.astimezone(UTC))


def _guarded(turn: "_Round", stores: Sequence[Store]) -> Ran:
    """A round whose failure, such as a database that is away, is told and keeps no other job from its turn."""
    due, memory, now = turn.due, turn.memory, turn.now
    if memory.waits(due, _WHOLE, now):
        return Ran()
    try:
        return turn.run(stores)
    except Exception:
        log.exception("job %s of %s: nothing could be written", due.job.name, due.slot.isoformat())
        memory.fails(due, _WHOLE, now)
        return Ran(failed=1)


_WHOLE = "*"  # no store's code


def _is_of_the_database(error: Exception) -> bool:
    """Away, locked, full: whatever library says it, by the name all drivers give it."""
    return any(kind.__name__ in {"OperationalError", "InterfaceError"} for kind in type(error).__mro__)


class _Round:
    """One slot of a job, for as many stores as are left."""

    def __init__(self, database: Database, chain: Chain, due: Due, now: datetime, memory: Memory) -> None:
        self._database = database
        self._chain = chain
        self._away = 0
        self._size = 1  # of the next turn
        self.due = due
        self.now = now
        self.memory = memory

    def run(self, stores: Sequence[Store]) -> Ran:
        """Run it; what is done with is remembered."""
        due, ran = self.due, Ran()
        targets: Targets = {claims.CHAIN: None}
        if due.job.each == "store":
            targets = {store.code: store for store in stores}
        with self._database.reading() as conn:
            taken = claims.claimed(conn, due.job.name, due.slot, targets)
        ran.skipped = len(taken)
        left = [code for code in targets if code not in taken and not self.memory.waits(due, code, self.now)]
        waiting = len(targets) - len(taken) - len(left)
        while left and not self.memory.stopping():
            some, left = left[: self._size], left[self._size :]
            done = self._turn({code: targets[code] for code in some})
            if done.skipped:  # somebody else is at it: from the other end the two meet once
                left.reverse()
            ran.add(done)
        if not left and not waiting and not ran.failed:
            self.memory.done.add(due.name)
        return ran

    def _turn(self, targets: Targets) -> Ran:
        """Read for some stores, then claim and write; where that fails, each half by itself."""
        try:
            return self._together(targets)
        except Exception as error:  # noqa: BLE001 — it is met again below, by whoever it belongs to
            log.info("job %s: %s, now one by one", self.due.job.name, type(error).__name__)
        if len(targets) == 1:
            return self._alone(*next(iter(targets.items())))
        ran, codes = Ran(), list(targets)
        middle = len(codes) // 2
        for half in (codes[:middle], codes[middle:]):
            some = {code: targets[code] for code in half}
            ran.add(self._turn(some) if len(some) > 1 else self._alone(*next(iter(some.items()))))
        return ran

    def _together(self, targets: Targets) -> Ran:
        due = self.due
        with self._database.reading() as conn:
            taken = claims.claimed(conn, due.job.name, due.slot, targets)
            left = {code: store for code, store in targets.items() if code not in taken}
            write = due.job.run(self._context(conn, left)) if left else None
        ran = Ran(skipped=len(taken))
        if write:
            ran.add(self._database.transact(lambda conn: self._write(conn, left, write)))
        return ran

    def _write(self, conn: Connection, targets: Targets, write: Write) -> Ran:
        """Claim, and write for what nobody else has claimed; how long that held the lock decides how many come next."""
        began = time.monotonic()
        mine = self._claim(conn, targets)
        ran = self._counted(conn, mine, write(conn, set(mine)) if mine else {})
        took = time.monotonic() - began
        size = len(targets)
        self._size = max(1, min(_MOST, size * 4 if took < _SECONDS / 4 else int(size * _SECONDS / took)))
        ran.skipped = len(targets) - len(mine)
        return ran

    def _alone(self, code: str, store: Store | None) -> Ran:
        """One store: claimed, read and written under the lock."""
        due = self.due
        try:
            ran = self._database.transact(lambda conn: self._locked(conn, {code: store}))
        except Exception as error:
            self._away = self._away + 1 if _is_of_the_database(error) else 0
            if self._away >= _AWAY:
                raise
            log.exception("job %s of %s failed for %s", due.job.name, due.slot.isoformat(), code or "the chain")
            self.memory.fails(due, code, self.now)
            return Ran(failed=1)
        self._away = 0
        return ran

    def _locked(self, conn: Connection, targets: Targets) -> Ran:
        mine = self._claim(conn, targets)
        if not mine:
            return Ran(skipped=len(targets))
        write = self.due.job.run(replace(self._context(conn, targets), writes=True))
        return self._counted(conn, mine, write(conn, set(mine)))

    def _context(self, conn: Connection, targets: Targets) -> JobContext:
        stores = tuple(store for store in targets.values() if store)
        return JobContext(conn, self._chain, stores, self.due.slot, self.now)

    def _claim(self, conn: Connection, targets: Targets) -> list[str]:
        due = self.due
        return claims.claim(conn, due.job.name, due.slot, list(targets), self.now, late=due.late(self.now))

    def _counted(self, conn: Connection, mine: Sequence[str], queued: Mapping[str, int]) -> Ran:
        claims.count(conn, self.due.job.name, self.due.slot, queued)
        return Ran(claimed=len(mine), queued=sum(queued.values()))
