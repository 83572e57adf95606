"""What the attacks share: the small world, and words said in it to the real dispatcher."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import bot.handlers
from bot.chat import Incoming, Outcome
from bot.commands import collect
from bot.db.core.engine import Database
from bot.dispatch import Dispatcher
from bot.intake.options import Kind, Options, Report
from bot.intake.run import run
from tests.support.cast import address
from tests.support.world import world


@dataclass(slots=True)
class Shop:
    """The small world, its dispatcher, a clock, and a folder for files."""

    database: Database
    dispatcher: Dispatcher
    clock: datetime
    folder: Path
    said: int = 0

    def say(self, name: str, text: str) -> Outcome:
        """What the bot answers; each message a second after the one before."""
        self.said += 1
        self.clock += timedelta(seconds=1)
        return self.dispatcher.handle(Incoming(f"attack-{self.said}", address(name), text, self.clock))

    def take(self, kind: Kind, content: bytes, **options: bool) -> Report:
        """Import a file of this content."""
        path = self.folder / "file"
        path.write_bytes(content)
        return run(self.database, kind, path, Options(self.folder / "data", self.clock, **options))


@pytest.fixture
def shop(database: Database, now: datetime, quick_folder: Path) -> Shop:
    """The small world on one engine."""
    world(database, now)
    return Shop(database, Dispatcher(database, collect(bot.handlers)), now, quick_folder)


@pytest.fixture
def say(shop: Shop) -> Callable[[str, str], Outcome]:
    """Somebody of the cast says something."""
    return shop.say
