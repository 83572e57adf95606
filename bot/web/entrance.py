"""A door on the network: the request read within limits, the door's answer sent; a door that fails answers 503.

Platforms send again what was not answered with 200: so nothing is lost that could not be kept.
"""

import logging
import traceback
from urllib.parse import parse_qsl

from starlette.responses import Response as Answer
from starlette.types import Receive, Scope, Send

from bot.web.bodies import Bodies, GoneError, RefusedError
from bot.wire import Door, Request, Response

log = logging.getLogger(__name__)

GONE = "gone"  # in place of a status, where the client did not wait for one
_MOST_FIELDS = 100
_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_SENT_ALWAYS = [(name.encode(), value.encode()) for name, value in _ALWAYS.items()]
_HANGING_UP = [*_SENT_ALWAYS, (b"connection", b"close")]  # the body may not have been read


def answer(response: Response) -> Answer:
    """What goes back over the network."""
    return Answer(response.body, response.status, _ALWAYS, response.media_type)


def refusal(status: int) -> Answer:
    """Nothing but a status; the connection ends."""
    return Answer(b"", status, {**_ALWAYS, "connection": "close"}, "text/plain; charset=utf-8")


class Entrance:
    """One door, open to the network."""

    def __init__(self, door: Door, bodies: Bodies) -> None:
        """Take the door, and where bodies are counted."""
        self._door = door
        self._bodies = bodies
        self._wrong_method = [*_HANGING_UP, (b"allow", ", ".join(door.methods).encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int | str:
        """Answer one request, unless its client has gone; gives the status."""
        if scope["method"] not in self._door.methods:
            return await _send(send, Response(405), self._wrong_method)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        try:
            pairs = parse_qsl(scope["query_string"].decode("latin-1"), True, max_num_fields=_MOST_FIELDS)
            query = dict(reversed(pairs))  # the first value of each name
        except ValueError:
            return await _send(send, Response(400), _HANGING_UP)
        taken = self._bodies.taken()
        try:
            body = await taken.read(headers.get("content-length", ""), receive, self._door.most_bytes)
            found = await self._received(Request(scope["method"], query, headers, body))
        except RefusedError as refused:
            return await _send(send, Response(refused.status), _HANGING_UP)
        except GoneError:
            return GONE
        finally:
            taken.give_back()
        return await _send(send, found, _SENT_ALWAYS)

    async def _received(self, request: Request) -> Response:
        try:
            return await self._door.receive(request)
        except Exception as error:  # noqa: BLE001 — whatever it was, the platform sends again after a 503
            # Where it failed, but not in which words: some library's words repeat what it was given.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("the door %s failed: %s\n%s", self._door.path, type(error).__name__, where)  # noqa: TRY400 — as said
            return Response(503)


async def _send(send: Send, response: Response, headers: list[tuple[bytes, bytes]]) -> int:
    """The answer as the two messages it is: Starlette's own class takes five times as long to make them."""
    own = [
        (b"content-type", response.media_type.encode("latin-1")),
        (b"content-length", b"%d" % len(response.body)),
        *headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": own})
    await send({"type": "http.response.body", "body": response.body})
    return response.status
