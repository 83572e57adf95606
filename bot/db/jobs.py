"""Which slots of jobs were taken: a claim is a row, written in the transaction of what the job does.

A row is never written twice, whoever tries: what the clock does when it is turned back, or two processes at once,
meets the row that is there.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.db.core.among import Of
from bot.db.core.prepared import Prepared
from bot.db.tables import job_runs

CHAIN = ""
"""The target of a job of the chain; of a job of a store it is the store's code."""
_JUMP = "#clock"  # no job is named so: the moment a clock had jumped to, `queued` the seconds it left out
_SAME = timedelta(minutes=10)  # of two processes that saw the clock jump one writes it down

_COUNT = Prepared(
    update(job_runs)
    .where(
        job_runs.c.job == bindparam("name"),
        job_runs.c.slot == bindparam("at", type_=job_runs.c.slot.type),
        job_runs.c.target == bindparam("whose"),
    )
    .values(queued=bindparam("many"))
)
_CLAIMED = Of(
    select(job_runs.c.target).where(
        job_runs.c.job == bindparam("job"), job_runs.c.slot == bindparam("slot", type_=job_runs.c.slot.type)
    ),
    job_runs.c.target,
)


def claim(  # noqa: PLR0913 — a claim is five values
    conn: Connection, job: str, slot: datetime, targets: Sequence[str], now: datetime, *, late: bool
) -> list[str]:
    """Take a slot for these targets; gives those that nobody has taken, in the order they were named."""
    dialect_insert = sqlite_insert if conn.dialect.name == "sqlite" else pg_insert
    rows = [
        {"job": job, "slot": slot, "target": target, "claimed_at": now, "queued": 0, "late": late}
        for target in sorted(targets)  # in one order everywhere: two processes then wait, and never for each other
    ]
    taking = dialect_insert(job_runs).on_conflict_do_nothing().returning(job_runs.c.target)
    taken = set(conn.execute(taking, rows).scalars())
    return [target for target in targets if target in taken]


def count(conn: Connection, job: str, slot: datetime, queued: Mapping[str, int]) -> None:
    """Write down how many messages each claim queued."""
    rows = [{"name": job, "at": slot, "whose": target, "many": many} for target, many in queued.items() if many]
    if rows:
        _COUNT.run_many(conn, rows)


def claimed(conn: Connection, job: str, slot: datetime, targets: Collection[str]) -> set[str]:
    """Those of these targets this slot was taken for."""
    return {target for (target,) in _CLAIMED.rows(conn, targets, job=job, slot=slot)}


def note_jump(conn: Connection, to: datetime, skipped: timedelta) -> bool:
    """Write down that the clock jumped to this moment and left so much out; False where that is known."""
    known = last_jump(conn, to)
    if known and to - known[0] < _SAME:
        return False
    seconds = skipped // timedelta(seconds=1)
    row = {"job": _JUMP, "slot": to, "target": CHAIN, "claimed_at": to, "queued": seconds, "late": True}
    conn.execute(insert(job_runs).values(row))
    return True


def last_jump(conn: Connection, now: datetime) -> tuple[datetime, timedelta] | None:
    """The last moment a clock jumped to, and how far; one that lies ahead was a wrong clock's and is none."""
    jumps = select(job_runs.c.slot, job_runs.c.queued).where(job_runs.c.job == _JUMP, job_runs.c.slot <= now)
    row = conn.execute(jumps.order_by(job_runs.c.slot.desc()).limit(1)).first()
    return (row.slot, timedelta(seconds=row.queued)) if row else None


def newest(conn: Connection, job: str) -> datetime | None:
    """The last slot of a job that was taken by anybody."""
    return conn.execute(select(func.max(job_runs.c.slot)).where(job_runs.c.job == job)).scalar()


def forget(conn: Connection, job: str, before: datetime) -> None:
    """Drop the claims of a job's older slots."""
    conn.execute(delete(job_runs).where(job_runs.c.job == job, job_runs.c.slot < before))
