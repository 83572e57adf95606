"""Nothing is lost and nothing that must not be is doubled, on a platform's bad day, with the process killed meanwhile.

`ZHANGGUI_TEST_PUSHES=1500 ZHANGGUI_TEST_PUSH_KILLS=40 pytest -n0 -s tests/outbox/test_bad_days.py` is the whole of it.
"""

import os
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import people
from bot.db.core.engine import Database
from bot.db.tables import outbox as table
from bot.db.talk import listing, queueing
from bot.db.talk.queueing import NewPush
from bot.sandbox.clock import Clock
from tests.support.bad_provider import provider
from tests.support.cast import add_cast
from tests.support.nest import Nest
from tests.support.platforms import SETUP, Platforms
from tests.support.service import Service, install

PUSHES = int(os.environ.get("ZHANGGUI_TEST_PUSHES", "60"))
KILLS = int(os.environ.get("ZHANGGUI_TEST_PUSH_KILLS", "1"))
PEOPLE = max(PUSHES // 15, 20)
ENDS = {"sent", "unknown", "dead", "expired"}
PATIENCE = 600


@pytest.mark.timeout(PATIENCE + 300)
def test_a_bad_day(database: Database, database_url: str, quick_folder: Path, brood: Nest, now) -> None:
    wanted = _owed(database, now)
    with provider(os.environ.get("ZHANGGUI_TEST_SEED", "7")) as (platform, base):
        clock = Clock(quick_folder / "clock")
        clock.move_to(now.timestamp())
        replicas = [
            _installed(quick_folder / str(n), database_url, base, clock, brood)
            for n in range(1 if database.is_sqlite else 2)
        ]
        dice = random.Random(database_url)
        try:
            for service in replicas:
                service.start(wait=False)
            for turn in range(KILLS):
                _wait(database, clock, until_moved=True)
                time.sleep(dice.uniform(0.0, 0.3))
                victim = replicas[turn % len(replicas)]
                victim.kill()
                victim.start(wait=False)
            _wait(database, clock)
        finally:
            for service in replicas:
                service.kill()
        for service in replicas:
            service.check_log()
        came = Counter({text: count for (_, text), count in platform.delivered.items()})
        print(f"{platform.requests} requests, {platform.unclear} unclear")  # noqa: T201 — figures for who asks
    _judge(database, wanted, came)


def _owed(database: Database, now) -> dict[str, str]:
    """Pushes of every class to many people, half of them on each platform; the class of each text."""
    classes = ("once", "dedupe", "at_least_once")

    def work(conn):
        add_cast(conn, now)
        store = people.store_by_code(conn, "001")
        staff = []
        for number in range(PEOPLE):
            staff_id = people.add_staff(conn, f"g{number}", f"导购{number}", "guide", store.id, now)
            channel = ("wecom", "telegram")[number % 2]
            people.bind(conn, staff_id, channel, f"g{number}" if channel == "wecom" else str(9000 + number), now)
            staff.append(staff_id)
        found, pushes = {}, []
        for number in range(PUSHES):
            text, delivery = f"第{number}条", classes[number // PEOPLE % 3]
            pushes.append(NewPush(text, text, staff[number % PEOPLE], delivery=delivery, urgent=True))
            found[text] = delivery
        assert queueing.push_all(conn, pushes, now) == found.keys()
        return found

    return database.transact(work)


def _installed(folder: Path, url: str, base: str, clock: Clock, brood: Nest) -> Service:
    folder.mkdir()
    where = Platforms(_NO, _NO, clock, base, replace(SETUP))
    return install(folder, url, where, ("telegram", "app"), brood)


class _Place:
    """Where the local servers would be told of the service's doors."""

    callback_url = bot_callback_url = ""


_NO = _Place()


def _wait(database: Database, clock: Clock, *, until_moved: bool = False) -> None:
    """Until every row is at an end, or some row has moved; the clock jumps over leases and pauses."""
    until, before = time.monotonic() + PATIENCE, None
    while True:
        with database.reading() as conn:
            left = Counter(conn.execute(select(table.c.state).where(table.c.key.startswith("第"))).scalars())
        before = before or left
        if set(left) <= ENDS or (until_moved and left != before):
            return
        assert time.monotonic() < until, left
        time.sleep(0.2)
        clock.forward(2 if left["sending"] == 0 else 10)  # to be lost takes a minute, to be forgotten two hours


def _judge(database: Database, wanted: dict[str, str], came: Counter[str]) -> None:
    with database.reading() as conn:
        lines = {line.key: line for line in listing.lines(conn) if line.key in wanted}
    assert lines.keys() == wanted.keys()
    arrived = Counter({text: came[text] + came[f"（补发）{text}"] for text in wanted})
    ends = Counter((wanted[text], line.state) for text, line in lines.items())
    print(dict(ends), {one: sum(arrived[t] > 1 for t in wanted if wanted[t] == one) for one in set(wanted.values())})  # noqa: T201
    assert {text for text, line in lines.items() if line.state not in ENDS} == set()
    assert {text for text, line in lines.items() if line.state == "sent" and not arrived[text]} == set()  # lost
    assert {text for text in wanted if wanted[text] in ("once", "dedupe") and arrived[text] > 1} == set()  # doubled
    assert {text for text in wanted if came[text] > 1} == set()  # what came again said so
    assert {text for text, line in lines.items() if line.state in ("dead", "expired")} == set()
    known_again = {f"第{number}条" for number in range(PUSHES) if not number % PEOPLE % 2}  # to people in WeCom
    assert {t for t in known_again if wanted[t] == "dedupe" and (lines[t].state, arrived[t]) != ("sent", 1)} == set()
    assert {text for text in wanted if wanted[text] == "at_least_once" and not arrived[text]} == set()
