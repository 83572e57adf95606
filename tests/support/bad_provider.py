"""A platform on a bad day: a share of its answers is unclear, fails or asks to wait; it alone knows what arrived.

It speaks as much of the Bot API and of WeCom's app messages as sending takes, and knows the same app message again.
"""

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.support.local_server import serving

UNCLEAR, FAILED, BUSY = 0.14, 0.08, 0.10


class Provider:
    """Both platforms; `delivered` counts texts by receiver, the second of a known message is none."""

    def __init__(self, seed: object) -> None:
        """Take what makes its bad luck the same again."""
        self.delivered: Counter[tuple[str, str]] = Counter()
        self.unclear = 0
        self.requests = 0
        self._dice = random.Random(str(seed))
        self._known: set[bytes] = set()
        self._lock = threading.Lock()

    async def telegram(self, request: Request) -> Response:
        """Whatever method of the Bot API is asked for."""
        method = request.path_params["method"].lower()
        fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if method == "getupdates":
            await asyncio.sleep(0.5)
            return JSONResponse({"ok": True, "result": []})
        if method != "sendmessage":
            me = {"id": 1, "is_bot": True, "first_name": "掌柜", "username": "guide_bot"}
            return JSONResponse({"ok": True, "result": me if method == "getme" else True})
        chat = {"id": int(fields["chat_id"]), "type": "private", "first_name": "x"}
        sent = {"message_id": 5, "date": 1, "chat": chat, "text": fields["text"]}
        done = JSONResponse({"ok": True, "result": sent})
        told = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
        busy = JSONResponse({**told, "parameters": {"retry_after": 1}}, 429)
        return self._answered((fields["chat_id"], fields["text"]), b"", done, busy)

    async def wecom(self, request: Request) -> Response:
        """`gettoken`, `message/send` and the menu."""
        path = request.path_params["path"]
        if path == "gettoken":
            return JSONResponse({"errcode": 0, "access_token": "t", "expires_in": 7200})
        raw = await request.body()
        if path != "message/send":
            return JSONResponse({"errcode": 0})
        body = json.loads(raw)
        content = body["text"]["content"]
        busy = JSONResponse({"errcode": 0}, 429, headers={"retry-after": "1"})
        known = raw if body.get("enable_duplicate_check") else b""
        return self._answered((body["touser"], content), known, JSONResponse({"errcode": 0}), busy)

    def _answered(self, what: tuple[str, str], known: bytes, done: Response, busy: Response) -> Response:
        with self._lock:
            self.requests += 1
            luck = self._dice.random()
            if luck < BUSY:
                return busy
            if luck < BUSY + FAILED:
                return PlainTextResponse("Internal Server Error", 500)
            if not (known and known in self._known):
                self.delivered[what] += 1
            if known:
                self._known.add(known)
            if luck < BUSY + FAILED + UNCLEAR:
                self.unclear += 1
                return PlainTextResponse("<html>Bad Gateway</html>", 502) if luck % 0.02 < 0.01 else _Cut()
            return done


class _Cut(Response):
    """It was taken, and the connection drops before the answer is whole."""

    async def __call__(self, _scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"400")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


@contextmanager
def provider(seed: object) -> Iterator[tuple[Provider, str]]:
    """One, and its address."""
    found = Provider(seed)
    routes = [
        Route("/bot{token:path}/{method}", found.telegram, methods=["GET", "POST"]),
        Route("/cgi-bin/{path:path}", found.wecom, methods=["GET", "POST"]),
    ]
    with serving(Starlette(routes=routes)) as base:
        yield found, base
