"""The refresh of the layers, once a night in a process of its own, so that answers stay quick.

It is due from a local time of the day on, until one was done for that day; a try that failed is made again after an
hour.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta

from bot.db import people
from bot.db.core.engine import Database
from bot.db.segments import standings
from bot.settings import Settings

log = logging.getLogger(__name__)

_AGAIN = timedelta(hours=1)


class Nightly:
    """Starts the refresh when it is due."""

    def __init__(self, settings: Settings, database: Database, now: Callable[[], datetime]) -> None:
        """Take the settings, which say from when on, and which database the process is to open."""
        self._settings = settings
        self._database = database
        self._now = now
        self._tried: datetime | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def look(self) -> bool:
        """Refresh if it is due, and wait for it; False: nothing more to do now."""
        now = await asyncio.to_thread(self._due)
        if now is None:
            return False
        self._tried = now
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--quiet", "--data", str(self._settings.data), "refresh",
            "--at", now.isoformat(),
            env={**os.environ, "ZHANGGUI_DATABASE_URL": self._settings.database_url},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        code = await self._process.wait()
        if code:
            log.error("the nightly refresh ended with %s; it is tried again in an hour", code)
        return False

    def _due(self) -> datetime | None:
        """The local time, if a refresh is due."""
        with self._database.reading() as conn:
            now = self._now().astimezone(people.chain_zone(conn))
            done = standings.as_of(conn)
        if now.time() < time.fromisoformat(self._settings.refresh_at) or (done and done >= now.date()):
            return None
        tried_lately = self._tried is not None and timedelta(0) <= now - self._tried < _AGAIN
        return None if tried_lately else now

    async def close(self) -> None:
        """End a refresh that is under way: it may be ended at any moment, and done again."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()
