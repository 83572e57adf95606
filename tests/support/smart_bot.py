"""A smart bot at work beside a local WeCom: each on a port and a loop of its own, as in a shop."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from bot.channels.wecom_bot import Rhythm, WecomBot, WecomBotSetup
from bot.chat import Address, Choice, Incoming, Press
from bot.sandbox.model import Bubble, Group, Person
from bot.sandbox.wecom import WecomServer, WecomSetup
from bot.sandbox.wecom.corp import Stored
from bot.sandbox.wecom.crypto import Seal
from bot.wire import Parcel, Pulse, Request, SendError
from tests.support.loops import PATIENCE, Loop, eventually, quiet_loop, serving_loop
from tests.support.recording_desk import Desk

SECRET, TOKEN, AES_KEY = "SmartSecretNobodyMayRead", "SmartToken42", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aQ"
BOT_ID = "aibSMARTBOT"
PEOPLE = (Person("XiaoWang", "小王"), Person("xiaoli", "小李"))
GROUP = Group("xuhui", "徐汇店", ("XiaoWang", "xiaoli"))
IN_GROUP = "group:xuhui"
MINE = Address("wecom_bot", "XiaoWang", "XiaoWang")
SEAL = Seal(TOKEN, AES_KEY, "")
SAID = {
    "msgid": "M1",
    "chattype": "single",
    "from": {"userid": "XiaoWang"},
    "msgtype": "text",
    "text": {"content": "嗨"},
}
QUICK = Rhythm(again=(0.02, 0.1), ack=1, store=(0.02, 20), kicked=(600, 600), refused=600)


@dataclass
class Corp:
    """The local WeCom and the hands on its phones."""

    server: WecomServer
    on: Loop
    ahead: list[float]
    held: asyncio.Event

    @property
    def ours(self) -> Address:
        """The group as the bot knows it."""
        return Address("wecom_bot", "XiaoWang", self.server.chat_id_of(GROUP.id), private=False)

    def say(self, text: str, *, person: str = "XiaoWang", talk: str = "bot", quotes: str | None = None) -> str:
        return str(self.on.do(lambda: self.server.say(person, talk, text, quotes)))

    def press(self, bubble: Bubble, data: str, *, person: str = "XiaoWang", talk: str = "bot") -> str:
        return str(self.on.do(lambda: self.server.press(person, talk, bubble.id, data, {})))

    def drop(self, name: str, content: bytes) -> str:
        return str(self.on.do(lambda: self.server.drop("XiaoWang", "bot", name, content)))

    def send(self, body: Mapping[str, Any], *, talk: str = "bot", event: bool = False) -> None:
        """A frame or callback that the phones' own hands do not make."""

        async def told() -> None:
            smart = self.server._smart
            turn = smart.begin("card" if event else "message", "XiaoWang", talk)
            whole = {**smart.head(turn), **body}
            if self.server.bot_callback_url:
                await self.server._callback.tell(turn, whole)
            else:
                await self.server._link.tell(turn, whole, event=event)

        self.on.do(told)

    def locked(self, name: str, content: bytes) -> dict[str, Any]:
        """A file as it stands in a message: where it lies, and its key where it has one of its own."""
        stored = Stored(name, "application/octet-stream", content, self.server.corp.now())
        return self.server.bot._locked(stored)

    @contextmanager
    def slow_file(self) -> Iterator[dict[str, Any]]:
        """A file that does not come for as long as this is open."""
        yield {"url": f"{self.on.address}/wecom/slow", "aeskey": "A" * 43}

        async def release() -> None:
            self.held.set()

        self.on.do(release)

    def until(self, holds: Callable[[], bool]) -> None:
        async def waited() -> None:
            stirred = asyncio.Event()
            self.server.watchers.append(stirred.set)
            async with asyncio.timeout(PATIENCE):
                while not holds():
                    stirred.clear()
                    await stirred.wait()
            self.server.watchers.remove(stirred.set)

        self.on.do(waited)

    def fault(self, **wish: object) -> None:
        self.server.add_fault(wish)

    def cut(self, code: int = 1012) -> None:
        """The server hangs up; over when the bot is there again."""
        self.on.do(lambda: self.server._link.cut(code))
        self.until(lambda: self.server.connected)

    def bubbles(self, *, person: str = "XiaoWang", talk: str = "bot") -> list[Bubble]:
        """What the bot said on a phone."""
        return [one for one in self.server.corp.talk(person, talk).bubbles if not one.mine and one.author == "掌柜"]

    def kinds(self, *, person: str = "XiaoWang", talk: str = "bot") -> list[tuple[str, object]]:
        """Kind and words of what the bot said on a phone."""
        said = [one for one in self.server.seen(person) if one.talk == talk]
        return [(one.kind, one.content.get("content")) for one in said if one.bubble.author == "掌柜"]

    def subscribed(self) -> int:
        """How often a subscription was taken."""
        return sum(call.path == "ws/aibot_subscribe" and call.code == 0 for call in list(self.server.calls))

    def until_called(self, command: str, times: int) -> None:
        """Wait until a command has come so often; a call alone changes nothing on a phone, so it is looked for."""
        eventually(lambda: len(self.frames(command)) >= times)

    def frames(self, command: str) -> list[dict[str, Any]]:
        return [call.body for call in list(self.server.calls) if call.path in (f"ws/{command}", command)]


@contextmanager
def corp(*, called_back: bool = False) -> Iterator[Corp]:
    ahead = [0.0]
    more = {"bot_callback_url": "http://127.0.0.1:1/wecom/bot"} if called_back else {}
    setup = WecomSetup(
        corp_id="wwcorp",
        agent_id=1000002,
        secret="AppSecret",
        token="AppToken",
        aes_key="A" * 43,
        bot_id=BOT_ID,
        bot_secret=SECRET,
        bot_token=TOKEN,
        bot_aes_key=AES_KEY,
        patience=5.0,
        **more,
    )
    server = WecomServer(setup, PEOPLE, (GROUP,), lambda: time.time() + ahead[0])
    held = asyncio.Event()

    async def slow(_: HttpRequest) -> HttpResponse:
        await held.wait()
        return HttpResponse()

    with serving_loop(*server.routes, Route("/wecom/slow", slow)) as on:
        server.address = on.address
        yield Corp(server, on, ahead, held)


@dataclass
class Shop:
    """The bot, its desk, and the loop it works on."""

    bot: WecomBot
    desk: Desk
    on: Loop

    def send(self, parcel: Parcel) -> None:
        """As the core does it: piece by piece, a failing optional one left out."""

        async def sent() -> None:
            for piece in self.bot.pieces(parcel):
                try:
                    await self.bot.post(piece)
                except SendError:
                    if not piece.optional:
                        raise

        self.on.do(sent)

    def answer(self, message: Incoming, text: str, **more: Any) -> None:
        self.send(Parcel(f"answer:{message.key}", message.address, text, back=message.back, **more))

    def refusal(self, parcel: Parcel) -> SendError:
        try:
            self.send(parcel)
        except SendError as error:
            return error
        raise AssertionError("it was sent")

    def until(self, words: str) -> None:
        """Wait until the pulse says this."""
        eventually(lambda: words in self.pulse().say)

    def pulse(self) -> Pulse:
        async def told() -> Pulse:
            return self.bot.pulse()

        return self.on.do(told)


@contextmanager
def shop(corp: Corp, files: Path, *, rhythm: Rhythm = QUICK, **settings: str) -> Iterator[Shop]:
    """A bot at work; in callback mode where the corp calls back."""
    called_back = bool(corp.server.bot_callback_url)
    corp.server.address = corp.on.address
    keys = {"token": TOKEN, "aes_key": AES_KEY} if called_back else {"secret": SECRET}
    told = {"bot_id": BOT_ID, "ws": corp.on.address.replace("http", "ws") + "/wecom/ws", **keys, **settings}
    bot = WecomBot(WecomBotSetup(files=files, **told), rhythm)
    desk = Desk(corp.server.corp.now)
    tasks: list[asyncio.Task[None]] = []

    async def begin() -> None:
        await bot.open(desk)
        tasks.append(asyncio.create_task(bot.listen()))

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bot.close()

    before = corp.subscribed()
    doors = [_route(door) for door in bot.doors]
    with serving_loop(*doors) if doors else quiet_loop() as on:
        if called_back:
            corp.server.bot_callback_url = f"{on.address}/wecom/bot"
        at_work = Shop(bot, desk, on)
        on.do(begin)
        try:
            if not called_back and not settings:
                eventually(lambda: corp.subscribed() > before and at_work.pulse().ok)
            yield at_work
        finally:
            on.do(end)


def _route(door: Any) -> Route:
    async def endpoint(request: HttpRequest) -> HttpResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.body()
        answer = await door.receive(Request(request.method, dict(request.query_params), headers, body))
        return HttpResponse(answer.body, answer.status, media_type=answer.media_type)

    return Route(door.path, endpoint, methods=list(door.methods))


def knock(wecom: Corp, at_work: Shop, plain_text: str = "", **changed: str) -> httpx.Response:
    """A callback as the platform seals it, with some parts changed."""
    nonce, timestamp = "n0nce", str(int(wecom.server.corp.now()))
    timestamp = changed.get("timestamp", timestamp)
    sealed = changed.get("encrypt") or SEAL.encrypt(plain_text or json.dumps(SAID))
    query = {"msg_signature": SEAL.sign(timestamp, nonce, sealed), "timestamp": timestamp, "nonce": nonce}
    query |= {name: value for name, value in changed.items() if name in ("msg_signature", "nonce")}
    body = changed.get("body", json.dumps({"encrypt": sealed}))
    return httpx.post(f"{at_work.on.address}/wecom/bot?{urlencode(query)}", content=body.encode(), trust_env=False)


def plain(message: Incoming) -> Incoming:
    """A message without what differs each time."""
    return replace(message, key="", back={}, at=datetime(2026, 1, 1, tzinfo=UTC))


CHOICES = (Choice("记一句", "记 王芳"), Choice("全部", "查 王芳 全部"), Choice("算了", "算了"))
MENU = 0x2A


def press(digit: int) -> str:
    return Press(MENU, digit).key
