"""What the till's own system is told of coupons: posted and signed, at least once, each coupon's news in order.

A redirect is never followed and no answer is read but its status. What has not arrived within a day is dead.
"""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from bot.db.core.engine import Database
from bot.db.talk import outbox
from bot.db.talk.outbox import Notice

log = logging.getLogger(__name__)

_LIFE = timedelta(hours=24)
_SECONDS = 10.0  # for one try, from the name's look-up to the status
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_BATCH = 50
_NOT_NOW = frozenset((408, 425, 429))


@dataclass(slots=True)
class _Pause:
    """How long to leave something alone: twice as long after every failure."""

    until: float = 0.0
    seconds: float = _FIRST_PAUSE

    def longer(self, now: float) -> None:
        self.until = now + self.seconds
        self.seconds = min(self.seconds * 2, _LONGEST_PAUSE)


class TillNotices:
    """Posts what is owed to the till's system; made in the running loop."""

    def __init__(
        self,
        database: Database,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the address, the secret that the till's system knows us by, the clock, and what counts pauses."""
        self._database = database
        self._url = url
        self._secret = secret.encode()
        self._now = now
        self._ticks = ticks
        self._client = httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False)
        self._line = _Pause()
        self._refused: dict[int, _Pause] = {}  # notices it would not take

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def push(self) -> bool:
        """Send what is owed; True where there is more to send at once."""
        if self._ticks() < self._line.until:
            return False
        found = await asyncio.to_thread(self._database.transact, lambda conn: outbox.due_to_till(conn, _BATCH))
        waiting: set[str] = set()  # coupons with earlier news that is not there yet
        for notice in found:
            coupon = notice.key.split(":")[2]
            pause = self._refused.get(notice.id, _Pause())
            if coupon in waiting or self._ticks() < pause.until:
                waiting.add(coupon)
                continue
            status = await self._posted(notice)
            if 200 <= status < 300:
                self._line = _Pause()
                await self._settle(notice, "sent")
                continue
            await self._failed(notice, status)
            if not 400 <= status < 500 or status in _NOT_NOW:  # nobody there: the rest would fail alike
                self._line.longer(self._ticks())
                return False
            waiting.add(coupon)
        return len(found) == _BATCH and not waiting

    async def _posted(self, notice: Notice) -> int:
        """The status it was answered with; 0 where there was none."""
        body, at = notice.body.encode(), str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": notice.key,
            "X-Zhanggui-Timestamp": at,
            "X-Zhanggui-Signature": hmac.digest(self._secret, at.encode() + b"." + body, "sha256").hex(),
        }
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError):
            return 0

    async def _failed(self, notice: Notice, status: int) -> None:
        said = f"answered {status}" if status else "could not be reached"
        if self._now() - notice.created_at > _LIFE:
            log.error("the till's system %s for a day: %s is given up", said, notice.key)
            await self._settle(notice, "dead")
            return
        log.warning("the till's system %s: %s is sent again later", said, notice.key)
        self._refused.setdefault(notice.id, _Pause()).longer(self._ticks())

    async def _settle(self, notice: Notice, state: str) -> None:
        self._refused.pop(notice.id, None)
        await asyncio.to_thread(self._database.transact, lambda conn: outbox.settle_due(conn, notice.id, state))
