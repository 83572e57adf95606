"""The conversations of the house through every door: typed and pressed on the phones of the local platforms."""

from itertools import islice
from pathlib import Path

import pytest

from bot.db.core.engine import Database
from tests.support.dialogue import began
from tests.support.doors import Door, played
from tests.support.nest import Nest
from tests.support.platforms import platforms
from tests.support.service import install, let_in
from tests.support.world import world

FOLDER = Path(__file__).parent.parent / "dialogues"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt"))}
# The app has no groups, and a person may be written to 30 times a minute in WeCom: what is longer is played in part.
CASES = [
    (name, door)
    for name, text in TEXTS.items()
    for door in ("telegram", "app", "bot")
    if door != "app" or "@00" not in text
]
CASES += [(name, door) for name in ("lookup", "one_sentence", "two_people") for door in ("webhook", "callback")]
MOST = {"telegram": 100, "webhook": 100, "app": 12, "bot": 20, "callback": 20}
MOST_OF = {("corrections", "telegram"): 9}  # what follows shows a full number, which Telegram never does


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(("name", "door"), CASES)
def test_conversation(
    database: Database, database_url: str, quick_folder: Path, brood: Nest, name: str, door: str
) -> None:
    start = began(TEXTS[name])
    world(database, start)
    with platforms(quick_folder) as where:
        let_in(database, where, start)
        service = install(quick_folder, database_url, where, (door,), brood)
        service.start()
        try:
            entrance = Door(door, where, database)
            entrance.greet()
            exchanges = list(islice(played(TEXTS[name], entrance), MOST_OF.get((name, door), MOST[door])))
        finally:
            service.stop()

    assert [(line, came) for line, _, came in exchanges] == [(line, want) for line, want, _ in exchanges]
