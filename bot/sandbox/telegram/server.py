"""The local Bot API server: token, method, faults and answer of each request; what a method does is elsewhere."""

import asyncio
import json
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.model import Group, Person
from bot.sandbox.telegram.delivery import Delivery
from bot.sandbox.telegram.editing import Editing
from bot.sandbox.telegram.faults import Fault, Faults
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.flood import Flood, too_many
from bot.sandbox.telegram.groups import Groups
from bot.sandbox.telegram.phones import FILES_AT
from bot.sandbox.telegram.sending import Sending
from bot.sandbox.telegram.webhook import Webhook
from bot.sandbox.telegram.wire import Fields, Json, Refusal, read
from bot.sandbox.telegram.world import World

MOST_CALLS = 5000
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,100}")
_SHOWN_INLINE = {"image/png", "image/jpeg"}
_GATEWAY = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
_FAULT_WORDS = {
    "400": "Bad Request: chat not found",
    "401": "Unauthorized",
    "403": "Forbidden: bot was blocked by the user",
    "404": "Not Found",
    "409": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "500": "Internal Server Error",
}


@dataclass(slots=True)
class Call:
    """A request of the bot and what it was answered; `status` is 0 where it got no answer.

    `fields` are the parameters as text, `uploads` the sizes of files, `answer` is the whole JSON. A secret is not kept.
    """

    method: str
    fields: Mapping[str, str] = field(repr=False)
    uploads: Mapping[str, int]
    at: float
    status: int = 0
    answer: Json = field(default_factory=dict, repr=False)
    fault: str = ""


class TelegramServer(Groups):
    """Telegram on this machine, as strict as the real one; also the phones of its people."""

    def __init__(
        self,
        token: str,
        people: Sequence[Person],
        groups: Sequence[Group],
        now: Callable[[], float],
        username: str = "zhanggui_bot",
    ) -> None:
        world = World(people, groups, now, username)
        super().__init__(world, Files(world.fresh))
        self._token = token
        self.webhook = Webhook(world.updates, now)
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        rooms = (self.webhook, self.profile, Sending(world, self.files), Editing(world))
        methods: dict[str, Callable[[Fields], Any]] = {"getFile": self.files.get, "getUpdates": world.updates.poll}
        for room in rooms:
            methods |= room.methods()
        self._methods = {name.lower(): method for name, method in methods.items()}
        self._names = {name.lower(): name for name in methods}
        self.routes: Sequence[BaseRoute] = [
            Route("/bot{token}/{method}", self._called, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._fetched),
            Route(FILES_AT + "/{unique}/{name}", self._viewed),
        ]

    @property
    def faults(self) -> Faults:
        """The faults on order."""
        return self.world.faults

    @property
    def flood(self) -> Flood:
        """The limits; thresholds may be lowered or lifted."""
        return self.world.flood

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every handing out of an update, by poll or webhook."""
        return self.world.updates.log

    @property
    def lock(self) -> threading.RLock:
        """Held while anything changes; take it to look at several things at once from another thread."""
        return self.world.lock

    def add_fault(self, told: Mapping[str, Any]) -> None:
        """Order a fault by JSON; `person` or `group` may stand for chat_id. ValueError says what is wrong with it."""
        order = dict(told)
        if "person" in order:
            if order["person"] not in self.world.user_ids:
                raise ValueError("no such person")
            order["chat_id"] = self.user_id_of(order.pop("person"))
        if "group" in order:
            order["chat_id"] = self.chat_id_of(str(order.pop("group")))
        self.faults.add(Fault.read(order))

    async def _called(self, request: Request) -> Response:
        token = unquote(request.path_params["token"])
        if not _TOKEN.fullmatch(token):
            return _answer(_refused(Refusal(404, "Not Found")))
        if token != self._token:
            return _answer(_refused(Refusal(401, "Unauthorized")))
        method = request.path_params["method"].lower()
        try:
            fields = await read(request)
        except Refusal as refusal:
            return _answer(_refused(refusal))
        sizes = {name: len(upload.content) for name, upload in fields.uploads.items()}
        shown = {name: "…" if name == "secret_token" else value for name, value in fields.values.items()}
        call = Call(self._names.get(method, method), shown, sizes, self.world.now())
        self.calls.append(call)
        fault = self.faults.take(method, fields.integer("chat_id") if "chat_id" in fields.values else None)
        if fault is None:
            return _answer(await self._do(call, method, fields))
        call.fault = fault.kind
        return await self._fail(call, method, fields, fault, request)

    async def _do(self, call: Call, method: str, fields: Fields) -> tuple[int, Json]:
        """Act and keep the answer in the record."""
        act = self._methods.get(method, _unknown)
        try:
            if method == "getupdates":
                result = await act(fields)
            else:
                with self.world.lock:
                    result = json.loads(json.dumps(act(fields)))
            done: tuple[int, Json] = (200, {"ok": True, "result": result})
        except Refusal as refusal:
            done = _refused(refusal)
        call.status, call.answer = done
        return done

    async def _fail(self, call: Call, method: str, fields: Fields, fault: Fault, request: Request) -> Response:
        """Misbehave as ordered."""
        if fault.kind in {*_FAULT_WORDS, "429"}:
            refusal = too_many(fault.retry_after)
            if fault.kind != "429":
                refusal = Refusal(int(fault.kind), fault.description or _FAULT_WORDS[fault.kind])
            call.status, call.answer = _refused(refusal)
            return _answer((call.status, call.answer))
        if fault.kind == "502":
            call.status = 502
            return HTMLResponse(_GATEWAY, 502)
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay)
            return _answer(await self._do(call, method, fields))
        if fault.kind in {"lost", "lost_reset", "truncated"}:
            done = await self._do(call, method, fields)
            if fault.kind == "truncated":
                whole = json.dumps(done[1], ensure_ascii=False).encode()
                return Response(whole[: len(whole) // 2], media_type="application/json")
            call.status = 0
        if fault.kind in {"reset", "lost_reset"}:
            _drop(request)
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return Response(status_code=204)  # nobody reads it any more

    async def _fetched(self, request: Request) -> Response:
        token = unquote(request.path_params["token"])
        kept = self.files.by_path.get(request.path_params["path"])
        if token != self._token and _TOKEN.fullmatch(token):
            return _answer(_refused(Refusal(401, "Unauthorized")))
        if token != self._token or kept is None:
            return _answer(_refused(Refusal(404, "Not Found")))
        return Response(kept.content, media_type="application/octet-stream")

    async def _viewed(self, request: Request) -> Response:
        """A file for the page; only pictures are shown, all else is saved."""
        kept = self.files.by_unique.get(request.path_params["unique"])
        if kept is None:
            return Response(status_code=404)
        inline = kept.mime in _SHOWN_INLINE
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline" if inline else "attachment",
        }
        return Response(kept.content, media_type=kept.mime if inline else "application/octet-stream", headers=headers)


def _unknown(_: Fields) -> Json:
    raise Refusal(404, "Not Found: method not found")


def _refused(refusal: Refusal) -> tuple[int, Json]:
    told: Json = {"ok": False, "error_code": refusal.code, "description": refusal.words}
    if refusal.parameters:
        told["parameters"] = dict(refusal.parameters)
    return refusal.code, told


def _answer(done: tuple[int, Json]) -> Response:
    status, told = done
    wait = told.get("parameters", {}).get("retry_after")
    headers = {"Retry-After": str(wait)} if wait else None
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, headers=headers, media_type="application/json")


def _drop(request: Request) -> None:
    """Cut the line under the request: the server's connection is reached through its own `receive`."""
    transport = getattr(getattr(request.receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the line was cut on order")
    line = transport.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
