"""Two services on one database, one of them killed again and again: each slot of each second is run once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from bot.db.core.engine import Database
from bot.db.tables import job_runs

KILLS = int(os.environ.get("ZHANGGUI_TEST_REPLICAS", "12"))
PAUSES = (1.0, 2.0) if KILLS >= 100 else (0.1, 0.3)  # seconds between two kills
ROOT = Path(__file__).parent.parent.parent


class Replicas:
    """The process that forks them, seen from the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._said: list[str] = []

    def start(self) -> int:
        """Start one and wait for its first pass; gives its pid."""
        self._ask("start")
        pid = int(self._next(str.isdecimal))
        self._next(f"ready {pid}".__eq__)
        return pid

    def kill(self, pid: int) -> None:
        """End one as a power cut would."""
        os.kill(pid, signal.SIGKILL)
        self._ask(f"wait {pid}")
        self._next("ended".__eq__)

    def _ask(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def _next(self, wanted) -> str:
        """The next line that is wanted; the others are kept."""
        assert self._process.stdout
        while not (found := next(filter(wanted, self._said), None)):
            line = self._process.stdout.readline()
            assert line, "the process that forks has ended"
            self._said.append(line.rstrip("\n"))
        self._said.remove(found)
        return found


@contextmanager
def forking(url: str) -> Iterator[Replicas]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.replica", url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Replicas(process)
    finally:
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


def test_two_replicas_of_which_one_is_killed_all_the_time_run_every_slot_once(shop: Database, database_url, owed):
    dice = random.Random(database_url)
    with forking(database_url) as replicas:
        alive = [replicas.start(), replicas.start()]
        for _ in range(KILLS):
            time.sleep(dice.uniform(*PAUSES))
            replicas.kill(alive.pop(dice.randrange(2)))
            alive.append(replicas.start())
        for pid in alive:
            replicas.kill(pid)

    with shop.reading() as conn:
        claims = conn.execute(select(job_runs.c.slot, job_runs.c.target, job_runs.c.queued, job_runs.c.late)).all()
    slots = [int(claim.slot.timestamp()) for claim in claims]
    wanted = {(second, store) for second in range(min(slots), max(slots)) for store in ("001", "002")}
    print(f"{KILLS} kills, {len(claims)} claims of {len(wanted)} slots in {max(slots) - min(slots)} s")  # noqa: T201
    assert max(slots) - min(slots) > KILLS * 0.1
    assert wanted <= {(slot, claim.target) for slot, claim in zip(slots, claims, strict=True)}
    assert {(claim.queued, claim.late) for claim in claims} == {(1, False)}
    assert owed() == Counter(f"{slot} {claim.target}" for slot, claim in zip(slots, claims, strict=True))
