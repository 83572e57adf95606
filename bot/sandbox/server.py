"""The sandbox's HTTP server: the local platforms, the page of phones and the page's own API, for this machine only."""

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.sandbox.clock import Clock
from bot.sandbox.guard import HOSTS, Guard
from bot.sandbox.model import Platform
from bot.sandbox.phones import STRANGER, TITLES, Phones, cast

__all__ = ["HOSTS", "STRANGER", "build", "cast"]

ZONE = ZoneInfo("Asia/Shanghai")
_PAGE = Path(__file__).parent / "page"
_PAGE_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_MOST_JSON = 64 << 10
_MOST_FILE = 20 << 20
_LONGEST_TEXT = 4096
_BOT = "bot"  # the platform of faults that strike the bot itself
_LONGEST_NAME = 255
_FIRST, _LAST = 946_684_800.0, 4_102_444_800.0  # the years 2000 to 2099: what every part of the product can say


class LocalPlatform(Platform, Protocol):
    """A platform with its own addresses and with faults to order."""

    routes: Sequence[BaseRoute]

    def add_fault(self, fault: dict[str, Any]) -> None:
        """Misbehave in this way from now on; ValueError says what is wrong with the order."""


def build(
    platforms: Sequence[LocalPlatform],
    clock: Clock,
    *,
    zone: ZoneInfo = ZONE,
    hosts: Sequence[str] = HOSTS,
    kill: Callable[[], None] | None = None,
) -> Starlette:
    """Everything under one roof; the caller binds it to 127.0.0.1. `hosts` are the names it answers to.

    `kill` ends the bot as a power cut would; without it the page has no key for that.
    """
    desk = _Desk(platforms, clock, zone, kill)
    own = [
        Route("/sandbox/phones", desk.phones_),
        Route("/sandbox/phones/{platform}/{person}", desk.phone),
        Route("/sandbox/events", desk.events),
        *(Route(f"/sandbox/{act.__name__}", act, methods=["POST"]) for act in desk.acts),
    ]
    return Starlette(
        routes=[
            *(route for one in platforms for route in one.routes),
            *own,
            Mount("/", _Page(directory=_PAGE, html=True)),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
        exception_handlers={_RefusedError: _refused},
    )


class _RefusedError(Exception):
    """What the page shows instead of doing it."""

    def __init__(self, status: int, say: str) -> None:
        super().__init__(say)
        self.status = status
        self.say = say


class _Desk:
    """The page's API: what the phones show, and the hands on them."""

    def __init__(
        self, platforms: Sequence[LocalPlatform], clock: Clock, zone: ZoneInfo, kill: Callable[[], None] | None
    ) -> None:
        people, _ = cast()
        self._phones = Phones(platforms, people)
        self._platforms = {platform.name: platform for platform in platforms}
        self._clock = clock
        self._zone = zone
        self._kill = kill
        self.acts = (self.say, self.press, self.drop, self.clock, self.faults)

    async def phones_(self, _: Request) -> Response:
        """Who has a phone, on which platforms, with which talks; and the time."""
        return JSONResponse(
            {
                "time": self._time(),
                "zone": self._zone.key,
                "killable": self._kill is not None,
                "platforms": [{"name": name, "title": TITLES[name]} for name in self._platforms],
                "people": self._phones.owners(),
                "phones": self._phones.index(),
            }
        )

    async def phone(self, request: Request) -> Response:
        """What one phone shows."""
        where = request.path_params
        self._owner(where)
        return JSONResponse({"talks": self._phones.show(where["platform"], where["person"])})

    async def events(self, _: Request) -> Response:
        """Server-sent events, for as long as somebody listens."""
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _stream(self) -> AsyncIterator[str]:
        yield f"retry: 1000\nevent: clock\ndata: {json.dumps(self._time())}\n\n"
        async for spots in self._phones.changes(lambda: self._clock.offset):
            if spots is None:
                yield ": still here\n\n"
            elif not spots:
                yield f"event: clock\ndata: {json.dumps(self._time())}\n\n"
            for spot in spots or ():
                yield f"event: talk\ndata: {json.dumps(spot._asdict())}\n\n"

    async def say(self, request: Request) -> Response:
        """Type and send."""
        told = await _told(request)
        platform, person, talk = self._where(told)
        text, quotes = _text(told, "text"), told.get("quotes")
        if not text.strip():
            raise _RefusedError(400, "先打几个字再发。")
        if len(text) > _LONGEST_TEXT:
            raise _RefusedError(400, f"太长了：一条最多 {_LONGEST_TEXT} 个字。")
        if quotes is not None and not isinstance(quotes, str):
            raise _RefusedError(400, "quotes 要填被引用那条消息的编号。")
        return await _done(platform.say(person, talk, text, quotes))

    async def press(self, request: Request) -> Response:
        """Press a key, a card or a menu entry."""
        told = await _told(request)
        platform, person, talk = self._where(told)
        values = _values(told.get("values", {}))
        return await _done(platform.press(person, talk, _text(told, "bubble"), _text(told, "data"), values))

    async def drop(self, request: Request) -> Response:
        """Send a file: its bytes are the body, its name and place are in the query."""
        told = dict(request.query_params)
        platform, person, talk = self._where(told)
        if not request.headers.get("content-type", "").startswith("application/octet-stream"):
            raise _RefusedError(415, "文件请用 application/octet-stream 发。")
        name = _text(told, "name").replace("\\", "/").rpartition("/")[2].strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise _RefusedError(400, "这个文件名用不了，请改一个短一点的。")
        content = await _body(request, _MOST_FILE, "文件太大了：最多 20 MB。")
        if not content:
            raise _RefusedError(400, "这个文件是空的。")
        return await _done(platform.drop(person, talk, name, content))

    async def clock(self, request: Request) -> Response:
        """Move the time: {"forward": seconds}, {"to": "2026-11-23T08:30"} in the chain's zone, or {"reset": true}."""
        told = await _told(request)
        if told.keys() == {"reset"}:
            self._clock.reset()
        elif told.keys() == {"forward"} and isinstance(told["forward"], int | float):
            await self._turn(self._clock.now() + told["forward"])
        elif told.keys() == {"to"}:
            await self._turn(self._moment(_text(told, "to")))
        else:
            raise _RefusedError(400, "时间这样拨：forward（秒）、to（日期时间）或 reset，只填一个。")
        self._phones.stir()
        return JSONResponse(self._time())

    async def faults(self, request: Request) -> Response:
        """Order a fault: {"platform": …} and whatever that platform understands; or {"clear": true} lets all go."""
        told = await _told(request)
        name = _text(told, "platform")
        if name == _BOT and self._kill and told.get("kind") == "kill":
            self._kill()
            return JSONResponse({"ok": True})
        if name not in self._platforms:
            raise _RefusedError(404, f"没有这个平台：{name[:20]}")
        if told.get("clear") is True:
            _calm(self._platforms[name])
            return JSONResponse({"ok": True})
        try:
            self._platforms[name].add_fault({key: value for key, value in told.items() if key != "platform"})
        except (LookupError, TypeError, ValueError) as wrong:
            raise _RefusedError(400, f"不认识这种故障：{wrong}") from wrong
        return JSONResponse({"ok": True})

    def _time(self) -> dict[str, float]:
        return {"now": self._clock.now(), "offset": self._clock.offset}

    async def _turn(self, moment: float) -> None:
        if not (math.isfinite(moment) and _FIRST <= moment < _LAST):
            raise _RefusedError(400, "时间只能拨到 2000 年至 2099 年之间。")
        await self._clock.before(moment)
        self._clock.move_to(moment)

    def _moment(self, text: str) -> float:
        try:
            found = datetime.fromisoformat(text)
        except ValueError as wrong:
            raise _RefusedError(400, "日期时间请写成 2026-11-23T08:30 这样。") from wrong
        return (found if found.tzinfo else found.replace(tzinfo=self._zone)).astimezone(UTC).timestamp()

    def _owner(self, told: Mapping[str, Any]) -> tuple[LocalPlatform, str]:
        platform, person = _text(told, "platform"), _text(told, "person")
        if platform not in self._platforms or person not in self._phones.people:
            raise _RefusedError(404, "没有这部手机。")
        return self._platforms[platform], person

    def _where(self, told: Mapping[str, Any]) -> tuple[LocalPlatform, str, str]:
        platform, person = self._owner(told)
        talk = _text(told, "talk")
        if talk not in {one.id for one in platform.talks(person)}:
            raise _RefusedError(404, "这部手机上没有这个会话。")
        return platform, person, talk


def _calm(platform: LocalPlatform) -> None:
    """Let every fault of a platform go, in the word that it has for it."""
    held = getattr(platform, "faults", None)
    let_go = getattr(platform, "clear_faults", None) if held is None else held.clear
    if let_go is not None:
        let_go()


async def _done(act: Awaitable[str]) -> Response:
    """What the client flashes up, or the refusal in its own words."""
    try:
        return JSONResponse({"flash": await act})
    except LookupError as gone:
        raise _RefusedError(404, "这条消息已经不在了，请看最新的一条。") from gone
    except ValueError as wrong:
        raise _RefusedError(400, str(wrong)) from wrong


async def _body(request: Request, most: int, too_large: str) -> bytes:
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise _RefusedError(413, too_large)
        parts.append(part)
    return b"".join(parts)


async def _told(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _RefusedError(415, "请用 application/json 发。")
    body = await _body(request, _MOST_JSON, "内容太大了。")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise _RefusedError(400, "看不懂：不是 JSON。") from wrong
    if not isinstance(told, dict):
        raise _RefusedError(400, "看不懂：要一个 JSON 对象。")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise _RefusedError(400, f"缺少 {name}。")
    return value


def _values(told: object) -> dict[str, list[str]]:
    if not isinstance(told, dict) or not all(
        isinstance(chosen, list) and all(isinstance(one, str) for one in chosen) for chosen in told.values()
    ):
        raise _RefusedError(400, 'values 要写成 {"题目": ["选项"]}。')
    return told


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, _RefusedError)  # noqa: S101 — the only kind this is asked about
    return JSONResponse({"error": error.say}, error.status)


class _Page(StaticFiles):
    """The page's files: always asked for anew, so that an update shows, and allowed to use nothing but themselves."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response
