"""The long connection as the core sees it: frames come in through lanes, answers go out with receipts."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from aibot import WsCmd

from bot.channels.wecom_bot.faults import BAD_REQUEST_ID, STREAM_OVER, TASK_KNOWN, RefusedError
from bot.channels.wecom_bot.intake import LOST_FILE, Intake
from bot.channels.wecom_bot.lanes import Lanes
from bot.channels.wecom_bot.line import Frame
from bot.channels.wecom_bot.link import Link
from bot.channels.wecom_bot.memory import Recent
from bot.channels.wecom_bot.reading import Heard, read
from bot.channels.wecom_bot.setup import Rhythm, WecomBotSetup, welcome
from bot.channels.wecom_bot.upload import upload
from bot.channels.wecom_bot.wrapping import Card, for_link, greyed
from bot.wire import Desk, Door, Parcel, Piece, Pulse, SendError

log = logging.getLogger(__name__)

_STREAM_LIFE = 330.0  # a stream lives 6 minutes from its question; later answers are messages of our own


class LongMode:
    """Frames to the desk, pieces to the platform."""

    doors: tuple[Door, ...] = ()

    def __init__(self, setup: WecomBotSetup, rhythm: Rhythm) -> None:
        """Nothing is opened yet."""
        self._setup = setup
        self._rhythm = rhythm
        self._lanes = Lanes()
        self._link = Link(setup, rhythm, self._hear)
        self._keeping: asyncio.Task[None] | None = None
        self._requests: Recent[tuple[int, str, float]] = Recent(10_000)
        self._cards: Recent[Card] = Recent(1_000)
        self._unsure: Recent[bool] = Recent(1_000)
        self._intake: Intake | None = None

    def open(self, desk: Desk) -> None:
        """Get ready; the connection is made by `listen` alone, since a second one would end the first."""
        self._intake = Intake(self._setup, self._rhythm, desk)

    async def listen(self) -> None:
        """Hold the connection. Cancelled, it stays until `close`, so that answers under way still go out."""
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._link.keep())
        await asyncio.shield(self._keeping)

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """See `for_link`."""
        return for_link(parcel)

    async def post(self, piece: Piece) -> None:
        """Send one piece; raises SendError."""
        match piece.body["do"]:
            case "say":
                await self._say(piece.body)
            case "card":
                await self._show(piece.body)
            case "file":
                sort, media = await upload(self._link.ask, piece.body["path"], piece.body["sort"])
                await self._push(piece.body, sort, {"media_id": media})
            case _:
                await self._grey(piece.body)

    def pulse(self) -> Pulse:
        """How the connection is."""
        return self._link.pulse()

    async def close(self) -> None:
        """Let messages under way be stored, then end the connection cleanly."""
        await self._lanes.finish(5)
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        if self._intake is not None:
            await self._intake.client.aclose()

    async def _hear(self, frame: Frame) -> None:
        heard = read(frame.get("body"), self._setup.bot_id, self._setup.name)
        line = self._link.line
        if heard is None or line is None:
            return
        req_id = str(frame["headers"]["req_id"])
        if heard.kind == "other":
            log.info("a message or event of a kind without meaning here was left out")
            return
        self._requests.put(req_id, (line.number, heard.address.chat, time.monotonic()))
        await self._lanes.add(heard.address.chat, lambda: self._take(heard, req_id))

    async def _take(self, heard: Heard, req_id: str) -> None:
        if self._intake is None:
            raise RuntimeError("not opened")
        if heard.kind == "welcome":
            hello = {"msgtype": "text", "text": {"content": welcome(self._setup.name)}}
            await self._courtesy(WsCmd.RESPONSE_WELCOME, hello, req_id)
            return
        back = {"chat": heard.address.chat, "req_id": req_id}
        if heard.press is not None:
            back["task_id"] = heard.task
        if not await self._intake.keep(heard, back, patient=True):
            sorry = {"id": f"lost-{req_id}"[:64], "finish": True, "content": LOST_FILE}
            await self._courtesy(WsCmd.RESPONSE, {"msgtype": "stream", "stream": sorry}, req_id)

    async def _courtesy(self, cmd: str, body: Frame, req_id: str) -> None:
        try:
            await self._link.ask(cmd, body, req_id)
        except SendError as error:
            log.info("a courtesy was not sent: %s", error.say)

    async def _say(self, body: Mapping[str, Any]) -> None:
        stream, req_id = body["stream"], body["req_id"]
        if not self._answerable(req_id, body["to"]["chatid"]):
            if self._unsure.get(stream):
                raise SendError("never", "这条回答可能已经送到，连接换了，不再重发")
            await self._push(body, "markdown", {"content": body["content"]})
            return
        answer = {"msgtype": "stream", "stream": {"id": stream, "finish": True, "content": body["content"]}}
        try:
            await self._link.ask(WsCmd.RESPONSE, answer, req_id)
        except SendError as error:
            if _code(error) == STREAM_OVER and self._unsure.get(stream):
                return  # finished by the try whose receipt was lost
            if error.fault == "unknown":
                self._unsure.put(stream, True)
            if _code(error) in (BAD_REQUEST_ID, STREAM_OVER):
                self._requests.drop(req_id)  # the next try goes without it
            raise

    async def _show(self, body: Mapping[str, Any]) -> None:
        card = body["card"]
        try:
            await self._push(body, "template_card", card)
        except SendError as error:
            if _code(error) not in TASK_KNOWN:
                raise
        self._cards.put(card["task_id"], card)

    async def _grey(self, body: Mapping[str, Any]) -> None:
        """Within the platform's five seconds, or not at all."""
        if self._answerable(body["req_id"], body["to"]["chatid"], self._rhythm.update):
            card = greyed(self._cards.get(body["task"]), body["task"], body["key"])
            update = {"response_type": "update_template_card", "template_card": card}
            await self._link.ask(WsCmd.RESPONSE_UPDATE, update, body["req_id"])

    async def _push(self, body: Mapping[str, Any], sort: str, content: Mapping[str, Any]) -> None:
        await self._link.ask(WsCmd.SEND_MSG, {**body["to"], "msgtype": sort, sort: content})

    def _answerable(self, req_id: str, chat: str, seconds: float = _STREAM_LIFE) -> bool:
        """Whether a request came over the connection of now, in this chat, and not too long ago."""
        number, where, since = self._requests.get(req_id) or (0, "", 0.0)
        line = self._link.line
        return line is not None and line.number == number and where == chat and time.monotonic() - since < seconds


def _code(error: SendError) -> int:
    return error.__cause__.code if isinstance(error.__cause__, RefusedError) else 0
