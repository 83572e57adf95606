"""A web application on a real port of this machine, for the length of a test."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

STARTS_WITHIN = 20.0
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of these servers: they speak plain http, and loading the world's certificates takes 20 ms a client."""


class _Server(uvicorn.Server):
    """A server that says when it listens, and leaves signals to the tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.listens.set()

    async def main_loop(self) -> None:
        """Look more often than uvicorn whether this is the end: hundreds of servers are begun and ended."""
        while not await self.on_tick(0):  # noqa: ASYNC110 — uvicorn has a flag, no event
            await asyncio.sleep(0.02)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application from a thread of its own; the address has no slash at its end.

    Requests still open at the end are cut off.
    """
    line = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="websockets-sansio", timeout_graceful_shutdown=0)
    server = _Server(config)
    failure: list[BaseException] = []

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                runner.run(server.serve([line]))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told to the test that waits below
            failure.append(error)
        finally:
            server.listens.set()

    thread = threading.Thread(target=run, name="local server", daemon=True)
    thread.start()
    try:
        assert server.listens.wait(STARTS_WITHIN), "the server did not start"
        assert not failure, failure
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STARTS_WITHIN)
        line.close()
    assert not thread.is_alive(), "the server did not stop"
    assert not failure, failure
