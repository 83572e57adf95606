"""What the server serves: every door at its path, the tills' where they have a secret, and how the service is."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response as Answer
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.db.core.engine import Database
from bot.metrics import Metrics
from bot.web.bodies import Bodies
from bot.web.coupons import CouponTill
from bot.web.entrance import GONE, Entrance, refusal
from bot.web.limits import Limits
from bot.web.orders import Till
from bot.web.state import State
from bot.wire import Door, Pulse

log = logging.getLogger(__name__)

OTHER = "other"  # the one name of all paths that are none of ours: a stranger may think up many


@dataclass(frozen=True, slots=True)
class WebParts:
    """What the server needs of the service. Without `pos_secret` there is no `/orders` and no `/coupons/redeem`.

    `pulses` tells how each channel is, by its name; it is asked in the event loop, and must not wait.
    """

    database: Database
    data: Path
    metrics: Metrics
    pulses: Callable[[], Mapping[str, Pulse]]
    now: Callable[[], datetime]
    pos_secret: str | None = None
    limits: Limits = field(default_factory=Limits)


def build(doors: Sequence[Door], parts: WebParts) -> Starlette:
    """The application. Its lifespan ends when whatever it was storing is stored."""
    bodies = Bodies(parts.limits)
    looking = ThreadPoolExecutor(1, thread_name_prefix="state")
    state = State(parts.database, parts.metrics, parts.pulses, parts.now, looking)
    tills = _tills(parts, parts.pos_secret) if parts.pos_secret else []
    every = [*doors, *(till.door for till in tills)]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        for till in tills:
            await asyncio.to_thread(till.close)
        looking.shutdown(wait=False, cancel_futures=True)

    routes = [
        Route("/health", state.health),
        Route("/ready", state.ready),
        Route("/metrics", state.figures),
    ]
    app = _Site(routes=routes, exception_handlers={404: _refused, 405: _refused}, lifespan=lifespan)
    app.router.redirect_slashes = False  # a redirect would repeat whatever host a stranger named
    app.open(parts.metrics, {door.path: Entrance(door, bodies) for door in every})
    return app


def _tills(parts: WebParts, secret: str) -> list[Till | CouponTill]:
    return [
        Till(parts.database, parts.data, secret, parts.now),
        CouponTill(parts.database, secret, parts.now),
    ]


async def _refused(_request: Request, error: Exception) -> Answer:
    return refusal(getattr(error, "status_code", 404))


class _Site(Starlette):
    """Doors stand before Starlette's middleware, which would cost a callback as much as all the rest of HTTP."""

    def open(self, metrics: Metrics, entrances: dict[str, Entrance]) -> None:
        self._metrics = metrics
        self._entrances = entrances
        self._paths = frozenset(route.path for route in self.routes if isinstance(route, Route))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and count it, by path and status."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        path: str = scope["path"]
        entrance = self._entrances.get(path)
        name = path if entrance or path in self._paths else OTHER
        status: int | str = GONE
        began = time.perf_counter()
        try:
            status = await (entrance(scope, receive, send) if entrance else self._other(scope, receive, send))
        except asyncio.CancelledError:  # the server stops, and has hung up already
            log.warning("a request to %s was cut off", name)
        finally:
            self._metrics.answered(name, status, time.perf_counter() - began)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> int | str:
        status: int | str = GONE

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await super().__call__(scope, receive, noting)
        return status
