"""One WebSocket of the official SDK, from its opening to its end; what the SDK 1.0.2 does wrong is mended here.

Kept of it: its commands, its frames, its queue of answers with their receipts. Not kept, each found by trying:
- a clean close by the server ends its reading silently, and it never connects again;
- its heartbeat cancels itself in the middle of closing a dead socket, and nothing connects again;
- the pause between connections starts over with each TCP connection, so that two processes kick each other every
  second, and a wrong secret is neither raised nor tried again;
- waiting to connect again is recursion, without end after a long outage;
- a frame that is no object stops the reading; a local `ws://` address is refused, since it always passes TLS;
- it writes whole messages to its log, and a failure's number only inside a sentence.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aibot import WsCmd, WsConnectionManager, generate_req_id
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bot.channels.wecom_bot.faults import KickedError, RefusedError
from bot.channels.wecom_bot.setup import OFFICIAL_WS, Rhythm, WecomBotSetup

Frame = dict[str, Any]
_MOST_BYTES = 4 << 20
_NO_BEATS = 2
_numbers = itertools.count(1)

_socket_log = logging.getLogger(f"{__name__}.socket")
_socket_log.setLevel(logging.WARNING)  # at DEBUG it holds every frame, the first one with the secret


class _Mute:
    def _nothing(self, message: str, *args: object) -> None:
        pass

    debug = info = warn = error = _nothing


class Line(WsConnectionManager):  # type: ignore[misc]  # the SDK has no types
    """A connection that is subscribed, read and watched until it ends; `number` tells it from others."""

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm, hear: Callable[[Frame], Awaitable[None]]) -> None:
        """`hear` gets each message and event; while it waits nothing more is read."""
        super().__init__(_Mute(), ws_url=setup.ws or OFFICIAL_WS)
        self.set_credentials(setup.bot_id, setup.secret)
        self._proxy = setup.proxy or None
        self._rhythm = rhythm
        self._reply_ack_timeout = rhythm.ack
        self._hear = hear
        self._subscription = generate_req_id(WsCmd.SUBSCRIBE)
        self._hearing = False
        self._signs = 0
        self.number = next(_numbers)
        self.ready = asyncio.Event()
        self.ready_at = self.sign_at = time.monotonic()

    async def live(self) -> None:
        """Be connected until the socket ends; raises KickedError, RefusedError, OSError, TimeoutError."""
        opening = connect(
            self._ws_url,
            proxy=self._proxy,
            ping_interval=None,
            open_timeout=self._rhythm.connect,
            close_timeout=2,
            max_size=_MOST_BYTES,
            logger=_socket_log,
        )
        async with opening as self._ws:
            watch = asyncio.create_task(self._watch())
            try:
                await self.send(self._frame(WsCmd.SUBSCRIBE, self._subscription, self._credentials))
                async for raw in self._ws:
                    await self._read(raw)
            except ConnectionClosed:
                pass  # an end like the clean one
            finally:
                watch.cancel()
                await asyncio.wait([watch])
                self._clear_pending_messages("the connection ended")

    async def ask(self, cmd: str, body: Frame, req_id: str = "") -> Frame:
        """Send and wait for the receipt; raises RefusedError, ConnectionError (not sent), TimeoutError (perhaps)."""
        if not (self.ready.is_set() and self.is_connected):
            raise ConnectionError("not connected")
        try:
            async with asyncio.timeout(self._rhythm.ack * 2):  # a stuck write counts too
                receipt: Frame = await self.send_reply(req_id or generate_req_id(cmd), body, cmd)
        except (RuntimeError, ConnectionClosed) as lost:  # the SDK's word for an end before the receipt
            raise TimeoutError("no receipt") from lost
        return receipt

    def drop(self) -> None:
        """End it at once: the other side will not answer any more."""
        if self._ws is not None and self._ws.transport is not None:
            self._ws.transport.abort()

    @property
    def _credentials(self) -> Frame:
        return {"bot_id": self._bot_id, "secret": self._bot_secret}

    @staticmethod
    def _frame(cmd: str, req_id: str, body: Frame | None = None) -> Frame:
        return {"cmd": cmd, "headers": {"req_id": req_id}, **({} if body is None else {"body": body})}

    async def _read(self, raw: str | bytes) -> None:
        self.sign_at = time.monotonic()
        self._signs += 1
        try:
            frame = json.loads(raw)
            req_id = str(frame["headers"]["req_id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # nobody can be answered about it
        if frame.get("cmd") in (WsCmd.CALLBACK, WsCmd.EVENT_CALLBACK):
            await self._listen(frame)
        elif req_id == self._subscription:
            self._subscribed(frame)
        elif req_id in self._pending_acks:
            self._handle_reply_ack(req_id, frame)

    async def _listen(self, frame: Frame) -> None:
        body = frame.get("body")
        event = body.get("event") if isinstance(body, dict) else None
        if isinstance(event, dict) and event.get("eventtype") == "disconnected_event":
            raise KickedError
        self._hearing = True
        try:
            await self._hear(frame)
        finally:
            self._hearing = False

    def _subscribed(self, frame: Frame) -> None:
        if (code := _code(frame)) != 0:
            raise RefusedError(code)
        self.ready_at = time.monotonic()
        self.ready.set()

    def _handle_reply_ack(self, req_id: str, frame: Frame) -> None:
        if (code := _code(frame)) == 0:
            super()._handle_reply_ack(req_id, frame)
            return
        waiting, timer = self._pending_acks.pop(req_id)
        timer.cancel()
        if not waiting.done():
            waiting.set_exception(RefusedError(code))

    async def _watch(self) -> None:
        """Ping, and end a socket that gives no sign of life or never subscribes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._rhythm.connect):
                await self.ready.wait()
        quiet = 0 if self.ready.is_set() else _NO_BEATS
        while quiet < _NO_BEATS:
            before = self._signs
            with contextlib.suppress(TimeoutError, ConnectionClosed, RuntimeError):
                async with asyncio.timeout(self._rhythm.beat):
                    await self.send(self._frame(WsCmd.HEARTBEAT, generate_req_id(WsCmd.HEARTBEAT)))
            await asyncio.sleep(self._rhythm.beat)
            quiet = 0 if self._hearing or self._signs > before else quiet + 1
        self.drop()


def _code(frame: Frame) -> int:
    code = frame.get("errcode")
    return code if isinstance(code, int) else -1
