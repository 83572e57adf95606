"""Conversations about layers, in a world where every layer has people in it; `$ zhanggui refresh` is the night."""

from datetime import datetime
from pathlib import Path

import pytest

import bot.handlers
from bot.commands import collect
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from bot.refresh.run import refresh
from tests.support.dialogue import began, played
from tests.support.layered import layered_world

FOLDER = Path(__file__).parent.parent / "dialogues" / "layers"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_dialogue(database: Database, tmp_path: Path, request: pytest.FixtureRequest, path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    layered_world(database, began(written))

    def console(line: str, at: datetime) -> None:
        assert line == "zhanggui refresh"
        refresh(database, tmp_path, at)

    answered = played(written, Dispatcher(database, collect(bot.handlers)), path.stem, console)

    if not request.config.getoption("--rewrite"):
        assert answered.splitlines() == written.splitlines()
    elif database.is_sqlite:  # one of the two writes
        path.write_text(answered, encoding="utf-8")
