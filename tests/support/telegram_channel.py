"""The Telegram channel against the local Bot API server, over real sockets; the desk is the test's end of the wire."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.channels.telegram import Rhythm, Telegram, TelegramSetup
from bot.chat import Address, Incoming
from bot.sandbox.model import Group, Person
from bot.sandbox.telegram import Call, TelegramServer
from bot.wire import Door, Event, Parcel, Request
from tests.support.bot_api import request_faults

TOKEN = "7000000001:AAtesttesttesttesttesttest"
SECRET = "s3cret_of-the-hook"
MENU = (("cx", "查", "查客户：手机号或姓名"), ("rw", "任务", "今天要做的"), ("bz", "帮助", "能做什么"))
PEOPLE = (Person("xiaowang", "小王"), Person("xiaoli", "小李"))
GROUPS = (Group("001", "徐汇店群", ("xiaowang", "xiaoli")),)
QUICK = Rhythm(poll=5, answer=2.0, deaf=30.0, first_wait=0.01, longest_wait=0.05)
PATIENCE = 15.0


class Desk:
    """Keeps what it is handed; `broken` is a database that is away, `stays` what it says to a group."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.told: list[Event] = []
        self.tries = 0
        self.broken = False
        self.stays = True

    async def take(self, message: Incoming) -> bool:
        self.tries += 1
        if self.broken:
            raise OSError("away")
        if message.key in {one.key for one in self.taken}:
            return False
        self.taken.append(message)
        return True

    async def tell(self, event: Event) -> bool:
        self.tries += 1
        if self.broken:
            raise OSError("away")
        self.told.append(event)
        return self.stays

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class Line:
    """One channel on its line to the local Telegram."""

    server: TelegramServer
    setup: TelegramSetup
    channel: Telegram
    desk: Desk = field(default_factory=Desk)

    @property
    def wang(self) -> Address:
        number = str(self.server.user_id_of("xiaowang"))
        return Address("telegram", number, number)

    @property
    def group(self) -> Address:
        return Address("telegram", self.wang.account, str(self.server.chat_id_of("001")), private=False)

    async def heard(self, count: int = 1) -> list[Incoming]:
        """What the desk has, once it has so many."""
        await until(lambda: len(self.desk.taken) >= count)
        return self.desk.taken

    async def events(self, count: int = 1) -> list[Event]:
        """What the desk was told, once it was told so much."""
        await until(lambda: len(self.desk.told) >= count)
        return self.desk.told

    async def send(self, parcel: Parcel) -> None:
        """Send a parcel as the core does: its pieces one after another."""
        for piece in self.channel.pieces(parcel):
            await self.channel.post(piece)

    def calls(self, method: str) -> list[Call]:
        return [call for call in self.server.calls if call.method == method]

    def said(self, chat: int) -> list[dict[str, Any]]:
        """The bot's messages in a chat, as Telegram keeps them."""
        return [one for one in self.server.world.chats[chat].messages.values() if one["from"]["is_bot"]]


async def until(holds: Callable[[], object]) -> None:
    """Wait until it holds; a test that waits in vain fails."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 — what is waited for happens in several places, none of them an event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """An app on a free port of this machine, by its address."""
    line = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[line]))
    try:
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        line.close()


def doors(found: Sequence[Door]) -> Starlette:
    """The doors of a channel as the service hangs them up."""

    def hung(door: Door) -> Route:
        async def enter(request: HttpRequest) -> HttpResponse:
            headers = dict(request.headers)
            answer = await door.receive(
                Request(request.method, dict(request.query_params), headers, await request.body())
            )
            return HttpResponse(answer.body, answer.status, media_type=answer.media_type)

        return Route(door.path, enter, methods=list(door.methods))

    return Starlette(routes=[hung(door) for door in found])


def local_telegram() -> TelegramServer:
    """A Telegram of our own, with a guide who has started the bot."""
    server = TelegramServer(TOKEN, PEOPLE, GROUPS, time.time)
    server.flood.lift()
    server.private("xiaowang").started = True
    return server


@asynccontextmanager
async def line(folder: Path, rhythm: Rhythm = QUICK, **changes: Any) -> AsyncIterator[Line]:
    """A channel not yet open, and the Telegram it will talk to."""
    server = local_telegram()
    async with served(Starlette(routes=list(server.routes))) as address:
        setup = TelegramSetup(TOKEN, folder / "files", api=address, menu=MENU)
        setup = replace(setup, **changes)
        found = Line(server, setup, Telegram(setup, rhythm))
        try:
            yield found
        finally:
            await found.channel.close()
            server.world.updates.end_poll("over")
        assert [fault for call in server.calls for fault in request_faults(call)] == []


@asynccontextmanager
async def listening(folder: Path, rhythm: Rhythm = QUICK, **changes: Any) -> AsyncIterator[Line]:
    """A channel that is open and polls."""
    async with line(folder, rhythm, **changes) as found:
        await found.channel.open(found.desk)
        polling = asyncio.create_task(found.channel.listen())
        try:
            yield found
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)


def alone(scenario: Callable[[Line], Awaitable[None]], folder: Path, **changes: Any) -> None:
    """Run a scenario with a channel that polls."""

    async def run() -> None:
        async with listening(folder, **changes) as found:
            await scenario(found)

    asyncio.run(run())


def plain(call: Call, name: str) -> Any:
    """A field of a call that is JSON."""
    return json.loads(call.fields[name])
