"""One update from its arrival to the desk: read, its file fetched, kept, and only then answered or confirmed."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from telegram import Update
from telegram.error import TelegramError

from bot.channels.telegram.client import UPDATES, Client
from bot.channels.telegram.files import Fetcher, FetchError, drop
from bot.channels.telegram.updates import Heard, Reader, Remark
from bot.wire import Desk, Event

log = logging.getLogger(__name__)
_LAST_WORDS = 5.0


class Receiver:
    """Hands what comes to the desk, and does the small things Telegram expects at once, beside the way."""

    def __init__(self, client: Client, desk: Desk, reader: Reader, fetcher: Fetcher) -> None:
        """Take where things go and how they are read."""
        self._client = client
        self._desk = desk
        self._reader = reader
        self._fetcher = fetcher
        self._beside: set[asyncio.Task[None]] = set()

    async def receive(self, raw: Mapping[str, Any]) -> bool:
        """Take an update; True where Telegram may be told so, False where it must come again."""
        number = raw.get("update_id")
        try:
            update = Update.de_json({kind: raw[kind] for kind in ("update_id", *UPDATES) if kind in raw}, self._client)
            found = self._reader.read(update, self._desk.now())
        except Exception as error:  # noqa: BLE001 — one update nobody can read must not stop the others
            log.warning("update %s cannot be read and is let go: %s", number, type(error).__name__)
            return True
        try:
            await self._hand_in(found)
        except Exception as error:  # noqa: BLE001 — whatever kept it from being kept, Telegram still has it
            log.error("update %s could not be kept: %s", number, type(error).__name__)  # noqa: TRY400 — no text
            return False
        return True

    async def close(self) -> None:
        """Let what is still being said be said, for a moment."""
        if self._beside:
            _done, left = await asyncio.wait(self._beside, timeout=_LAST_WORDS)
            for task in left:
                task.cancel()

    async def _hand_in(self, found: Heard | Event | Remark | None) -> None:
        match found:
            case Heard():
                await self._take(found)
            case Remark():
                self._aside(self._remark(found))
            case Event():
                if not await self._desk.tell(found):
                    self._aside(self._leave(int(found.address.chat)))

    async def _take(self, heard: Heard) -> None:
        message = heard.message
        if heard.attachment:
            try:
                file = await self._fetcher.fetch(heard.attachment)
            except FetchError as error:
                self._aside(self._remark(Remark(str(error), int(message.address.chat))))
                return
            message = replace(message, files=(file,))
        try:
            is_new = await self._desk.take(message)
        except Exception:
            # It comes again and is fetched again. A mere stop may have kept it: then its file must be there.
            drop(message.files)
            raise
        if not is_new:
            drop(message.files)
        if heard.query:
            self._aside(self._remark(Remark("", query=heard.query)))

    async def _remark(self, remark: Remark) -> None:
        """Say it once: if it fails the person asks again. An unanswered button would show a clock for a while."""
        with suppress(TelegramError):
            if remark.query:
                await self._client.answer_callback_query(remark.query, remark.say or None)
            else:
                await self._client.send_message(remark.chat, remark.say)

    async def _leave(self, chat: int) -> None:
        with suppress(TelegramError):
            await self._client.leave_chat(chat)
            log.info("left a group nobody of ours brought the bot into")

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it without keeping the next update waiting."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
