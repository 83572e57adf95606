"""Telegram and WeCom on this machine for a test: the strict servers behind one address, and hands on their phones."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.sandbox.clock import Clock
from bot.sandbox.model import Group, Person
from bot.sandbox.telegram import TelegramServer
from bot.sandbox.wecom import WecomServer, WecomSetup
from tests.support.bot_api import check
from tests.support.cast import CAST
from tests.support.local_server import PLAIN, serving

TOKEN = "7000000001:AAE-test-token-of-the-local-server-0001"
SETUP = WecomSetup(
    corp_id="ww0123456789abcdef",
    agent_id=1000002,
    secret="test-app-secret-0123456789-0123456789-0123",
    token="TestCallbackToken01",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA",
    bot_id="aibTestSmartBot0001",
    bot_secret="test-bot-secret-0123456789-0123456789-0123",
    bot_token="TestBotToken01",
    bot_aes_key="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefA",
)
SECRETS = (
    TOKEN.partition(":")[2],
    SETUP.secret,
    SETUP.token,
    SETUP.aes_key,
    SETUP.bot_secret,
    SETUP.bot_token,
    SETUP.bot_aes_key,
)
PEOPLE = tuple(Person(person.code, person.name) for person in CAST.values())
GROUPS = (
    Group("001", "徐汇店群", tuple(person.code for person in CAST.values() if person.store != "002")),
    Group("002", "静安店群", ("waidian",)),
)


@dataclass(slots=True)
class Platforms:
    """Both platforms, seen from the test's side."""

    telegram: TelegramServer
    wecom: WecomServer
    clock: Clock
    base: str
    setup: WecomSetup
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30, trust_env=False, verify=PLAIN))

    def do(self, act: str, platform: str, person: str, talk: str, **more: Any) -> None:
        """Say, press or drop something on a phone."""
        said = {"act": act, "platform": platform, "person": person, "talk": talk, **more}
        answer = self.client.post(f"{self.base}/hand", json=said)
        assert answer.status_code == 200, answer.text

    def bubbles(self, platform: str, person: str, talk: str) -> list[dict[str, Any]]:
        """What a talk on a phone shows, oldest first."""
        where = {"platform": platform, "person": person, "talk": talk}
        found: list[dict[str, Any]] = self.client.get(f"{self.base}/eyes", params=where).json()
        return found


@contextmanager
def platforms(folder: Path, **wecom: Any) -> Iterator[Platforms]:
    """Both servers on one port, with the cast's phones; `wecom` changes its set-up."""
    clock = Clock(folder / "clock")
    setup = SETUP if not wecom else WecomSetup(**{**_fields(SETUP), **wecom})
    telegram = TelegramServer(TOKEN, PEOPLE, GROUPS, clock.now)
    company = WecomServer(setup, PEOPLE, GROUPS, clock.now)
    both: dict[str, Any] = {"telegram": telegram, "wecom": company}

    async def hand(request: Request) -> JSONResponse:
        told = json.loads(await request.body())
        platform, person, talk = both[told["platform"]], told["person"], told["talk"]
        if told["act"] == "say":
            return JSONResponse(await platform.say(person, talk, told["text"], told.get("quotes")))
        if told["act"] == "press":
            return JSONResponse(await platform.press(person, talk, told["bubble"], told["data"], {}))
        return JSONResponse(await platform.drop(person, talk, told["name"], bytes.fromhex(told["content"])))

    async def eyes(request: Request) -> JSONResponse:
        told = request.query_params
        talks = {talk.id: talk for talk in both[told["platform"]].talks(told["person"])}
        return JSONResponse([_shown(bubble) for bubble in talks[told["talk"]].bubbles])

    app = Starlette(
        routes=[
            *telegram.routes,
            *company.routes,
            Route("/hand", hand, methods=["POST"]),
            Route("/eyes", eyes),
        ]
    )
    with serving(app) as base:
        company.address = base
        found = Platforms(telegram, company, clock, base, setup)
        try:
            yield found
        finally:
            found.client.close()
    assert check(list(telegram.calls)) == []


def _fields(setup: WecomSetup) -> dict[str, Any]:
    return {name: getattr(setup, name) for name in setup.__dataclass_fields__}


def _shown(bubble: Any) -> dict[str, Any]:
    return {
        "id": bubble.id,
        "mine": bubble.mine,
        "author": bubble.author,
        "text": as_text(bubble.html),
        "keys": [[key.label, key.data] for row in bubble.keys for key in row],
        "card": bubble.card,
        "note": bubble.note,
        "files": bubble.files,
    }


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._quoting = False

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self._quoting |= tag == "blockquote"
        if tag in ("br", "p", "div"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._quoting &= tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if not self._quoting:
            self.parts.append(data)


def as_text(html: str) -> str:
    """What a bubble reads like, less what it quotes."""
    parser = _Text()
    parser.feed(html)
    return "".join(parser.parts).strip("\n")
