"""Loops on threads of their own, on which a test acts from outside; with a port where they serve something."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.request import urlopen

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.support.local_server import serving

PATIENCE = 20.0
Result = TypeVar("Result")


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what nobody announces."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)


@dataclass(frozen=True)
class Loop:
    """Another thread's loop, on which acts can be done from a test; `address` where it serves one."""

    running: asyncio.AbstractEventLoop
    address: str = ""

    def do(self, act: Callable[[], Awaitable[Result]]) -> Result:
        async def done() -> Result:
            return await act()

        return asyncio.run_coroutine_threadsafe(done(), self.running).result(PATIENCE)


@contextmanager
def serving_loop(*routes: BaseRoute) -> Iterator[Loop]:
    """A loop that serves these on a port."""
    found: list[asyncio.AbstractEventLoop] = []

    async def here(_: Request) -> Response:
        found.append(asyncio.get_running_loop())
        return Response()

    with serving(Starlette(routes=[*routes, Route("/here", here)])) as address:
        urlopen(f"{address}/here", timeout=PATIENCE).close()  # noqa: S310 - our own server
        yield Loop(found[0], address)


@contextmanager
def quiet_loop() -> Iterator[Loop]:
    """A loop that serves nothing."""
    running = asyncio.new_event_loop()
    thread = threading.Thread(target=running.run_forever, daemon=True)
    thread.start()
    try:
        yield Loop(running)
    finally:
        running.call_soon_threadsafe(running.stop)
        thread.join(PATIENCE)
        running.close()
