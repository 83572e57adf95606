"""The conversations of the house through every door: typed and pressed on the phones of the local platforms.

A chat is written to at its platform's pace, so that a conversation takes seconds of waiting: several go on at once.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from bot.db.core.engine import open_database
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
MOST = {"telegram": 100, "webhook": 100, "app": 12, "bot": 12, "callback": 20}
MOST_OF = {
    ("corrections", "telegram"): 9,  # what follows shows a full number, which Telegram never does
    ("lookup", "callback"): 1,  # a pressed card is replaced by a card, which has no room for 全部
}
WITHOUT_GROUPS = ("announce",)  # it begins in a store that has no group yet
AT_ONCE = 4
Lines = list[tuple[int, list[str]]]


@pytest.mark.parametrize("door", PLAYED)
def test_conversations(quick_folder: Path, brood: Nest, door: str) -> None:
    def play(name: str) -> tuple[Lines, Lines]:
        return _played(quick_folder / name, brood, name, door)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = dict(zip(PLAYED[door], threads.map(play, PLAYED[door]), strict=True))

    assert {name: came for name, (_, came) in found.items()} == {name: wanted for name, (wanted, _) in found.items()}


def _played(folder: Path, brood: Nest, name: str, door: str) -> tuple[Lines, Lines]:
    """What the file says comes back for each message, by its line, and what came back."""
    folder.mkdir()
    url = engines.fresh("sqlite", folder)
    database = open_database(url, engines.KEYS)
    start = began(TEXTS[name])
    world(database, start)
    with platforms(folder) as where:
        let_in(database, where, start, groups=name not in WITHOUT_GROUPS)
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
    return [(line, wanted) for line, wanted, _ in exchanges], [(line, came) for line, _, came in exchanges]
