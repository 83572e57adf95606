"""How the service is: alive, ready, and in figures. Whoever comes through a proxy learns one word at most."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response as Answer

from bot.db import people
from bot.db.core.engine import Database
from bot.db.talk import inbox
from bot.domain.errors import UnavailableError
from bot.metrics import TEXT_FORMAT, Metrics
from bot.web.entrance import answer, refusal
from bot.wire import Pulse, Response

LONGEST_WAIT = 120.0  # seconds a message may wait for its answer before something must be stuck
_PATIENCE = 3.0  # seconds for the database to answer
_PROXIED = ("forwarded", "via", "x-real-ip")


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the database found: messages waiting, how long the oldest does, answers that are not out yet.

    NaN is what cannot be known.
    """

    database: bool = False
    keys: bool = False
    waiting: float = math.nan
    oldest_seconds: float = math.nan
    owed: float = math.nan

    @property
    def is_ready(self) -> bool:
        """Whether messages can be taken and are being answered."""
        return self.database and self.keys and self.oldest_seconds <= LONGEST_WAIT


def look(database: Database, now: datetime) -> Look:
    """Read what tells whether messages can be kept and opened."""
    try:
        with database.reading() as conn:
            waiting, oldest, owed = inbox.backlog(conn)
            age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
            try:
                people.read_one(conn)
            except UnavailableError:
                return Look(True, False, waiting, age, owed)
    except (SQLAlchemyError, OSError):
        return Look()
    return Look(True, True, waiting, age, owed)


@dataclass(frozen=True, slots=True)
class State:
    """Answers `/health`, `/ready` and `/metrics`; one look at a time, in a thread of its own."""

    database: Database
    metrics: Metrics
    pulses: Callable[[], Mapping[str, Pulse]]
    now: Callable[[], datetime]
    thread: ThreadPoolExecutor

    async def health(self, _request: Request) -> Answer:
        """The process answers: touches nothing else."""
        return answer(Response(body=b"ok"))

    async def ready(self, request: Request) -> Answer:
        """Whether it is of use to send something here. A channel in trouble is told, and shuts no other's door."""
        seen = await self._look()
        status = 200 if seen.is_ready else 503
        if not is_near(request):
            return answer(Response(status, b"ready" if seen.is_ready else b"not ready"))
        told = {
            "ready": seen.is_ready,
            "database": seen.database,
            "keys": seen.keys,
            "oldest_seconds": None if math.isnan(seen.oldest_seconds) else seen.oldest_seconds,
            "channels": {name: {"ok": pulse.ok, "say": pulse.say} for name, pulse in self.pulses().items()},
        }
        return answer(Response(status, json.dumps(told, ensure_ascii=False).encode(), "application/json"))

    async def figures(self, request: Request) -> Answer:
        """Everything that is counted."""
        if not is_near(request):
            return refusal(404)
        seen = await self._look()
        self.metrics.told(
            {name: pulse.ok for name, pulse in self.pulses().items()}, seen.waiting, seen.oldest_seconds, seen.owed
        )
        return answer(Response(body=self.metrics.text(), media_type=TEXT_FORMAT))

    async def _look(self) -> Look:
        looking = asyncio.get_running_loop().run_in_executor(self.thread, look, self.database, self.now())
        try:
            return await asyncio.wait_for(looking, _PATIENCE)
        except TimeoutError:
            return Look()


def is_near(request: Request) -> bool:
    """Whether a request comes from this machine or its own network, by itself and not through a proxy."""
    if any(name in _PROXIED or name.startswith("x-forwarded-") for name in request.headers):
        return False
    try:
        host = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    return (mapped or host).is_private
