"""The server inside a running event loop: uvicorn with our limits, and without its hands on signals and logs.

The loop is the caller's (uvloop where there is one); the parser is httptools where there is one, else h11.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bot.web.limits import Limits

_BACKLOG = 1024


class Server:
    """One listening socket and the application behind it."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0, limits: Limits | None = None) -> None:
        """Take where to listen; port 0 is any free one."""
        limits = limits or Limits()
        config = uvicorn.Config(
            app,
            http=_protocol(limits),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=limits.connections,
            timeout_keep_alive=limits.idle_seconds,
            h11_max_incomplete_event_size=limits.head_bytes,
            backlog=_BACKLOG,
        )
        self._uvicorn = _Uvicorn(config)
        self._host = host
        self.port = port
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; afterwards `port` is the port. Raises OSError where it is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self.port), family=family, backlog=_BACKLOG)
        self.port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._uvicorn.serve([listener]), name="http server")
        ready = asyncio.create_task(self._uvicorn.listening.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task

    async def stop(self, seconds: float = 10) -> None:
        """Take no more requests and finish those under way; whatever is not done after `seconds` is cut off."""
        if self._task is None:
            return
        self._uvicorn.should_exit = True
        _, late = await asyncio.wait({self._task}, timeout=seconds)
        if late:
            await self._cut_off()
        await self._task

    async def _cut_off(self) -> None:
        """Hang up first, then cancel: so that nobody is told of an error."""
        state = self._uvicorn.server_state
        for connection in list(state.connections):
            connection.transport.abort()
        while state.connections:  # noqa: ASYNC110 — uvicorn keeps a set, no event
            await asyncio.sleep(0.01)
        for task in list(state.tasks):
            task.cancel()


class _Uvicorn(uvicorn.Server):
    """Leaves signals to whoever runs the loop, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


class _Hurried(asyncio.Protocol):
    """Hangs up on whoever does not get the head of a request through, in time and in bytes.

    uvicorn itself waits for it as long as the client likes, and httptools takes one of any length.
    """

    limits: Limits
    cycle: Any  # the request under way, as both of uvicorn's protocols keep it
    transport: asyncio.Transport
    _timer: asyncio.TimerHandle | None = None
    _bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._hurry()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()
            return
        self._hurry()
        self._bytes += len(data)
        if self._bytes > self.limits.head_bytes:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _hurry(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.limits.head_seconds, self.transport.abort)

    def _rest(self) -> None:
        self._bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _protocol(limits: Limits) -> type[asyncio.Protocol]:
    known: type[asyncio.Protocol]
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 — not on every system

        known = HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 — only in its stead

        known = H11Protocol
    return type("Protocol", (_Hurried, known), {"limits": limits})
