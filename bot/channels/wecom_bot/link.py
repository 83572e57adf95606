"""The long connection over the hours: it is renewed when it ends, patiently, and says how it is."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from bot.channels.wecom_bot.faults import (
    NOT_SUBSCRIBED,
    SUBSCRIBE_WORDS,
    KickedError,
    RefusedError,
    is_setup,
    send_error,
)
from bot.channels.wecom_bot.line import Frame, Line
from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup
from bot.wire import Pulse, SendError

log = logging.getLogger(__name__)

_KICKED_WORDS = "同一个智能机器人在别处连上了，这里被顶下来：请只让一个程序用它。过一会儿再试着连。"


class Link:
    """Keeps one Line alive at a time."""

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm, hear: Callable[[Frame], Awaitable[None]]) -> None:
        """`hear` gets each message and event frame."""
        self._setup = setup
        self._rhythm = rhythm
        self._hear = hear
        self._line: Line | None = None
        self._phase: Literal["new", "tried", "kicked", "refused"] = "new"
        self._code = 0
        self._tries = 0
        self._kicks = 0

    @property
    def line(self) -> Line | None:
        """The connection of now, if it is subscribed."""
        return self._line if self._line is not None and self._line.ready.is_set() else None

    async def keep(self) -> None:
        """Connect, and connect again, until cancelled."""
        while True:
            self._line = Line(self._setup, self._rhythm, self._hear)
            try:
                pause = await self._once(self._line)
            finally:
                self._line = None
            await asyncio.sleep(pause)

    async def ask(self, cmd: str, body: Frame, req_id: str = "") -> Frame:
        """One request on the connection of now; raises SendError."""
        if (line := self.line) is None:
            if self._phase == "refused":
                raise SendError("setup", SUBSCRIBE_WORDS.format(code=self._code))
            raise SendError("again", "智能机器人的长连接断着")
        try:
            return await line.ask(cmd, body, req_id)
        except RefusedError as refusal:
            if refusal.code == NOT_SUBSCRIBED:
                line.drop()
            raise send_error(refusal.code) from refusal
        except ConnectionError:
            raise SendError("again", "智能机器人的长连接断着") from None
        except TimeoutError:
            raise SendError("unknown", "企业微信没有回执") from None

    def pulse(self) -> Pulse:
        """How the connection is, in words."""
        if (line := self.line) is not None:
            now = time.monotonic()
            return Pulse(True, f"长连接正常：连上 {_ago(now - line.ready_at)}，最近一帧在 {_ago(now - line.sign_at)}前")
        if self._phase == "kicked":
            return Pulse(False, _KICKED_WORDS)
        if self._phase == "refused":
            return Pulse(False, SUBSCRIBE_WORDS.format(code=self._code))
        if self._phase == "tried":
            return Pulse(False, f"长连接断了，正在重连（第 {self._tries} 次）：请看这台机器能不能上网。")
        return Pulse(False, "长连接还没连上")

    async def _once(self, line: Line) -> float:
        """Live one connection; the pause before the next."""
        try:
            await line.live()
        except KickedError:
            return self._kicked(line)
        except RefusedError as refusal:
            log.warning("the smart bot's subscription was refused: errcode %d", refusal.code)
            if is_setup(refusal.code):
                self._phase, self._code = "refused", refusal.code
                return self._rhythm.refused
        except Exception as error:  # noqa: BLE001  # whatever ends a connection, the next one is tried
            log.warning("the smart bot's connection failed: %s", type(error).__name__)
        self._phase = "tried"
        return self._after(line)

    def _after(self, line: Line) -> float:
        self._tries = 1 if self._steady(line) else self._tries + 1
        first, longest = self._rhythm.again
        return min(longest, first * 2.0 ** min(self._tries - 1, 16)) * random.uniform(0.5, 1)  # noqa: S311  # a pause

    def _kicked(self, line: Line) -> float:
        self._phase = "kicked"
        self._kicks = 1 if self._steady(line) else self._kicks + 1
        log.warning("the smart bot was taken over by another connection")
        first, longest = self._rhythm.kicked
        return min(longest, first * 2.0 ** min(self._kicks - 1, 16))

    def _steady(self, line: Line) -> bool:
        return line.ready.is_set() and time.monotonic() - line.ready_at >= self._rhythm.steady


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} 秒" if seconds < 100 else f"{seconds / 60:.0f} 分钟"
