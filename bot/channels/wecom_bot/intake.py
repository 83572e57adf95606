"""From what the platform told to what the core keeps: files are fetched first, since their address dies."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx

from bot.channels.wecom_bot.media import FetchError, discard, fetch
from bot.channels.wecom_bot.reading import Heard
from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup
from bot.chat import File, Incoming
from bot.wire import Desk

log = logging.getLogger(__name__)

LOST_FILE = "没取到这个文件，请再发一次（最大 20 MB）。"
_CLOCK_SLACK = 120


class Intake:
    """Hands messages to the desk."""

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm, desk: Desk) -> None:
        """Open what files are fetched with."""
        self.desk = desk
        self.client = httpx.AsyncClient(
            proxy=setup.proxy or None, trust_env=False, timeout=httpx.Timeout(15, pool=60), follow_redirects=False
        )
        self._setup = setup
        self._rhythm = rhythm

    async def keep(self, heard: Heard, back: Mapping[str, str], *, patient: bool = False) -> bool:
        """Keep a message durably; False where a file of it could not be had, and what is left of it is kept.

        `patient`: nobody will bring the message again, so that storing it is tried for as long as it makes sense.
        """
        files, lost = await self._files(heard)
        if lost and not files and not heard.text:
            return False
        message = Incoming(heard.key, heard.address, heard.text, self._at(heard), heard.press, files, back, heard.quote)
        fresh = False
        try:
            fresh = await (self._take_patiently(message) if patient else self.desk.take(message))
        finally:
            if not fresh:
                await discard(files)
        return not lost

    async def _take_patiently(self, message: Incoming) -> bool:
        pause, left = self._rhythm.store
        while True:
            try:
                return await self.desk.take(message)
            except Exception as error:
                log.warning("a message could not be stored yet: %s", type(error).__name__)
                if left <= 0:
                    raise
            await asyncio.sleep(pause)
            left -= pause
            pause = min(pause * 2, 30)

    async def _files(self, heard: Heard) -> tuple[tuple[File, ...], bool]:
        files: list[File] = []
        lost = False
        for attached in heard.attached:
            try:
                async with asyncio.timeout(self._rhythm.fetch):
                    files.append(
                        await fetch(self.client, attached, self._setup.aes_key, self._setup.files, self._setup.local)
                    )
            except (FetchError, TimeoutError, OSError) as error:
                lost = True
                log.warning("a file somebody sent could not be fetched: %s", error or type(error).__name__)
        return tuple(files), lost

    def _at(self, heard: Heard) -> datetime:
        now = self.desk.now()
        if not heard.at or abs(now.timestamp() - heard.at) <= _CLOCK_SLACK:
            return now
        return datetime.fromtimestamp(heard.at, UTC)
