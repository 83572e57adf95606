"""A local Telegram on a real port, with two guides, a stranger, a group, and a clock that stands still."""

import asyncio
import struct
import zlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.sandbox.model import Bubble, Group, Person, Talk
from bot.sandbox.telegram import TelegramServer
from tests.support.bot_api import check_answers
from tests.support.local_server import PLAIN, serving

TOKEN = "7000000001:AAlocal-test_token"
NOON = 1_795_320_000.0
PEOPLE = (Person("xiaowang", "小王"), Person("xiaoli", "小李"), Person("luren", "路人"))
GROUPS = (Group("001", "徐汇店群", ("xiaowang", "xiaoli")),)

Answer = tuple[int, Any]


def png(width: int = 40, height: int = 20) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * ((width + 7) // 8)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Lab:
    """The server, its address, and both ends of it."""

    def __init__(self, server: TelegramServer, url: str, http: httpx.Client) -> None:
        self.server = server
        self.url = url
        self.http = http
        self.at = NOON

    def now(self) -> float:
        return self.at

    def ask(self, method: str, **fields: object) -> Answer:
        """Call a method by JSON: the status, and the result or the refusal's words."""
        answer = self.http.post(f"/bot{TOKEN}/{method}", json=fields)
        told = answer.json()
        return answer.status_code, told["result"] if told["ok"] else told["description"]

    def do(self, method: str, **fields: object) -> Any:
        """The result of a call that must go well."""
        status, result = self.ask(method, **fields)
        assert status == 200, result
        return result

    def updates(self, **fields: object) -> list[Any]:
        """What waits for the bot, which is confirmed at once."""
        waiting = self.do("getUpdates", **fields)
        if waiting:
            self.do("getUpdates", offset=waiting[-1]["update_id"] + 1, limit=1)
        return list(waiting)

    def act(self, deed: Coroutine[Any, Any, str]) -> str:
        """A person's act, from this thread."""
        return asyncio.run(deed)

    def say(self, person: str, text: str, talk: str = "private", quotes: str | None = None) -> None:
        self.act(self.server.say(person, talk, text, quotes))

    def start(self, *people: str) -> None:
        """Let people press START, unseen by the bot."""
        for person in people:
            self.server.start(person)
        self.updates()

    def phone(self, person: str, talk: str = "private") -> Talk:
        return next(one for one in self.server.talks(person) if one.id == talk)

    def last(self, person: str, talk: str = "private") -> Bubble:
        return self.phone(person, talk).bubbles[-1]

    def chat(self, person: str) -> int:
        return self.server.user_id_of(person)


@contextmanager
def local_telegram(more: Callable[[], Sequence[BaseRoute]] = tuple) -> Iterator[Lab]:
    """A server for one test; at the end every answer it gave is held against the specification."""
    lab: Lab | None = None
    server = TelegramServer(TOKEN, PEOPLE, GROUPS, lambda: NOON if lab is None else lab.at)
    app = Starlette(routes=[*server.routes, *more()])
    with serving(app) as url, httpx.Client(base_url=url, timeout=10, verify=PLAIN) as http:
        lab = Lab(server, url, http)
        yield lab
    assert check_answers(server.calls) == []
