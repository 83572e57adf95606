"""What the smart bot must be told before it starts, checked here so that a slip is named and not met later."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.wire import SendError

OFFICIAL_WS = "wss://openws.work.weixin.qq.com"
OFFICIAL_API = "https://qyapi.weixin.qq.com"
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WecomBotSetup:
    """The settings of one smart bot: with `secret` it keeps a long connection, else it is called back.

    `ws` and `api` are addresses of a local server, empty for the official ones; `name` is what people call it by
    in a group; `files` is the folder for what they send.
    """

    files: Path
    bot_id: str = ""
    secret: str = field(default="", repr=False)
    ws: str = ""
    api: str = ""
    token: str = field(default="", repr=False)
    aes_key: str = field(default="", repr=False)
    name: str = "掌柜"
    proxy: str = field(default="", repr=False)

    @property
    def called_back(self) -> bool:
        """Whether the platform calls us: a bot has either a secret or a callback address, never both."""
        return not self.secret

    @property
    def local(self) -> tuple[str, ...]:
        """Hosts, with ports, of local servers that may be asked without TLS."""
        return tuple(urlsplit(address).netloc for address in (self.ws, self.api) if address)

    def check(self) -> None:
        """Refuse what cannot work, in words for whoever installs."""
        if self.ws and urlsplit(self.ws).scheme not in ("ws", "wss"):
            raise SendError("setup", "ZHANGGUI_WECOM_BOT_WS 要以 ws:// 或 wss:// 开头；用官方地址就留空。")
        if self.called_back:
            if not self.token or not _AES_KEY.fullmatch(self.aes_key):
                raise SendError(
                    "setup",
                    "智能机器人还没配好：长连接要 ZHANGGUI_WECOM_BOT_SECRET；"
                    "回调要 ZHANGGUI_WECOM_BOT_TOKEN 和 43 位的 ZHANGGUI_WECOM_BOT_AES_KEY。",
                )
        elif not self.bot_id:
            raise SendError("setup", "缺 ZHANGGUI_WECOM_BOT_ID：在智能机器人的「API 模式」页面上，和 Secret 在一起。")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long things take and wait, in seconds; changed only to try failures quickly."""

    beat: float = 30  # between two pings; two without any sign of life end a connection
    connect: float = 10
    ack: float = 15  # 5 seconds, the SDK's own, have proved short for parts of a file
    again: tuple[float, float] = (1, 60)  # first and longest pause before connecting again
    steady: float = 60  # a connection that lived so long starts the pauses over
    kicked: tuple[float, float] = (60, 600)  # another connection holds the bot: not to be fought
    refused: float = 300  # the platform counts wrong subscriptions
    fetch: float = 60
    update: float = 4.5  # the platform takes a card's update for 5 seconds
    answer: float = 4  # how long a callback is held open
    store: tuple[float, float] = (0.5, 600)  # first pause after storing failed, and the time to keep trying


def welcome(name: str) -> str:
    """What is said to somebody who opens the chat for the first time on a day."""
    return f"我是{name}。发「查 手机号」看客户，发「帮助」看全部。"
