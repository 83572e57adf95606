"""What the server's tests share: a shop, the server on a real socket, and a till that signs its posts."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.db import people
from bot.db.core.engine import Database
from bot.metrics import Metrics
from bot.web.application import WebParts, build
from bot.web.limits import Limits
from bot.web.server import Server
from bot.wire import Door, Pulse
from tests.support.local_server import PLAIN

SECRET = "the till's own secret"


@dataclass(frozen=True)
class Site:
    """A running server, and who talks to it."""

    server: Server
    client: httpx.AsyncClient
    parts: WebParts

    async def post(self, body: Any, **wrong: str) -> httpx.Response:
        """What a till posts, signed unless something is wrong with it."""
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self.client.post("/orders", content=content, headers=self.signed(content, **wrong))

    def signed(self, content: bytes, at: str | None = None, secret: str = SECRET) -> dict[str, str]:
        at = at if at is not None else str(int(self.parts.now().timestamp()))
        signature = hmac.digest(secret.encode(), at.encode() + b"." + content, hashlib.sha256).hex()
        return {"X-Zhanggui-Timestamp": at, "X-Zhanggui-Signature": signature}

    async def raw(self, *pieces: bytes) -> bytes:
        """Everything that comes back for these bytes, until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        for piece in pieces:
            writer.write(piece)
        found = await reader.read()
        writer.close()
        return found


Open = Callable[..., AbstractAsyncContextManager[Site]]
Visit = Callable[[Site], Awaitable[Any]]


@pytest.fixture
def shop(database: Database) -> Database:
    """A chain with nothing in it."""
    database.transact(lambda conn: people.make_chain(conn, "茶", "tea", "store", "Asia/Shanghai"))
    return database


@pytest.fixture
def site(shop: Database, tmp_path: Path, now: datetime) -> Open:
    """Open the server for the time of a test: `async with site(door, …) as here`."""

    @asynccontextmanager
    async def opened(*doors: Door, pulses: dict[str, Pulse] | None = None, **changes: Any) -> AsyncIterator[Site]:
        limits = changes.pop("limits", Limits())
        given = {"database": shop, "now": lambda: now, "pos_secret": SECRET, **changes}
        parts = WebParts(data=tmp_path / "data", metrics=Metrics(), pulses=lambda: pulses or {}, limits=limits, **given)
        server = Server(build(doors, parts), limits=limits)
        await server.start()
        try:
            base = f"http://127.0.0.1:{server.port}"
            async with httpx.AsyncClient(base_url=base, trust_env=False, verify=PLAIN) as client:
                yield Site(server, client, parts)
        finally:
            await server.stop()

    return opened
