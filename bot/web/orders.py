"""Orders from tills: signed posts, each stored as an import of their lines would be, in a thread of their own."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from bot.db.core.engine import Database
from bot.domain.errors import UsageError
from bot.intake.options import Options
from bot.intake.posted import Posted, TooManyError, read_post, store_post
from bot.web.signing import UNSIGNED, WINDOW, Signed, told
from bot.wire import Door, Request, Response

PATH = "/orders"
MOST_BYTES = 2 << 20
_REMEMBERED = 4096


class Till:
    """Takes posts of orders; one at a time, in their sequence.

    Two stores may sell to one customer, and PostgreSQL would let two threads count her orders without each other.
    """

    def __init__(self, database: Database, data: Path, secret: str, now: Callable[[], datetime]) -> None:
        """Take where orders and refused rows go, and the secret that tills sign with."""
        self._database = database
        self._data = data
        self._signed = Signed(secret, now)
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orders")
        self._seen: OrderedDict[str, tuple[float, Posted]] = OrderedDict()  # only that thread's

    @property
    def door(self) -> Door:
        """Where it stands on the network."""
        return Door(PATH, ("POST",), self.receive, MOST_BYTES)

    def close(self) -> None:
        """Wait for what is being stored."""
        self._thread.shutdown()

    async def receive(self, request: Request) -> Response:
        """Store a post and tell what became of its lines; a post that is not well signed learns nothing."""
        signature = self._signed.signature(request)
        if not signature:
            return UNSIGNED
        try:
            storing = asyncio.get_running_loop().run_in_executor(self._thread, self._stored, signature, request.body)
            return told(202, (await storing).as_json())
        except UsageError as refused:
            return told(413 if isinstance(refused, TooManyError) else 400, {"error": refused.say})

    def _stored(self, signature: str, body: bytes) -> Posted:
        """What became of a post; the very same request again changes nothing, whatever came after the first."""
        now = self._now()
        while self._seen and (next(iter(self._seen.values()))[0] < now.timestamp() or len(self._seen) >= _REMEMBERED):
            self._seen.popitem(last=False)
        if signature in self._seen:
            return self._seen[signature][1].again()
        posted = store_post(self._database, read_post(body), Options(self._data, now, via="post"))
        self._seen[signature] = now.timestamp() + 2 * WINDOW, posted
        return posted
