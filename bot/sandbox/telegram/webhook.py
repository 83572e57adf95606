"""The webhook: updates are really posted, one at a time per chat and in order, again and again until a 2xx."""

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from bot.sandbox.telegram.delivery import Updates, Waiting
from bot.sandbox.telegram.wire import Fields, Json, bad

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PORTS = {443, 80, 88, 8443}
_LONGEST_PAUSE = 60.0
_LONGEST_ASKED_PAUSE = 3600.0
NO_ANSWER = 599


class Webhook:
    """Where updates are posted to, and the task that does it.

    `first_pause` is what the second retry waits (the first comes at once); it doubles from there.
    """

    def __init__(self, updates: Updates, now: Callable[[], float]) -> None:
        self.first_pause = 2.0
        self.answer_within = 60.0
        self._updates = updates
        self._now = now
        self._secret = ""
        self._connections = 40
        self._error = ""
        self._error_at = 0
        self._task: asyncio.Task[None] | None = None

    def methods(self) -> dict[str, Callable[[Fields], object]]:
        """The Bot API methods it answers."""
        return {"setWebhook": self.set, "deleteWebhook": self.delete, "getWebhookInfo": self.info}

    def set(self, fields: Fields) -> bool:
        """Post to this URL from now on; an empty one deletes. Plain HTTP only on this machine."""
        url = fields.text("url").strip()
        if not url:
            return self.delete(fields)
        _check_url(url)
        secret = fields.text("secret_token")
        if "secret_token" in fields.values and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters" if secret else "secret token is empty")
        connections = fields.integer("max_connections")
        self._updates.allow(fields)
        if fields.flag("drop_pending_updates"):
            self._updates.waiting.clear()
        self._stop()
        self._secret, self._error = secret, ""
        self._connections = connections if 1 <= connections <= 100 else 40
        self._updates.webhook_url = url
        self._updates.end_poll("terminated by setWebhook request")
        self._task = asyncio.get_running_loop().create_task(self._run(url))
        return True

    def delete(self, fields: Fields) -> bool:
        """Post no more; polling is allowed again."""
        if fields.flag("drop_pending_updates"):
            self._updates.waiting.clear()
        self._stop()
        self._updates.webhook_url, self._secret, self._error = "", "", ""
        return True

    def info(self, _: Fields) -> Json:
        """WebhookInfo."""
        url = self._updates.webhook_url
        told: Json = {
            "url": url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.pending()),
        }
        if url:
            told |= {"max_connections": self._connections, "ip_address": "127.0.0.1"}
        if self._error:
            told |= {"last_error_date": self._error_at, "last_error_message": self._error}
        if self._updates.allowed:
            told["allowed_updates"] = sorted(self._updates.allowed)
        return told

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None and not task.get_loop().is_closed():
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def _run(self, url: str) -> None:
        bell = self._updates.listen()
        places = asyncio.Semaphore(self._connections)
        lanes: dict[int, asyncio.Task[None]] = {}
        try:
            async with (
                httpx.AsyncClient(timeout=self.answer_within, trust_env=False) as client,
                asyncio.TaskGroup() as group,
            ):
                while True:
                    for chat in {one.chat_id for one in self._updates.pending()}:
                        if chat not in lanes or lanes[chat].done():
                            lanes[chat] = group.create_task(self._lane(chat, client, places, url))
                    await bell[1].wait()
                    bell[1].clear()
        finally:
            self._updates.leave(bell)

    async def _lane(self, chat: int, client: httpx.AsyncClient, places: asyncio.Semaphore, url: str) -> None:
        """Everything that waits for one chat, until nothing does."""
        failures = 0
        while waiting := [one for one in self._updates.pending() if one.chat_id == chat]:
            one = waiting[0]
            if len(waiting) > 1 and not failures and self._updates.struck(one, "shuffle"):
                one = waiting[1]
            async with places:
                status, asked = await self._post(one, client, url)
                if status < 300 and self._updates.struck(one, "duplicate"):
                    await self._post(one, client, url)
            if status < 300:
                self._updates.confirm(one.id)
                failures = 0
                continue
            failures += 1
            doubled = self.first_pause * 2 ** min(failures - 2, 10) if failures > 1 else 0.0
            await asyncio.sleep(min(asked, _LONGEST_ASKED_PAUSE) or min(doubled, _LONGEST_PAUSE))

    async def _post(self, one: Waiting, client: httpx.AsyncClient, url: str) -> tuple[int, float]:
        """The status of the answer and the pause it asks for."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        asked = 0.0
        try:
            answer = await client.post(url, json=one.json, headers=headers)
        except httpx.HTTPError:
            status, self._error = NO_ANSWER, "Connection failed"
        else:
            status = answer.status_code
            if not answer.is_success:
                status = max(status, 300)
                self._error = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
                told = answer.headers.get("retry-after", "")
                asked = float(told) if told.isdigit() else 0.0
        self._error_at = int(self._now()) if status >= 300 else self._error_at
        self._updates.note(one, status)
        return status, asked


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad("bad webhook: invalid webhook URL specified") from error
    if parts.hostname in _LOOPBACK and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
