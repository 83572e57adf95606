"""The smart bot called back: a message is acknowledged when it is kept, and answered once, at the address it brought.

Whatever is not the platform's own, whole and of now, gets one and the same refusal.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.wecom.crypto import Crypto, Refused
from bot.channels.wecom_bot.faults import CODE_USED, send_error
from bot.channels.wecom_bot.intake import LOST_FILE, Intake
from bot.channels.wecom_bot.lanes import Lanes
from bot.channels.wecom_bot.memory import Recent
from bot.channels.wecom_bot.reading import Heard, read
from bot.channels.wecom_bot.setup import OFFICIAL_API, Rhythm, WecomBotSetup, welcome
from bot.channels.wecom_bot.wrapping import Card, for_callback, greyed
from bot.wire import Desk, Door, Parcel, Piece, Pulse, Request, Response, SendError

log = logging.getLogger(__name__)

PATH = "/wecom/bot"
_WINDOW = 600
_ANSWERABLE = 3600
_NO = Response(403, b"forbidden")
_LATER = Response(503, b"later")
_TAKEN = Response()

Plain = dict[str, Any]


class CallbackMode:
    """The door, and the answers."""

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm) -> None:
        """The keys are checked when it is opened."""
        self.doors = (Door(PATH, ("GET", "POST"), self.receive),)
        self._setup = setup
        self._rhythm = rhythm
        self._lanes = Lanes()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._waiting: dict[str, asyncio.Future[Card]] = {}
        self._cards: Recent[Card] = Recent(1_000)
        self._unsure: Recent[bool] = Recent(1_000)
        self._heard_at = 0.0
        self._crypto: Crypto | None = None
        self._intake: Intake | None = None

    def open(self, desk: Desk) -> None:
        """Get ready; raises SendError("setup")."""
        self._crypto = Crypto(self._setup.token, self._setup.aes_key, "")
        self._intake = Intake(self._setup, self._rhythm, desk)

    async def listen(self) -> None:
        """Nothing: everything comes through the door."""

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """See `for_callback`."""
        return for_callback(parcel)

    def pulse(self) -> Pulse:
        """When the platform was last here."""
        if self._heard_at:
            return Pulse(True, f"回调正常：企业微信 {time.monotonic() - self._heard_at:.0f} 秒前来过")
        return Pulse(True, f"等企业微信来访 {PATH}（启动后还没有来过）")

    async def close(self) -> None:
        """Let what is under way be stored."""
        await self._lanes.finish(5)
        if self._intake is not None:
            await self._intake.client.aclose()

    async def receive(self, request: Request) -> Response:
        """The door itself."""
        if self._crypto is None or self._intake is None:
            return _LATER
        try:
            told = self._opened(self._crypto, self._intake.desk, request)
            body = None if request.method == "GET" else json.loads(told)
        except (Refused, ValueError, RecursionError) as error:
            log.info("a callback of the smart bot was refused: %s", getattr(error, "reason", "format"))
            return _NO
        self._heard_at = time.monotonic()
        if request.method == "GET":
            return Response(body=told)
        heard = read(body, self._setup.bot_id, self._setup.name)
        if heard is None or heard.kind == "other":
            return _TAKEN
        answer = await self._answer(self._intake, heard)
        if isinstance(answer, Response):
            return answer
        return _sealed(self._crypto, answer, request.query["nonce"], int(self._intake.desk.now().timestamp()))

    async def post(self, piece: Piece) -> None:
        """Send one piece; raises SendError."""
        match piece.body["do"]:
            case "reply":
                await self._reply(piece.body)
            case "update":
                self._update(piece.body)
            case _:
                raise SendError("gone", "智能机器人在回调模式里只能答话，不能主动发；要主动发就改用长连接")

    @staticmethod
    def _opened(crypto: Crypto, desk: Desk, request: Request) -> bytes:
        """The plaintext; raises Refused or ValueError."""
        query = request.query
        names = ("msg_signature", "timestamp", "nonce")
        signature, timestamp, nonce = (query.get(name, "") for name in names)
        if request.method == "GET":
            encrypted: object = query.get("echostr", "").replace(" ", "+")  # some proxies take the plus for a blank
        else:
            envelope = json.loads(request.body)
            encrypted = envelope.get("encrypt") if isinstance(envelope, dict) else None
        if not isinstance(encrypted, str) or not nonce or not timestamp.isascii() or not timestamp.isdigit():
            raise Refused("format")
        told = crypto.open(signature, timestamp, nonce, encrypted)
        if len(timestamp) > 12 or abs(desk.now().timestamp() - int(timestamp)) > _WINDOW:
            raise Refused("stale")
        return told

    async def _answer(self, intake: Intake, heard: Heard) -> Response | Plain:
        """What to say within five seconds: mostly nothing."""
        if heard.kind == "welcome":
            return {"msgtype": "text", "text": {"content": welcome(self._setup.name)}}
        begun = asyncio.get_running_loop().time()
        answer: asyncio.Future[Card] | None = None
        if heard.press is not None and not heard.response_url:
            answer = self._waiting.setdefault(heard.key, asyncio.get_running_loop().create_future())
        try:
            storing = asyncio.shield(await self._storing(intake, heard))
            kept = await asyncio.wait_for(storing, self._rhythm.answer)
            if heard.press is None:
                return _TAKEN if kept else _lost(heard)
            return self._updated(heard, await self._card(heard, answer, begun + self._rhythm.answer))
        except Exception as error:  # noqa: BLE001  # not kept, or not yet: the platform will bring it again
            log.warning("a callback could not be stored in time: %s", type(error).__name__)
            return _LATER
        finally:
            self._waiting.pop(heard.key, None)

    async def _storing(self, intake: Intake, heard: Heard) -> "asyncio.Task[bool]":
        """The work of storing, also the one begun for an earlier delivery of the same."""
        if (running := self._running.get(heard.key)) is not None:
            return running
        back = {"chat": heard.address.chat}
        if heard.press is not None:
            back["task_id"] = heard.task
        if heard.response_url:
            back |= {"url": heard.response_url, "until": str(int(intake.desk.now().timestamp()) + _ANSWERABLE)}
        elif heard.press is not None:
            back["event"] = heard.key
        task = await self._lanes.add(heard.address.chat, lambda: intake.keep(heard, back))
        self._running[heard.key] = task
        task.add_done_callback(lambda _: self._running.pop(heard.key, None))
        return task

    async def _card(self, heard: Heard, answer: "asyncio.Future[Card] | None", until: float) -> Card:
        """What replaces the pressed card: the answer itself, where no other way is left for it."""
        grey = greyed(self._cards.get(heard.task), heard.task, heard.press.key if heard.press else "")
        if answer is None:
            return grey
        try:
            async with asyncio.timeout_at(until):
                return await asyncio.shield(answer)
        except TimeoutError:
            return grey

    @staticmethod
    def _updated(heard: Heard, card: Card) -> Plain:
        group = {} if heard.address.private else {"userids": [heard.address.account]}
        return {"response_type": "update_template_card", **group, "template_card": card}

    def _update(self, body: Mapping[str, Any]) -> None:
        waiting = self._waiting.get(body["event"])
        if waiting is None or waiting.done():
            raise SendError("never", "点卡片后 5 秒内没来得及答，企业微信没有给别的地方")
        card = {**body["card"], "task_id": body["task"]}
        self._cards.put(body["task"], card)
        waiting.set_result(card)

    async def _reply(self, body: Mapping[str, Any]) -> None:
        url, plain = body["url"], body["body"]
        if self._intake is None or not self._trusted(url):
            raise SendError("never", "要答话的地址不是企业微信的，没有发")
        if self._intake.desk.now().timestamp() > float(body["until"] or 0):
            raise SendError("never", "过了一小时，企业微信不再收这条回答")
        try:
            response = await self._intake.client.post(url, json=plain)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise SendError("again", "连不上企业微信") from None
        except httpx.HTTPError:
            self._unsure.put(url, True)
            raise SendError("unknown", "企业微信没有回执") from None
        code = _errcode(response)
        if code is None:
            self._unsure.put(url, True)
            raise SendError("unknown", f"企业微信的回执看不懂（HTTP {response.status_code}）")
        if code and not (code == CODE_USED and self._unsure.get(url)):
            raise send_error(code)
        if card := plain.get("template_card"):
            self._cards.put(card["task_id"], card)

    def _trusted(self, url: str) -> bool:
        """Whether an address is the platform's own: what is told to it is customers' data."""
        where = urlsplit(url)
        return (where.scheme == "https" and where.netloc == urlsplit(OFFICIAL_API).netloc) or (
            where.scheme in ("http", "https") and where.netloc in self._setup.local
        )


def _lost(heard: Heard) -> Plain:
    stream = {"id": heard.key[-60:], "finish": True, "content": LOST_FILE}
    return {"msgtype": "stream", "stream": stream}


def _sealed(crypto: Crypto, plain: Plain, nonce: str, timestamp: int) -> Response:
    encrypted, signature = crypto.seal(json.dumps(plain, ensure_ascii=False).encode(), nonce, timestamp)
    answer = {"encrypt": encrypted, "msgsignature": signature, "timestamp": timestamp, "nonce": nonce}
    return Response(body=json.dumps(answer).encode(), media_type="application/json")


def _errcode(response: httpx.Response) -> int | None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return 45009
    try:
        code = response.json()["errcode"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, int) and response.status_code == httpx.codes.OK else None
