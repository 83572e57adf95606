"""What the service does at times of the day: slots nobody ran in time, and a clock that jumped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

import bot.jobs
from bot.db import jobs as claims
from bot.schedule import collect, newest_slot

RECENT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """`missed`: the last slot of each job, by its name, that passed its deadline lately; `jumped`: when, and how far.

    A job that never ran here misses nothing. Times are local.
    """

    missed: Mapping[str, datetime] = field(default_factory=dict)
    jumped: tuple[datetime, timedelta] | None = None


def look_at_jobs(conn: Connection, now: datetime, zone: ZoneInfo) -> Clockwork:
    """Compare what was wanted of the last two days with what was claimed."""
    missed = {}
    for one in collect(bot.jobs).values():
        known = claims.newest(conn, one.name)
        slot = newest_slot(one, now - one.deadline, RECENT, zone)
        if known and slot and slot > known:
            missed[one.name] = slot
    jump = claims.last_jump(conn, now)
    if jump is None or now - jump[0] > RECENT:
        return Clockwork(missed)
    return Clockwork(missed, (jump[0].astimezone(zone), jump[1]))
