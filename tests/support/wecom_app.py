"""A self-built app at work beside a local WeCom: each on a port and a loop of its own, as in a shop."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import BaseRoute, Route

from bot.channels.wecom import WecomApp, WecomAppSetup
from bot.channels.wecom.crypto import Crypto
from bot.chat import Address, Incoming
from bot.sandbox.model import Bubble, Group, Person
from bot.sandbox.wecom import WecomServer, WecomSetup
from bot.wire import Desk, Door, Event, Parcel, Request
from tests.support.local_server import PLAIN, serving

CORP, AGENT, SECRET = "wwcorp0000000001", 1000002, "AppSecretNobodyMayRead000000000000000000000"
TOKEN, AES_KEY = "AppToken42", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CONTACT_SECRET = "ContactSecretNobodyMayRead"
PEOPLE = (Person("xiaowang", "小王"), Person("xiaoli", "小李"))
GROUPS = (Group("wrGroupOne", "徐汇店", ("xiaowang", "xiaoli")),)
WANG = Address("wecom", "xiaowang", "xiaowang")
PATIENCE = 20.0
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)

T = TypeVar("T")


class Clock:
    """One time for WeCom and the shop; `ahead` moves it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def seconds(self) -> float:
        return time.time() + self.ahead


class Ledger:
    """A desk that keeps what it is handed, each key once. `fails`: so many times storage is away first."""

    def __init__(self, clock: Clock) -> None:
        self.taken: list[Incoming] = []
        self.told: list[Event] = []
        self.tries = 0
        self.fails = 0
        self.gate: asyncio.Event | None = None
        self._clock = clock

    async def take(self, message: Incoming) -> bool:
        await self._store()
        if message.key in {one.key for one in self.taken}:
            return False
        self.taken.append(message)
        return True

    async def tell(self, event: Event) -> bool:
        await self._store()
        self.told.append(event)
        return True

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.seconds(), UTC)

    async def _store(self) -> None:
        self.tries += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.fails:
            self.fails -= 1
            raise OSError("the disk is away")


class Loop:
    """The loop a server runs on, to act there from a test: callbacks at `here`, WeCom `there`."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(act, self.loop).result(PATIENCE)


@contextmanager
def hosted(*routes: BaseRoute, channel: WecomApp | None = None, desk: Desk | None = None) -> Iterator[tuple[str, Loop]]:
    """Routes on a port; a channel is opened before the first request and closed after the last."""
    home = Loop()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        home.loop = asyncio.get_running_loop()
        if channel and desk:
            await channel.open(desk)
        yield
        if channel:
            await channel.close()

    with serving(Starlette(routes=list(routes), lifespan=lifespan)) as address:
        yield address, home


def hung(door: Door) -> Route:
    """A door as the service hangs it."""

    async def enter(request: HttpRequest) -> HttpResponse:
        asked = Request(request.method, dict(request.query_params), dict(request.headers), await request.body())
        answer = await door.receive(asked)
        return HttpResponse(answer.body, answer.status, media_type=answer.media_type)

    return Route(door.path, enter, methods=list(door.methods))


@dataclass
class Shop:
    """The local WeCom, the app and its desk."""

    wecom: WecomServer
    app: WecomApp
    desk: Ledger
    clock: Clock
    here: Loop
    there: Loop
    folder: Path
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=PATIENCE, verify=PLAIN))

    @property
    def callback(self) -> str:
        return self.wecom.callback_url

    def fresh(self) -> "Shop":
        """As if nothing had happened yet; starting both servers anew for each test would take longer than the tests."""
        corp, app, desk = self.wecom.corp, self.app, self.desk
        self.clock.ahead, desk.tries, desk.fails, desk.gate = 0.0, 0, 0, None
        self.wecom.clear_faults()
        past: list[Any] = [desk.taken, desk.told, corp.calls, corp.callbacks, corp.complaints, corp.views, corp.dropped]
        past += [corp.invisible, corp.unlicensed, corp.windows._times]
        past += [app._labels, app._repeats._said, app._callbacks._told, app.api._media]
        past += [talk.bubbles for person in PEOPLE for talk in self.wecom.talks(person.id)]
        for kept in past:
            kept.clear()
        for path in self.folder.glob("files/*"):
            path.unlink()
        return self

    def say(self, text: str, person: str = "xiaowang", quotes: str | None = None) -> str:
        return self.there.do(self.wecom.say(person, "app", text, quotes))

    def press(self, data: str, bubble: str = "", person: str = "xiaowang") -> str:
        return self.there.do(self.wecom.press(person, "app", bubble, data, {}))

    def send(self, text: str, **more: Any) -> None:
        """Send a parcel as the core does: its pieces one after another."""
        self.post(parcel(text, **more))

    def post(self, given: Parcel) -> None:
        for piece in self.app.pieces(given):
            asyncio.run(self.app.post(piece))

    def bubbles(self, person: str = "xiaowang") -> list[Bubble]:
        """What the app has said to her."""
        talk = next(one for one in self.wecom.talks(person) if one.id == "app")
        return [bubble for bubble in talk.bubbles if not bubble.mine]

    def sent(self, path: str = "message/send") -> list[dict[str, Any]]:
        """The bodies of the calls of one path."""
        return [call.body for call in self.wecom.calls if call.path == path]

    def count(self, path: str) -> int:
        return sum(call.path == path for call in self.wecom.calls)

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until it holds; a test that waits in vain fails."""
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, "it did not come"
            time.sleep(0.005)


def parcel(text: str, key: str = "", **more: Any) -> Parcel:
    return replace(Parcel(key or f"answer:{secrets.token_hex(8)}", WANG, text), **more)


@contextmanager
def shop(folder: Path, api: str = "", **wecom: Any) -> Iterator[Shop]:
    """An app that is open, and callbacks that reach it; `api` replaces the address of the local WeCom."""
    clock = Clock()
    setup = WecomSetup(
        corp_id=CORP, agent_id=AGENT, secret=SECRET, token=TOKEN, aes_key=AES_KEY, bot_id="aib", bot_secret="s",
        contact_secret=CONTACT_SECRET, **wecom,
    )  # fmt: skip
    server = WecomServer(setup, PEOPLE, GROUPS, clock.seconds)
    with ExitStack() as stack:
        address, there = stack.enter_context(hosted(*server.routes))
        server.address = address
        app = WecomApp(WecomAppSetup(CORP, AGENT, SECRET, TOKEN, AES_KEY, api or address, files=folder / "files"))
        desk = Ledger(clock)
        bot, here = stack.enter_context(hosted(hung(app.doors[0]), channel=app, desk=desk))
        server.callback_url = f"{bot}/wecom/callback"
        found = Shop(server, app, desk, clock, here, there, folder)
        yield found
        found.http.close()


class Sender:
    """WeCom's side of the door, for what an honest WeCom would not send."""

    def __init__(self, shop: Shop, crypto: Crypto | None = None) -> None:
        self.crypto = crypto or Crypto(TOKEN, AES_KEY, CORP)
        self._shop = shop

    def query(self, encrypted: str, **changes: str) -> dict[str, str]:
        timestamp = changes.pop("timestamp", str(int(self._shop.clock.seconds())))
        signature = self.crypto.sign(timestamp, "nonce", encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": "nonce"} | changes

    def seal(self, plain: bytes) -> str:
        return self.crypto.seal(plain, "nonce", 0)[0]

    def post(self, plain: bytes, **changes: str) -> httpx.Response:
        """Deliver a plaintext, rightly sealed."""
        encrypted = self.seal(plain)
        return self.raw(envelope(encrypted), self.query(encrypted, **changes))

    def raw(self, body: bytes, query: Mapping[str, str]) -> httpx.Response:
        return self._shop.http.post(f"{self._shop.callback}?{urlencode(query)}", content=body)

    def get(self, query: Mapping[str, str]) -> httpx.Response:
        return self._shop.http.get(f"{self._shop.callback}?{urlencode(query)}")


def envelope(encrypted: str) -> bytes:
    return f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


def letter(kind: str = "text", **fields: str) -> bytes:
    """The plaintext of a message of 小王's."""
    given = {
        "ToUserName": CORP,
        "FromUserName": "xiaowang",
        "CreateTime": str(int(time.time())),
        "MsgType": kind,
        "AgentID": str(AGENT),
    } | fields
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in given.items())}</xml>".encode()
