"""Services whose clock has a job with a slot each second: forked on demand from one process that has all loaded.

A line on standard input starts one; it says its pid, and `ready PID` after its first pass. `wait PID` waits for its
end.
"""

import asyncio
import os
import sys
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.db.core.engine import open_database
from bot.db.core.ids import new_id
from bot.db.talk.queueing import NewPush
from bot.schedule import JobContext, Write, job
from bot.serve.ticking import Ticking
from tests.support import engines

_WORK = 0.03  # seconds before a transaction, and in it for each store: a kill often comes in the middle of one


@job("second", "每秒", every=timedelta(seconds=1), deadline=timedelta(seconds=20))
def second(ctx: JobContext) -> Write:
    """Owe the group of each store its slot, under a key that hides no repeat."""
    said = f"{ctx.slot.timestamp():.0f}"
    queue = ctx.queue({one.code: [NewPush(f"{new_id()}", f"{said} {one.code}", store_id=one.id)] for one in ctx.stores})
    time.sleep(_WORK)

    def write(conn: Connection, mine: Collection[str]) -> Mapping[str, int]:
        queued = queue(conn, mine)
        time.sleep(_WORK * len(mine))
        return queued

    return write


async def _run(url: str) -> None:
    ticking = Ticking(open_database(url, engines.KEYS), lambda: datetime.now(UTC), jobs={second.name: second})
    await asyncio.to_thread(ticking.tick)
    _say(f"ready {os.getpid()}")
    ticking.start()
    await asyncio.Event().wait()


def _say(what: object) -> None:
    os.write(1, f"{what}\n".encode())  # in one piece: several of them write here


def main() -> None:
    """Fork as asked."""
    for line in sys.stdin:
        if line.startswith("wait "):
            os.waitpid(int(line.split()[1]), 0)
            _say("ended")
            continue
        pid = os.fork()
        if not pid:
            asyncio.run(_run(sys.argv[1]))
        _say(pid)


if __name__ == "__main__":
    main()
