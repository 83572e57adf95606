"""The smart bot's long connection: frames of JSON, one live connection, the newer one cuts the older."""

import asyncio
import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.sandbox.wecom.api.media import check_media
from bot.sandbox.wecom.corp import Call, Corp, Stored
from bot.sandbox.wecom.faults import LINK_KINDS, ORDER_KINDS, Fault
from bot.sandbox.wecom.refusals import WORDS, Body, RefusedError
from bot.sandbox.wecom.smart.rules import OWNER, SmartBot, Turn

KINDS = ("stream", "template_card", "stream_with_template_card", "markdown", "file", "image", "voice", "video")
CHUNKS, CHUNK_BYTES = 100, 512 << 10
Command = Callable[[str, Body], Body]
UPLOADS = ((30, 60.0), (1000, 3600.0))
TAKEN_OVER, CUT = 1000, 1012


@dataclass(slots=True)
class Arriving:
    """A file on its way in, by chunks."""

    kind: str
    name: str
    size: int
    count: int
    md5: str
    chunks: dict[int, bytes] = field(default_factory=dict)


class SmartLink:
    """The server's end of the long connection."""

    def __init__(self, bot: SmartBot) -> None:
        """No connection is live at first."""
        self._bot = bot
        self._corp: Corp = bot.corp
        self._live: WebSocket | None = None
        self._held: list[Body] = []  # frames that wait for a later one to overtake them
        self._cutting: set[asyncio.Task[None]] = set()
        self._arriving: dict[str, Arriving] = {}
        self._commands: dict[str, Command] = {
            "ping": lambda _name, _body: {},
            "aibot_respond_msg": self._respond,
            "aibot_respond_welcome_msg": self._welcome,
            "aibot_respond_update_msg": self._update,
            "aibot_send_msg": self._send,
            "aibot_upload_media_init": self._begin_upload,
            "aibot_upload_media_chunk": self._chunk,
            "aibot_upload_media_finish": self._finish_upload,
        }

    @property
    def live(self) -> bool:
        """Whether a bot is connected and subscribed."""
        return self._live is not None

    async def serve(self, socket: WebSocket) -> None:
        """One connection from its opening to its end."""
        await socket.accept()
        try:
            while True:
                await self._frame(socket, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            if self._live is socket:
                self._live = None
                self._corp.changed()

    async def tell(self, turn: Turn, body: Body, *, event: bool) -> bool:
        """Hand a message or an event to the bot; False where it is not connected or did not get it."""
        command = "aibot_event_callback" if event else "aibot_msg_callback"
        fault = self._corp.faults.strike(f"ws/{command}", ("kick",))
        if fault is not None:
            await self.cut()
        socket = self._live  # another kick may come while a frame is on its way
        if socket is None:
            return False
        frame = {"cmd": command, "headers": {"req_id": turn.id}, "body": body}
        order = self._corp.faults.strike("callback/bot", ORDER_KINDS)
        if order is not None and order.kind == "out_of_order":
            self._held.append(frame)
            return True
        held, self._held = self._held, []
        try:
            for one in (frame, *([frame] if order is not None else []), *held):
                await _put(socket, one)
        except (RuntimeError, WebSocketDisconnect):  # closed by us, or by the bot
            return False
        return True

    async def cut(self, code: int = CUT) -> None:
        """End the live connection."""
        socket, self._live = self._live, None
        if socket is not None and socket.application_state is WebSocketState.CONNECTED:
            await socket.close(code)

    def cut_soon(self) -> None:
        """The same, from a function that cannot wait; nothing where no connection is live."""
        if self._live is not None:
            task = asyncio.create_task(self.cut())
            self._cutting.add(task)
            task.add_done_callback(self._cutting.discard)

    async def _frame(self, socket: WebSocket, raw: str) -> None:
        frame = _read(raw)
        command, name, body = frame.get("cmd", ""), str(frame["headers"].get("req_id", "")), frame.get("body") or {}
        call = Call(f"ws/{command}", self._corp.now(), {"req_id": name}, body)
        self._corp.calls.append(call)
        fault = self._corp.faults.strike(call.path, (*LINK_KINDS, "lost", "reset"), codes=True)
        if fault is not None:
            call.fault = fault.kind
        if fault is None or fault.acts or fault.kind == "mute":
            answer = await self._answer(socket, str(command), name, body)
            call.code = int(answer["errcode"])
        else:
            answer = {"errcode": fault.code or 0, "errmsg": WORDS.get(fault.code or 0, "error")}
        await self._acknowledge(socket, name, answer, fault)

    async def _acknowledge(self, socket: WebSocket, name: str, answer: Body, fault: Fault | None) -> None:
        if fault is not None and fault.kind in ("kick", "lost", "reset"):
            if self._live is socket:
                self._live = None
            await socket.close(CUT)
            raise WebSocketDisconnect(CUT)
        if fault is None or fault.kind != "mute":
            await _put(socket, {"headers": {"req_id": name}, **answer})

    async def _answer(self, socket: WebSocket, command: str, name: str, body: Body) -> Body:
        try:
            if command == "aibot_subscribe":
                await self._subscribe(socket, body)
                return {"errcode": 0, "errmsg": "ok"}
            more = self._command(socket, command)(name, body)
        except RefusedError as refusal:
            words = WORDS[refusal.code] + (f": {refusal.what}" if refusal.what else "")
            return {"errcode": refusal.code, "errmsg": words}
        return {"errcode": 0, "errmsg": "ok"} | ({"body": more} if more else {})

    def _command(self, socket: WebSocket, command: str) -> Command:
        if socket is not self._live:
            raise RefusedError(846609)
        if command not in self._commands:
            raise RefusedError(40058, "cmd")
        return self._commands[command]

    async def _subscribe(self, socket: WebSocket, body: Body) -> None:
        setup = self._corp.setup
        right = (body.get("bot_id"), body.get("secret")) == (setup.bot_id, setup.bot_secret)
        if not right or self._corp.bot_callback_url:
            raise RefusedError(853000)
        older, self._live = self._live, socket
        self._corp.address = self._corp.address or str(socket.base_url).replace("ws", "http", 1).rstrip("/")
        self._corp.changed()
        if older is not None and older is not socket:
            event = {
                "msgid": self._corp.name("MSGID"),
                "create_time": int(self._corp.now()),
                "aibotid": setup.bot_id,
                "msgtype": "event",
                "event": {"eventtype": "disconnected_event"},
            }
            headers = {"req_id": self._corp.name("EVENT")}
            await _put(older, {"cmd": "aibot_event_callback", "headers": headers, "body": event})
            await older.close(TAKEN_OVER)

    def _turn(self, name: str) -> Turn:
        turn = self._bot.turns.get(name)
        if turn is None:
            raise RefusedError(846605)
        return turn

    def _respond(self, name: str, body: Body) -> Body:
        self._bot.answer(self._turn(name), body, KINDS)
        return {}

    def _welcome(self, name: str, body: Body) -> Body:
        self._bot.welcome(self._turn(name), body)
        return {}

    def _update(self, name: str, body: Body) -> Body:
        self._bot.update(self._turn(name), body)
        return {}

    def _send(self, _name: str, body: Body) -> Body:
        self._bot.push(body)
        return {}

    def _begin_upload(self, _name: str, body: Body) -> Body:
        if not self._corp.windows.pass_("bot:upload", *UPLOADS):
            raise RefusedError(45009)
        size, count = body.get("total_size"), body.get("total_chunks")
        if body.get("type") not in ("image", "voice", "video", "file"):
            raise RefusedError(40004)
        if not isinstance(size, int) or not isinstance(count, int) or not 1 <= count <= CHUNKS:
            raise RefusedError(40006)
        upload = secrets.token_urlsafe(12)
        kind, name = str(body["type"]), str(body.get("filename") or "file")
        self._arriving[upload] = Arriving(kind, name, size, count, str(body.get("md5") or ""))
        return {"upload_id": upload}

    def _chunk(self, _name: str, body: Body) -> Body:
        arriving = self._arriving.get(str(body.get("upload_id")))
        index = body.get("chunk_index")
        if arriving is None or not isinstance(index, int) or not 0 <= index < arriving.count:
            raise RefusedError(40058, "chunk")
        try:
            content = base64.b64decode(str(body.get("base64_data")), validate=True)
        except binascii.Error as error:
            raise RefusedError(40058, "base64_data") from error
        if len(content) > CHUNK_BYTES:
            raise RefusedError(40006)
        arriving.chunks[index] = content
        return {}

    def _finish_upload(self, _name: str, body: Body) -> Body:
        arriving = self._arriving.pop(str(body.get("upload_id")), None)
        if arriving is None:
            raise RefusedError(40058, "upload_id")
        content = b"".join(chunk for _, chunk in sorted(arriving.chunks.items()))
        whole = len(arriving.chunks) == arriving.count and len(content) == arriving.size
        if not whole or (arriving.md5 and hashlib.md5(content).hexdigest() != arriving.md5):  # noqa: S324
            raise RefusedError(40006)
        check_media(arriving.kind, content)
        stored = Stored(arriving.name, "application/octet-stream", content, self._corp.now(), arriving.kind, OWNER)
        media = self._corp.keep("MEDIA", stored)
        return {"type": arriving.kind, "media_id": media, "created_at": str(int(self._corp.now()))}


def _read(raw: str) -> dict[str, Any]:
    try:
        frame = json.loads(raw)
    except ValueError:
        frame = None
    if not isinstance(frame, dict) or not isinstance(frame.get("headers"), dict):
        return {"cmd": "unreadable", "headers": {}}
    return frame


async def _put(socket: WebSocket, frame: Body) -> None:
    await socket.send_text(json.dumps(frame, ensure_ascii=False))
