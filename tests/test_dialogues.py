"""Every conversation in tests/dialogues/ is answered word for word as it is written there, on both engines."""

from pathlib import Path

import pytest

import bot.handlers
from bot.commands import collect
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from tests.support.dialogue import began, played
from tests.support.world import world

FOLDER = Path(__file__).parent / "dialogues"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_dialogue(database: Database, request: pytest.FixtureRequest, name: str) -> None:
    path = FOLDER / f"{name}.txt"
    written = path.read_text(encoding="utf-8")
    world(database, began(written))

    answered = played(written, Dispatcher(database, collect(bot.handlers)), name)

    if not request.config.getoption("--rewrite"):
        assert answered.splitlines() == written.splitlines()
    elif database.is_sqlite:  # one of the two writes
        path.write_text(answered, encoding="utf-8")
