"""The layers are computed at night by the service itself, once for each day."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.db.core.engine import Database
from bot.db.segments import standings
from bot.serve.nightly import Nightly
from bot.settings import Settings
from tests.support.cast import ZONE
from tests.support.world import world


@pytest.fixture
def engine() -> str:
    """One engine is enough: the refresh is proved on both elsewhere."""
    return "sqlite"


def test_each_day_once_from_its_hour_on(database: Database, quick_folder: Path, now: datetime) -> None:
    world(database, now)
    keys = quick_folder / "keys"
    keys.mkdir(mode=0o700)
    key = keys / "01.key"
    key.touch(mode=0o600)
    key.write_text(bytes(range(32)).hex(), encoding="ascii")
    settings = Settings(
        data=quick_folder, keys=keys, database_url=f"sqlite:///{database.engine.url.database}", refresh_at="03:30"
    )
    night = now.astimezone(ZONE).replace(hour=3, minute=29, second=0) + timedelta(days=1)
    clock = [night]

    async def look_at(moment: datetime) -> object:
        clock[0] = moment
        await nightly.look()
        with database.reading() as conn:
            return standings.as_of(conn)

    async def night_after_night() -> list[object]:
        return [
            await look_at(night),
            await look_at(night + timedelta(minutes=1)),
            await look_at(night + timedelta(minutes=2)),
            await look_at(night + timedelta(days=1, hours=5)),
        ]

    nightly = Nightly(settings, database, lambda: clock[0])

    first, second = night.date(), night.date() + timedelta(days=1)
    assert asyncio.run(night_after_night()) == [None, first, first, second]
