"""The connection to the Bot API: two clients, so that waiting for news never keeps an answer from being sent.

The token is part of every address there: the libraries below may not log, and no exception of theirs is shown.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.wire import SendError

# The library's only form from its next version on; the other one warns at every 429.
os.environ.setdefault("PTB_TIMEDELTA", "true")

OFFICIAL = "https://api.telegram.org"
# Nothing else is handled here, so nothing else is asked for; an edited message is never a second command.
UPDATES = ("message", "callback_query", "my_chat_member")
_CONNECT = 10.0
_UPLOAD = 60.0


@dataclass(frozen=True, slots=True)
class TelegramSetup:
    """What an installation sets: the token, where the Bot API is (empty: the official one), how news comes.

    `menu` lists the commands of the ☰ key: latin name, the Chinese command it stands for, Chinese description. A
    description that says after a colon what to give ("查客户：手机号或姓名") makes a bare tap ask for just that.
    `files` is the folder for what people send.
    """

    token: str
    files: Path
    api: str = ""
    mode: Literal["poll", "webhook"] = "poll"
    secret: str = ""
    public_url: str = ""
    proxy: str = ""
    menu: Sequence[tuple[str, str, str]] = ()

    def __repr__(self) -> str:
        """Show no secret."""
        return f"TelegramSetup(mode={self.mode!r})"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: how long one poll waits for news, how long an answer may take, and when a silent poll is deaf."""

    poll: int = 25
    answer: float = 15.0
    deaf: float = 90.0
    first_wait: float = 1.0
    longest_wait: float = 30.0


class Client(Bot):
    """The library's bot, with updates left raw: one that cannot be read must not take the others with it."""

    __slots__ = ("_hearing",)

    def __init__(self, setup: TelegramSetup, rhythm: Rhythm) -> None:
        """Connect nothing yet; raises ValueError or RuntimeError for a proxy that cannot be."""
        _hush()
        api = (setup.api or OFFICIAL).rstrip("/")
        common: dict[str, Any] = {
            "read_timeout": rhythm.answer,
            "write_timeout": rhythm.answer,
            "connect_timeout": _CONNECT,
            "pool_timeout": _CONNECT,
            "proxy": setup.proxy or None,
            # A server named in the settings is reached as they say, whatever proxy the environment has.
            "httpx_kwargs": {"trust_env": not setup.api},
        }
        # A poll torn down in flight can hold its connection for good: there are more than the one that is needed.
        hearing = HTTPXRequest(connection_pool_size=4, **common)
        speaking = HTTPXRequest(connection_pool_size=64, media_write_timeout=_UPLOAD, **common)
        super().__init__(
            setup.token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=speaking,
            get_updates_request=hearing,
        )
        with self._unfrozen():
            self._hearing = hearing

    async def news(self, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """The updates from `offset` on, as they come; those before it are confirmed by asking."""
        asked = {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": list(UPDATES)}
        read = (self._hearing.read_timeout or 0) + seconds
        found = await self._post("getUpdates", asked, read_timeout=read)
        if not isinstance(found, list):
            raise TelegramError("Invalid server response")
        return [one for one in found if isinstance(one, dict) and type(one.get("update_id")) is int]

    async def renew(self) -> None:
        """Drop the connections news come by, and begin with fresh ones."""
        await self._hearing.shutdown()
        await self._hearing.initialize()


def connect(setup: TelegramSetup, rhythm: Rhythm) -> Client:
    """The client of a setup; raises SendError("setup", …) where the setup cannot be."""
    if not setup.token:
        raise SendError("setup", "没有机器人令牌：向 @BotFather 取一个，填进 ZHANGGUI_TELEGRAM_TOKEN。")
    try:
        return Client(setup, rhythm)
    except (ValueError, RuntimeError):
        raise SendError("setup", "ZHANGGUI_TELEGRAM_PROXY 用不了：要写成 http://主机:端口。") from None


def _hush() -> None:
    """Addresses hold the token, and what the library reports as broken holds what people wrote."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
