"""Files people send, fetched into a folder of ours under names nobody can choose or guess."""

import asyncio
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from telegram.error import TelegramError

from bot.channels.telegram import words
from bot.channels.telegram.client import Client
from bot.channels.telegram.updates import Attachment
from bot.chat import File

_MOST = 20 << 20  # what the Bot API lets a bot fetch
_SECONDS = 30.0
_KEPT = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".jpg", ".jpeg", ".png", ".webp", ".pdf")
_NAME = 100
TOO_BIG = "文件太大（上限20MB），没有收。请拆小再发。"
FAILED = "文件没收到，请再发一次。"


class FetchError(Exception):
    """A file did not come; the words are for the person who sent it."""


class Fetcher:
    """Fetches files, few at a time: each is in memory once."""

    def __init__(self, client: Client, folder: Path) -> None:
        """Take the folder, which is made when it is first needed."""
        self._client = client
        self._folder = folder
        self._few = asyncio.Semaphore(3)

    async def fetch(self, one: Attachment) -> File:
        """The file here; raises FetchError."""
        if one.size > _MOST:
            raise FetchError(TOO_BIG)
        async with self._few:
            try:
                async with asyncio.timeout(_SECONDS):
                    content = await self._content(one)
            except (TelegramError, TimeoutError, RuntimeError):
                raise FetchError(FAILED) from None
        if len(content) > _MOST:
            raise FetchError(TOO_BIG)
        try:
            path = await asyncio.to_thread(self._keep, content, Path(one.name).suffix.lower())
        except OSError:
            raise FetchError(FAILED) from None
        return File(_shown(one.name), str(path))

    async def _content(self, one: Attachment) -> bytes:
        found = await self._client.get_file(one.id)
        if (found.file_size or 0) > _MOST:
            raise FetchError(TOO_BIG)
        return bytes(await found.download_as_bytearray())

    def _keep(self, content: bytes, suffix: str) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(16)}{suffix if suffix in _KEPT else ''}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return path


def drop(files: Sequence[File]) -> None:
    """Forget files whose message was known already, or could not be kept."""
    for file in files:
        Path(file.path).unlink(missing_ok=True)


def _shown(name: str) -> str:
    """The sender's name for it, fit to be shown: a name only, of a sensible length."""
    plain = re.sub(r"[\x00-\x1f\x7f/\\]", "_", words.clean(name))
    return plain[-_NAME:]
