"""The conversations of the house through every door: typed and pressed on the phones of the local platforms.

A chat is written to at its platform's pace, so that a conversation takes seconds of waiting: several go on at once.
Each file is played through each main door, its first messages only: tests/test_dialogues.py plays the whole of it.
`ZHANGGUI_TEST_EXCHANGES=100 pytest -n0 tests/serve/test_doors.py` plays as much as the platform's pace allows.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Connection

import bot.jobs
from bot.db import jobs as claims
from bot.db import people
from bot.db.core.engine import open_database
from bot.db.shop import all_stores
from bot.schedule import collect, slots_between
from tests.support import engines
from tests.support.dialogue import began
from tests.support.doors import Door, played
from tests.support.nest import Nest
from tests.support.platforms import platforms
from tests.support.service import install, let_in
from tests.support.world import world

FOLDER = Path(__file__).parent.parent / "dialogues"
PUSHED = ("approval",)  # what is told with the next answer here is pushed there at once
TEXTS = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt")) if path.stem not in PUSHED
}
FEW = ("lookup", "one_sentence", "two_people")
# The app has no groups, and a person may be written to 30 times a minute in WeCom: what is longer is played in part.
PLAYED = {
    "telegram": tuple(TEXTS),
    "webhook": FEW,
    "app": tuple(name for name, text in TEXTS.items() if "@00" not in text),
    "bot": tuple(TEXTS),
    "callback": FEW,
}
EXCHANGES = int(os.environ.get("ZHANGGUI_TEST_EXCHANGES", "10"))
MOST = {
    "telegram": EXCHANGES,
    "webhook": EXCHANGES,
    "app": min(EXCHANGES, 8),
    "bot": min(EXCHANGES, 8),
    "callback": 20,
}
MOST_OF = {
    ("corrections", "telegram"): 9,  # what follows shows a full number, which Telegram never does
    ("lookup", "callback"): 1,  # a pressed card is replaced by a card, which has no room for 全部
}
WITHOUT_GROUPS = ("announce",)  # it begins in a store that has no group yet
AT_ONCE = {"telegram": 12, "app": 6, "bot": 6}
DAYS = timedelta(days=2)  # more than a conversation lasts, and than any job is late
Lines = list[tuple[int, list[str]]]


@pytest.mark.parametrize("door", PLAYED)
def test_conversations(quick_folder: Path, brood: Nest, door: str) -> None:
    def play(name: str) -> tuple[Lines, Lines]:
        return _played(quick_folder / name, brood, name, door)

    with ThreadPoolExecutor(AT_ONCE.get(door, 3)) as threads:
        found = dict(zip(PLAYED[door], threads.map(play, PLAYED[door]), strict=True))

    assert {name: came for name, (_, came) in found.items()} == {name: wanted for name, (wanted, _) in found.items()}


def _without_jobs(conn: Connection, start: datetime) -> None:
    """What is due on these days is done already: a conversation is not to be broken into by the lists of its hour."""
    zone = people.chain_zone(conn)
    for job in collect(bot.jobs).values():
        targets = [claims.CHAIN] if job.each == "chain" else [store.code for store in all_stores(conn)]
        for slot in slots_between(job, start - DAYS, start + DAYS, zone):
            claims.claim(conn, job.name, slot, targets, start, late=False)


def _played(folder: Path, brood: Nest, name: str, door: str) -> tuple[Lines, Lines]:
    """What the file says comes back for each message, by its line, and what came back."""
    folder.mkdir()
    url = engines.fresh("sqlite", folder)
    database = open_database(url, engines.KEYS)
    start = began(TEXTS[name])
    world(database, start)
    with platforms(folder) as where:
        let_in(database, where, start, groups=name not in WITHOUT_GROUPS)
        database.transact(lambda conn: _without_jobs(conn, start))
        where.clock.move_to((start - timedelta(minutes=1)).timestamp())  # no coupon is given before the last deed
        service = install(folder, url, where, (door,), brood)
        service.start()
        try:
            entrance = Door(door, where, database)
            entrance.greet()
            exchanges = list(islice(played(TEXTS[name], entrance), MOST_OF.get((name, door), MOST[door])))
        finally:
            service.stop()
            database.close()
    wanted = [(line, _without_gaps(lines)) for line, lines, _ in exchanges]
    return wanted, [(line, _without_gaps(lines)) for line, _, lines in exchanges]


def _without_gaps(lines: list[str]) -> list[str]:
    """What comes first with the next answer in the file comes as a message of its own here, with no line between."""
    return [line for line in lines if line != "¶"]
