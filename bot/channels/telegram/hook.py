"""The webhook's door: who does not know the secret learns nothing, and a 200 means that the update is kept."""

import hmac
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.telegram.client import UPDATES, Client, TelegramSetup
from bot.wire import Door, Request, Response, SendError

PATH = "/telegram/webhook"
_HEADER = "x-telegram-bot-api-secret-token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MOST_BYTES = 1 << 18  # two texts of 4096 characters, twelve bytes each when escaped, and room
_CONNECTIONS = 40
Receive = Callable[[dict[str, Any]], Awaitable[bool]]


class Hook:
    """The door; closed with 503 until there is somebody to hand things to."""

    def __init__(self, secret: str) -> None:
        """Take the secret Telegram is to show."""
        self._secret = secret.encode()
        self.receive: Receive | None = None
        self.door = Door(PATH, ("POST",), self._enter, _MOST_BYTES)

    async def _enter(self, request: Request) -> Response:
        shown = request.headers.get(_HEADER, "").encode(errors="replace")
        if not self._secret or not hmac.compare_digest(shown, self._secret):
            return Response(403, b"forbidden")
        try:
            update = json.loads(request.body)
        except (ValueError, RecursionError):
            return Response(400, b"bad request")
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            return Response(400, b"bad request")
        # Anything but 2xx makes Telegram send it again, for as long as it keeps updates.
        if self.receive is None or not await self.receive(update):
            return Response(503, b"later")
        return Response(200, b"ok")


async def announce(client: Client, setup: TelegramSetup) -> None:
    """Tell Telegram where to send updates; raises SendError for a setup it would refuse."""
    if not _SECRET.fullmatch(setup.secret):
        raise SendError("setup", "webhook 方式要设 ZHANGGUI_TELEGRAM_SECRET：1 到 256 个字母、数字、_ 或 -。")
    if not setup.public_url:
        raise SendError("setup", "webhook 方式要设 ZHANGGUI_PUBLIC_URL：外网能打开的 https 地址。")
    await client.set_webhook(
        setup.public_url.rstrip("/") + PATH,
        secret_token=setup.secret,
        allowed_updates=list(UPDATES),
        max_connections=_CONNECTIONS,
    )
