"""Sending one piece: one request, and a second one only where the first was surely refused."""

import asyncio
from pathlib import Path
from typing import Any

from telegram import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram import text as texts
from bot.channels.telegram.client import Client
from bot.channels.telegram.faults import says, send_error
from bot.channels.telegram.questions import Questions
from bot.wire import Piece, SendError

_PHOTO = 10 << 20
_DOCUMENT = 50 << 20
_SIDES = 10_000
_RATIO = 20
_PNG = b"\x89PNG\r\n\x1a\n"
_HINT = 64
_UPLOAD = 60.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_Body = dict[str, Any]


class Postman:
    """Sends pieces, and notes which of them ask for the rest of a command."""

    def __init__(self, client: Client, questions: Questions) -> None:
        """Take where the open questions are kept."""
        self._client = client
        self._questions = questions

    async def post(self, piece: Piece) -> None:
        """Send it, one try; raises SendError."""
        body = dict(piece.body)
        chat = int(piece.chat)
        files = await _read(body["paths"]) if "paths" in body else []
        try:
            await self._send(chat, body, files)
        except TelegramError as error:
            raise send_error(error) from None
        except (KeyError, TypeError, ValueError):
            # The library trusts a 200: something on the way answered in Telegram's place.
            raise SendError("unknown", "Telegram 的回答看不懂") from None

    async def _send(self, chat: int, body: _Body, files: list[tuple[str, bytes]]) -> None:
        match body["do"]:
            case "bare":
                await self._bare(chat, body)
            case "edit":
                await self._edit(chat, body)
            case "text":
                self._note(chat, body, await self._say(chat, body))
            case "photos" if all(_is_photo(content) for _, content in files):
                await self._files(chat, body, files, photo=True)
            case _:
                await self._files(chat, body, files, photo=False)

    async def _say(self, chat: int, body: _Body) -> Message:
        more = {"link_preview_options": _NO_PREVIEW, "reply_markup": _keys(body), **_place(body)}
        try:
            return await self._client.send_message(chat, texts.markup(body["text"]), parse_mode="HTML", **more)
        except BadRequest as error:
            if not says(error, "can't parse entities"):
                raise
            return await self._client.send_message(chat, body["text"], **more)

    async def _edit(self, chat: int, body: _Body) -> None:
        """Put the text in the place of the pressed message; as a new one where that cannot be changed any more."""
        try:
            await self._client.edit_message_text(
                texts.markup(body["text"]),
                chat,
                body["message"],
                parse_mode="HTML",
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(body),
            )
        except BadRequest as error:
            if not says(error, "message is not modified"):
                await self._say(chat, body)

    async def _bare(self, chat: int, body: _Body) -> None:
        try:
            await self._client.edit_message_reply_markup(chat, body["message"])
        except BadRequest as error:
            if not says(error, "message is not modified"):
                raise

    async def _files(self, chat: int, body: _Body, files: list[tuple[str, bytes]], *, photo: bool) -> None:
        more = {"read_timeout": _UPLOAD, **_place(body)}
        if len(files) > 1:
            kind = InputMediaPhoto if photo else InputMediaDocument
            album = [kind(content, filename=name) for name, content in files]
            await self._client.send_media_group(chat, album, **more)
            return
        name, content = files[0]
        if text := body.get("text"):
            more |= {"caption": texts.markup(text), "parse_mode": "HTML"}
        more |= {"filename": name, "reply_markup": _keys(body)}
        send = self._client.send_photo if photo else self._client.send_document
        try:
            sent = await send(chat, content, **more)
        except BadRequest as error:
            if not (text and says(error, "can't parse entities")):
                raise
            sent = await send(chat, content, **{**more, "caption": text, "parse_mode": None})
        self._note(chat, body, sent)

    def _note(self, chat: int, body: _Body, sent: Message) -> None:
        if "ask" in body:
            self._questions.ask(str(chat), sent.message_id, body["ask"])


def _place(body: _Body) -> _Body:
    """What every message is sent with: where to, whose answer it is, and that it may not be passed on."""
    reply = ReplyParameters(body["reply"], allow_sending_without_reply=True) if "reply" in body else None
    return {"protect_content": True, "message_thread_id": body.get("topic"), "reply_parameters": reply}


def _keys(body: _Body) -> InlineKeyboardMarkup | ForceReply | None:
    if "ask" in body:
        return ForceReply(selective=True, input_field_placeholder=body["hint"][:_HINT] or None)
    return _keyboard(body)


def _keyboard(body: _Body) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in body.get("keys", ())]
    return InlineKeyboardMarkup(rows) if rows else None


async def _read(paths: list[str]) -> list[tuple[str, bytes]]:
    """The files' names and contents; raises SendError for one that is gone or too big."""
    try:
        found = [(Path(path).name, await asyncio.to_thread(Path(path).read_bytes)) for path in paths]
    except OSError:
        raise SendError("never", "要发的文件已不在") from None
    if any(len(content) > _DOCUMENT for _, content in found):
        raise SendError("never", "要发的文件超过50MB")
    if not all(content for _, content in found):
        raise SendError("never", "要发的文件是空的")
    return found


def _is_photo(content: bytes) -> bool:
    """Whether Telegram takes it as a picture; else it goes as a document, unchanged."""
    if len(content) > _PHOTO:
        return False
    if not content.startswith(_PNG):
        return content.startswith(b"\xff\xd8")
    width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    return 0 < width + height <= _SIDES and max(width, height) <= _RATIO * min(width, height)
