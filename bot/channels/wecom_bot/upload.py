"""A file brought up to the platform in parts, so that it can be shown by its media_id."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.channels.wecom_bot.wrapping import file_name
from bot.wire import SendError

PART_BYTES = 512 << 10
_LEAST, _MOST, _MOST_IMAGE = 6, 20 << 20, 10 << 20
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


async def upload(ask: Ask, path: str, sort: str) -> tuple[str, str]:
    """The sort it can be shown as, and its media_id; raises SendError. Nobody sees anything of it yet."""
    content = await asyncio.to_thread(_content, path)
    if sort == "image" and (len(content) > _MOST_IMAGE or not content.startswith(_IMAGES)):
        sort = "file"
    count = -(-len(content) // PART_BYTES)
    begin = {
        "type": sort,
        "filename": file_name(path),
        "total_size": len(content),
        "total_chunks": count,
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
    }
    try:
        name = _named(await ask("aibot_upload_media_init", begin), "upload_id")
        for place in range(count):
            part = base64.b64encode(content[place * PART_BYTES : (place + 1) * PART_BYTES]).decode()
            chunk = {"upload_id": name, "chunk_index": place, "base64_data": part}
            await ask("aibot_upload_media_chunk", chunk)
        return sort, _named(await ask("aibot_upload_media_finish", {"upload_id": name}), "media_id")
    except SendError as error:
        if error.fault != "unknown":
            raise
        raise SendError("again", error.say) from error


def _content(path: str) -> bytes:
    try:
        content = Path(path).read_bytes()
    except OSError:
        raise SendError("never", "要发的文件不在了") from None
    if not _LEAST <= len(content) <= _MOST:
        raise SendError("never", "要发的文件太大或是空的（最大 20 MB）")
    return content


def _named(receipt: dict[str, Any], name: str) -> str:
    body = receipt.get("body")
    found = body.get(name) if isinstance(body, dict) else receipt.get(name)
    if not isinstance(found, str) or not found:
        raise SendError("again", "企业微信的回执不完整")
    return found
