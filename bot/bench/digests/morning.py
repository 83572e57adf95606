"""One morning in a process of its own: every job that is due at half past eight, half past nine and ten."""

import gc
import json
import sys
import time
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from bot.bench.importing import peak_mb

_TIMES = (clock(8, 30), clock(9, 0), clock(9, 30), clock(10, 0))


def main(data: Path, url: str, today: date) -> dict[str, Any]:
    """Run what is due, each job by itself so that its time is known."""
    import bot.jobs  # noqa: PLC0415 — the parent's process imports none of this
    from bot.app import open_shop  # noqa: PLC0415
    from bot.db import people  # noqa: PLC0415
    from bot.schedule import collect  # noqa: PLC0415
    from bot.serve.due import Ran, run_due  # noqa: PLC0415
    from bot.settings import Settings  # noqa: PLC0415

    gc.set_threshold(200_000, 10, 10)  # as the service has it: bot/cli
    database = open_shop(Settings(data=data, database_url=url))
    with database.reading() as conn:
        zone = people.chain_zone(conn)
    worked = time.process_time()
    ran, took, idle = Ran(), dict.fromkeys(collect(bot.jobs), 0.0), 0.0
    for at in _TIMES:
        now = datetime.combine(today, at, zone) + timedelta(seconds=1)
        for name, job in collect(bot.jobs).items():
            began = time.perf_counter()
            done = run_due(database, [job], now)
            ran.add(done)
            if done.claimed or done.failed:
                took[name] += time.perf_counter() - began
            else:
                idle += time.perf_counter() - began
    database.close()
    return {
        "seconds": sum(took.values()) + idle,
        "jobs": took,
        "cpu": time.process_time() - worked,
        "queued": ran.queued,
        "failed": ran.failed,
        "mb": peak_mb("VmHWM", "self"),
    }


if __name__ == "__main__":
    folder, address, day = sys.argv[1:]
    print(json.dumps(main(Path(folder), address, date.fromisoformat(day))))  # noqa: T201 — the answer of a process
