"""A chat that Telegram asks to wait holds up no other, and is not asked again before its time.

`ZHANGGUI_TEST_PAUSE=60 pytest -n0 -s tests/serve/test_pauses.py` takes the figures of docs/performance.md.
"""

import os
import statistics
import time
from datetime import datetime
from pathlib import Path

import pytest

from bot.db.core.engine import Database
from tests.support.nest import Nest
from tests.support.platforms import Platforms, platforms
from tests.support.service import install, let_in
from tests.support.world import world

PAUSE = int(os.environ.get("ZHANGGUI_TEST_PAUSE", "6"))
RETRY_AFTER = 2 if PAUSE < 30 else 15
BAD, OTHERS = "xiaowang", ("xiaoli", "dianzhang", "waidian")
ROUNDS = 5


@pytest.mark.parametrize("engine", ["sqlite"])
def test_one_chat_waits_alone(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, now: datetime
) -> None:
    world(database, now)
    with platforms(quick_folder) as where:
        let_in(database, where, now)
        where.telegram.flood.lift()
        service = install(quick_folder, database_url, where, ("telegram",), brood)
        service.start()
        try:
            order, delays = _talk(where)
        finally:
            service.stop()
        refused = [call for call in where.telegram.calls if call.status == 429]

    assert order[-1] == BAD
    assert sorted(order) == sorted([BAD] * ROUNDS + list(OTHERS) * ROUNDS)
    assert len(refused) <= PAUSE // RETRY_AFTER + 1
    p95 = statistics.quantiles(delays, n=20)[-1]
    print(f"{len(delays)} answers in other chats: p95 {p95 * 1000:.0f} ms; {len(refused)} refusals in {PAUSE} s")  # noqa: T201


def _talk(where: Platforms) -> tuple[list[str], list[float]]:
    """Everybody asks in turns while one chat is told to wait; who was answered in which order, and how soon."""
    fault = {"kind": "429", "method": "sendMessage", "person": BAD, "seconds": PAUSE, "retry_after": RETRY_AFTER}
    where.telegram.add_fault(fault)
    asked: dict[str, list[float]] = {person: [] for person in (BAD, *OTHERS)}
    order: list[str] = []
    delays: list[float] = []
    start = time.monotonic()
    while len(order) < ROUNDS * len(asked):
        assert time.monotonic() < start + PAUSE * 2 + 60, f"answered so far: {order}"
        turn = len(asked[OTHERS[-1]])
        if turn < ROUNDS and time.monotonic() >= start + turn * PAUSE / ROUNDS:
            for person, moments in asked.items():
                where.do("say", "telegram", person, "private", text="帮助")
                moments.append(time.monotonic())
        for person, moments in asked.items():
            found = sum(not bubble["mine"] for bubble in where.bubbles("telegram", person, "private"))
            for number in range(order.count(person), found):
                order.append(person)
                if person != BAD:
                    delays.append(time.monotonic() - moments[number])
        time.sleep(0.01)
    return order, delays
