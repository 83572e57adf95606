"""Files that people send: fetched while their address lives, unlocked, and kept for this machine's user alone."""

import asyncio
import contextlib
import logging
import os
import re
import secrets
from collections.abc import Collection
from email.message import Message
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from aibot import decrypt_file

from bot.channels.wecom_bot.reading import Attached
from bot.chat import File

MOST_BYTES = 20 << 20
_BLOCK = 32
_IMAGES = ((b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"), (b"RIFF", ".webp"))

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it writes addresses, and ours hold codes


class FetchError(Exception):
    """A file could not be had."""


async def fetch(
    client: httpx.AsyncClient, attached: Attached, aes_key: str, folder: Path, local: Collection[str]
) -> File:
    """Fetch, unlock and store; raises FetchError. `local` are hosts that need no TLS, `aes_key` the bot's own."""
    target = urlsplit(attached.url)
    if target.scheme != "https" and target.netloc not in local:
        raise FetchError("an address that is not WeCom's")
    try:
        locked, told = await _download(client, attached.url)
        content = await asyncio.to_thread(decrypt_file, locked, attached.aes_key or aes_key)
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError, ValueError) as error:
        raise FetchError(type(error).__name__) from None  # the first one's text holds the address
    name = _name(attached.name or told, attached.kind, content)
    return File(name, str(await asyncio.to_thread(_store, folder, name, content)))


async def discard(files: Collection[File]) -> None:
    """Remove what was fetched for a message that had come before."""
    for file in files:
        with contextlib.suppress(OSError):
            await asyncio.to_thread(os.unlink, file.path)


async def _download(client: httpx.AsyncClient, url: str) -> tuple[bytes, str]:
    content = bytearray()
    async with client.stream("GET", url, follow_redirects=False) as response:
        if response.status_code != httpx.codes.OK:
            raise FetchError(f"HTTP {response.status_code}")
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MOST_BYTES + _BLOCK:
                raise FetchError("too large")
        told = _told_name(response.headers.get("content-disposition", ""))
    if not content or len(content) % (_BLOCK // 2):
        raise FetchError("cut short")  # the SDK would fill it up with zeros
    return bytes(content), told


def _told_name(disposition: str) -> str:
    message = Message()
    message["content-disposition"] = disposition.replace("\r", " ").replace("\n", " ")
    name = message.get_filename("") or ""
    with contextlib.suppress(UnicodeError):
        name = name.encode("latin-1").decode()  # raw UTF-8 in a header arrives as latin-1
    return unquote(name)


def _name(told: str, kind: str, content: bytes) -> str:
    """A name without a path or signs that a terminal obeys; pictures have none, so it is made from what they are."""
    name = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]", "", told.rpartition("/")[2]).strip(". ")
    if name:
        return name[-80:]
    suffix = next((suffix for start, suffix in _IMAGES if content.startswith(start)), "")
    return ("图片" if kind == "image" else "文件") + suffix


def _store(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffix = Path(name).suffix
    safe = suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""
    path = folder / f"{secrets.token_hex(16)}{safe}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
