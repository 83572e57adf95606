"""Bodies of requests: read whole, in time, no more than allowed; one that is too big is refused before it is read."""

import asyncio

from starlette.types import Receive

from bot.web.limits import Limits


class RefusedError(Exception):
    """A body is not taken; `status` says why."""

    def __init__(self, status: int) -> None:
        """Take the status to answer: 400, 408, 413 or 503."""
        super().__init__(f"body refused with {status}")
        self.status = status


class GoneError(Exception):
    """The client hung up before its body was there: nobody waits for an answer."""


class Bodies:
    """Every body under way, so that all of them together stay within bounds."""

    def __init__(self, limits: Limits) -> None:
        """Hold none yet."""
        self.limits = limits
        self.held = 0

    def taken(self) -> "Body":
        """Room for one more; whoever asked gives it back."""
        return Body(self)


class Body:
    """One body: counted from its first byte until it is given back."""

    __slots__ = ("_all", "_size")

    def __init__(self, everything: Bodies) -> None:
        """Take the count of all."""
        self._all = everything
        self._size = 0

    async def read(self, length: str, receive: Receive, most: int) -> bytes:
        """The whole of it; `length` is what Content-Length says. Raises RefusedError and GoneError."""
        if length and not (length.isascii() and length.isdecimal()):
            raise RefusedError(400)
        if length and int(length[:20]) > most:
            raise RefusedError(413)
        try:
            async with asyncio.timeout(self._all.limits.body_seconds):
                return await self._read(receive, most)
        except TimeoutError:
            raise RefusedError(408) from None

    async def _read(self, receive: Receive, most: int) -> bytes:
        pieces: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            piece: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            if self._size + len(piece) > most:
                raise RefusedError(413)
            if self._all.held + len(piece) > self._all.limits.held_bytes:
                raise RefusedError(503)
            self._size += len(piece)
            self._all.held += len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def give_back(self) -> None:
        """Count it no longer."""
        self._all.held -= self._size
        self._size = 0
