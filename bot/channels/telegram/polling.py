"""Our own poll loop: an update is confirmed by the offset of the next poll, and that moves only past what is kept.

A poll that fails is repeated for ever, at growing distances: the library's own loop ends at the first 401 or 404.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.channels.telegram.client import Client, Rhythm
from bot.channels.telegram.faults import says, seconds
from bot.wire import Pulse

log = logging.getLogger(__name__)
_GROWTH = 1.5
_SPARE = 15.0  # seconds past its own limits after which a poll counts as hung
_REFUSED = "Telegram 不认这个令牌（或中途的服务器答 404）：检查 ZHANGGUI_TELEGRAM_TOKEN 和网络。"
_TWO = "另一个程序在用同一个 token 收消息：停掉那一个，或到 @BotFather 换令牌。"
_HOOKED = "这个 token 上又设了 webhook（另一个程序在用同一个 token）：停掉那一个，再重启。"
_UNKEPT = "收到的消息存不下（数据库？），Telegram 会留着，存得下就补上。"


class Poller:
    """Polls until cancelled, and knows how that goes."""

    def __init__(self, client: Client, receive: Callable[[dict[str, Any]], Awaitable[bool]], rhythm: Rhythm) -> None:
        """Take what makes an update ours: True where it may be confirmed."""
        self._client = client
        self._receive = receive
        self._rhythm = rhythm
        self._offset: int | None = None
        self._good_at = self._fresh_at = time.monotonic()
        self._trouble = ""
        self._until = 0.0
        self._failing = False
        self._wait = rhythm.first_wait

    async def run(self) -> None:
        """Poll, hand in, confirm; for ever."""
        self._good_at = self._fresh_at = time.monotonic()
        while True:
            pause = await self._once()
            if time.monotonic() - max(self._good_at, self._fresh_at) > self._rhythm.deaf:
                await self._begin_afresh()
            if pause:
                await asyncio.sleep(pause)

    def pulse(self) -> Pulse:
        """Deaf is also who has merely not heard for long: a hung poll reports nothing by itself."""
        silent = time.monotonic() - self._good_at
        if self._trouble:
            return Pulse(ok=False, say=self._trouble)
        if silent > self._rhythm.deaf:
            return Pulse(
                ok=False, say=f"{silent:.0f} 秒没收到 Telegram 的回答：检查网络；在国内要设 ZHANGGUI_TELEGRAM_PROXY。"
            )
        return Pulse(ok=True, say="在收消息（轮询）")

    async def _once(self) -> float:
        """One poll and what came of it; gives the seconds to wait before the next."""
        rhythm = self._rhythm
        # After trouble a poll that does not wait: that it is over should be known at once.
        seconds_long = 0 if self._failing else rhythm.poll
        try:
            async with asyncio.timeout(seconds_long + rhythm.answer + _SPARE):
                news = await self._client.news(self._offset, seconds_long)
        except Exception as error:  # noqa: BLE001 — whatever it was, a bot that has stopped polling is deaf
            return self._failed(error)
        self._good_at = time.monotonic()
        if not await self._hand_in(news):
            self._trouble = _UNKEPT
            return self._next_wait()
        self._failing, self._wait = False, rhythm.first_wait
        if self._good_at >= self._until:
            self._trouble = ""
        return 0

    async def _hand_in(self, news: Sequence[dict[str, Any]]) -> bool:
        """Hand in each chat's updates in order, chats side by side; the offset stops at one that must come again."""
        chats: dict[object, list[dict[str, Any]]] = {}
        for raw in news:
            chats.setdefault(_chat(raw), []).append(raw)
        stuck = [one for one in await asyncio.gather(*map(self._line, chats.values())) if one is not None]
        if news:
            self._offset = min(stuck, default=max(raw["update_id"] for raw in news) + 1)
        return not stuck

    async def _line(self, updates: Sequence[dict[str, Any]]) -> int | None:
        for raw in updates:
            if not await self._receive(raw):
                return int(raw["update_id"])
        return None

    def _failed(self, error: Exception) -> float:
        self._failing = True
        match error:
            case RetryAfter():
                return seconds(error)
            case InvalidToken():
                self._trouble = _REFUSED
            case Conflict():
                self._trouble = _HOOKED if says(error, "webhook") else _TWO
                # Two pollers throw each other out in turn: a good poll in between does not mean that it is over.
                self._until = time.monotonic() + self._rhythm.deaf
        log.warning("poll failed: %s", type(error).__name__)
        return self._next_wait()

    def _next_wait(self) -> float:
        wait, self._wait = self._wait, min(self._wait * _GROWTH, self._rhythm.longest_wait)
        return wait

    async def _begin_afresh(self) -> None:
        """Drop the connections: one that hangs may be what keeps every further poll from being heard."""
        log.warning("deaf for %.0f seconds: polling begins afresh", time.monotonic() - self._good_at)
        await self._client.renew()
        self._fresh_at = time.monotonic()


def _chat(raw: dict[str, Any]) -> object:
    """The chat an update is of, as far as that can be told before it is read."""
    for kind in ("message", "callback_query", "my_chat_member"):
        one = raw.get(kind)
        if isinstance(one, dict):
            inner = one.get("message", one)
            chat = inner.get("chat") if isinstance(inner, dict) else None
            return chat.get("id") if isinstance(chat, dict) else None
    return None
