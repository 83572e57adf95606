"""The group webhook: announcements into a group that has a robot; its address is its key, and is never shown."""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.channels.wecom.faults import WecomError
from bot.channels.wecom.text import plain, split_bytes
from bot.channels.wecom.transport import Call, Transport, Upload, as_json
from bot.wire import Desk, Door, Pace, Parcel, Piece, Pulse

NAME = "wecom_group"
MOST_TEXT, MOST_MARKDOWN = 2048, 4096
_LEAST_FILE, _MOST_FILE, _MOST_PICTURE = 6, 20 << 20, 2 << 20
_REMOVED = 93000
_PICTURES = frozenset({".jpg", ".jpeg", ".png"})
_FINE = Pulse(True, "群机器人正常。")


def texts(text: str) -> list[dict[str, Any]]:
    """A text as the requests it takes; whatever people wrote in it mentions nobody and links nowhere."""
    return [{"msgtype": "text", "text": {"content": part}} for part in split_bytes(plain(text).strip(), MOST_TEXT)]


def markdowns(markdown: str) -> list[dict[str, Any]]:
    """Our own markdown as the requests it takes; what people wrote must have gone through `plain` before."""
    parts = split_bytes(markdown.strip(), MOST_MARKDOWN)
    return [{"msgtype": "markdown", "markdown": {"content": part}} for part in parts]


class Webhook:
    """One robot. At most 20 messages a minute: whoever posts keeps that limit."""

    def __init__(self, url: str, transport: Transport) -> None:
        """Take the address as the group shows it; another host serves as well."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or "key=" not in parts.query or not parts.path.endswith("/send"):
            raise WecomError(
                "setup", "群机器人的地址不完整：请在群里复制 Webhook 地址，再执行 zhanggui store webhook。"
            )
        self._url = url
        self._transport = transport

    def __repr__(self) -> str:
        return "Webhook(…)"

    def post(self, body: Mapping[str, Any]) -> None:
        """Send one request; raises WecomError, "gone" where the robot was taken out of the group."""
        self._ask(self._url, as_json(body))

    def picture(self, content: bytes) -> None:
        """Send a JPG or PNG of at most 2 MB."""
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.post({"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": digest}})

    def file(self, upload: Upload) -> None:
        """Send a file of at most 20 MB."""
        parts = urlsplit(self._url)
        path, query = parts.path.removesuffix("send") + "upload_media", f"{parts.query}&type=file"
        try:
            answer = self._ask(parts._replace(path=path, query=query).geturl(), upload=upload)
        except WecomError as error:
            if error.fault != "unknown":
                raise
            raise WecomError("again", error.say) from None  # nobody saw the upload
        self.post({"msgtype": "file", "file": {"media_id": str(answer.get("media_id", ""))}})

    def _ask(self, url: str, body: bytes | None = None, upload: Upload | None = None) -> dict[str, Any]:
        try:
            return self._transport.ask(Call("POST", url, {}, body, upload))
        except WecomError as error:
            if error.code != _REMOVED:
                raise
            raise WecomError("gone", error.say, code=error.code) from None


class WecomWebhook:
    """The channel of the stores' groups: a piece's chat is a store's code. It only speaks."""

    name: str = NAME
    doors: tuple[Door, ...] = ()
    paces: Mapping[str, tuple[Pace, ...]] = {"chat": (Pace(18, 60),)}

    def __init__(self, address_of: Callable[[str], str]) -> None:
        """Take what gives the address of a store's robot, "" where it has none; it is asked in a thread."""
        self._address_of = address_of
        self._transport = Transport()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix=NAME)
        self._pulse = _FINE

    async def open(self, desk: Desk) -> None:
        """Nothing to prove: addresses are asked for when they are needed."""

    async def listen(self) -> None:
        """Nothing: a robot of this kind hears nothing."""

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """Texts, pictures, files; there are no buttons, and what comes twice cannot be told."""
        bodies: list[dict[str, Any]] = [{"body": body} for body in texts(parcel.text)]
        for path in (*parcel.pictures, *parcel.documents):
            picture = path in parcel.pictures and Path(path).suffix.lower() in _PICTURES
            bodies.append({"picture" if picture else "file": path})
        return [Piece(parcel.to.chat, body) for body in bodies]

    async def post(self, piece: Piece) -> None:
        """Send one piece, one try; raises SendError."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._send, piece)
        except WecomError as error:
            self._pulse = Pulse(error.fault == "never", f"门店 {piece.chat}：{error.say}")
            raise
        self._pulse = _FINE

    def pulse(self) -> Pulse:
        """How the last announcement went."""
        return self._pulse

    async def close(self) -> None:
        """Give back threads and connections."""
        await asyncio.to_thread(self._pool.shutdown)
        self._transport.close()

    def _send(self, piece: Piece) -> None:
        address = self._address_of(piece.chat)
        if not address:
            raise WecomError("gone", "这家门店没有设置群机器人。")
        robot = Webhook(address, self._transport)
        if "body" in piece.body:
            robot.post(piece.body["body"])
            return
        path = Path(piece.body.get("picture") or piece.body["file"])
        content = _content(path)
        if "picture" in piece.body and len(content) <= _MOST_PICTURE:
            robot.picture(content)
        else:
            robot.file((path.name, content, "application/octet-stream"))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes() if path.stat().st_size <= _MOST_FILE else b""
    except OSError:
        raise WecomError("never", "要发的文件读不到。") from None
    if len(content) < _LEAST_FILE:
        raise WecomError("never", "要发的文件是空的，或大于 20 MB。")
    return content
