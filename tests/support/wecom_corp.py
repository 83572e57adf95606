"""A local WeCom on a real port with a bot's end beside it; the bot opens its callbacks with the library shops use."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx
import xmltodict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

from bot.sandbox.model import Bubble, Group, Person
from bot.sandbox.wecom import WecomServer, WecomSetup
from tests.support.local_server import serving

PEOPLE = (Person("xiaowang", "小王"), Person("DianZhang", "店长"), Person("waidian", "外店导购"))
GROUPS = (Group("001", "徐汇店群", ("xiaowang", "DianZhang")), Group("002", "静安店群", ("waidian",)))
SETUP = WecomSetup(
    corp_id="wx5823bf96d3bd56c7",
    agent_id=1000002,
    secret="app-secret-of-the-corp",
    token="QDG6eK",
    aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    bot_id="aibSANDBOX",
    bot_secret="bot-secret",
    bot_token="botToken9",
    bot_aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA",
    contact_secret="contact-secret",
    poll=0.01,
    patience=5,
)
PATIENCE = 20.0
T = TypeVar("T")


@dataclass
class BotEnd:
    """The bot's callback addresses: what came, opened, and what is answered next (nothing: an empty 200)."""

    told: list[dict[str, Any]] = field(default_factory=list)  # opened, as they came; a forged one is not there
    answers: deque[str | int] = field(default_factory=deque)  # a plaintext to seal, or an HTTP status
    refused: list[str] = field(default_factory=list)
    hold: Callable[[], Coroutine[Any, Any, None]] | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/wecom/callback", self._app, methods=["GET", "POST"]),
            Route("/wecom/bot", self._bot, methods=["GET", "POST"]),
        ]

    async def _app(self, request: Request) -> Response:
        query, crypto = request.query_params, WeChatCrypto(SETUP.token, SETUP.aes_key, SETUP.corp_id)
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return Response(crypto.check_signature(*signed, query["echostr"]))
        try:
            plain = crypto.decrypt_message(await request.body(), *signed)
        except Exception as error:  # noqa: BLE001 — whatever the library makes of hostile bytes
            self.refused.append(type(error).__name__)
            return Response(status_code=403)
        self.told.append(xmltodict.parse(plain)["xml"])
        return await self._answered(lambda answer: crypto.encrypt_message(answer, "n0nce", "1700000001"))

    async def _bot(self, request: Request) -> Response:
        query, crypto = request.query_params, WeChatCrypto(SETUP.bot_token, SETUP.bot_aes_key, "")
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return Response(crypto.check_signature(*signed, query["echostr"]))
        sealed = (await request.json())["encrypt"]
        try:
            self.told.append(json.loads(crypto.decrypt_message({"Encrypt": sealed}, *signed)))
        except Exception as error:  # noqa: BLE001 — whatever the library makes of hostile bytes
            self.refused.append(type(error).__name__)
            return Response(status_code=403)
        return await self._answered(lambda answer: _json_envelope(crypto, answer, query["nonce"]))

    async def _answered(self, seal: Callable[[str], str]) -> Response:
        if self.hold is not None:
            await self.hold()
        answer = self.answers.popleft() if self.answers else ""
        if isinstance(answer, int):
            return Response(status_code=answer)
        return Response(seal(answer) if answer else b"")


def _json_envelope(crypto: WeChatCrypto, answer: str, nonce: str) -> str:
    encrypted = PrpCrypto(crypto.key).encrypt(answer, "").decode()
    signature = _get_signature(SETUP.bot_token, "1700000001", nonce, encrypted)
    return json.dumps({"encrypt": encrypted, "msgsignature": signature, "timestamp": 1700000001, "nonce": nonce})


class Office:
    """The corp and the hands on it: calls as the bot makes them, acts as members do them."""

    def __init__(self, setup: WecomSetup) -> None:
        self.moment = 1_763_625_600.0
        self.server = WecomServer(setup, PEOPLE, GROUPS, lambda: self.moment)
        self.bot = BotEnd()
        self.base = ""
        self.http = httpx.Client(trust_env=False, timeout=PATIENCE, verify=False)  # noqa: S501 — it is plain http
        self._loop: asyncio.AbstractEventLoop | None = None

    def app(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self._loop = asyncio.get_running_loop()
            yield
            await self.server.close()

        return Starlette(routes=[*self.server.routes, *self.bot.routes()], lifespan=lifespan)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Let a member act, on the server's own loop."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(PATIENCE)

    def until(self, come: Callable[[], object]) -> None:
        """Wait until the phones show what is awaited; every change is looked at."""

        async def wait() -> None:
            changed = asyncio.Event()
            self.server.watchers.append(changed.set)
            async with asyncio.timeout(PATIENCE):
                while not come():
                    changed.clear()
                    await changed.wait()
            self.server.watchers.remove(changed.set)

        self.do(wait())

    def token(self, secret: str = SETUP.secret) -> str:
        """The access token, as the bot gets it."""
        answer = self.http.get(f"{self.base}/cgi-bin/gettoken", params={"corpid": SETUP.corp_id, "corpsecret": secret})
        return str(answer.json()["access_token"])

    def post(self, path: str, body: object, secret: str = SETUP.secret) -> dict[str, Any]:
        """A call with a body, as the bot makes it."""
        query = {"access_token": self.token(secret)}
        return dict(self.http.post(f"{self.base}/cgi-bin/{path}", params=query, json=body).json())

    def get(self, path: str, secret: str = SETUP.secret, **query: str) -> dict[str, Any]:
        """A call without a body."""
        whole = {"access_token": self.token(secret), **query}
        return dict(self.http.get(f"{self.base}/cgi-bin/{path}", params=whole).json())

    def send(self, kind: str, content: object, to: str = "xiaowang", **more: object) -> dict[str, Any]:
        """message/send to a member."""
        body = {"touser": to, "msgtype": kind, "agentid": SETUP.agent_id, kind: content, **more}
        return self.post("message/send", body)

    def upload(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        """media/upload with a plain file name."""
        query = {"access_token": self.token(), "type": kind}
        answer = self.http.post(f"{self.base}/cgi-bin/media/upload", params=query, files={"media": (name, content)})
        return dict(answer.json())

    def last(self, person: str = "xiaowang", talk: str = "app") -> Bubble:
        """The newest bubble of a talk."""
        return next(one for one in self.server.talks(person) if one.id == talk).bubbles[-1]

    def shown(self, person: str = "xiaowang", talk: str = "app") -> list[str]:
        """What a talk shows, in HTML."""
        return [bubble.html for one in self.server.talks(person) if one.id == talk for bubble in one.bubbles]


@contextmanager
def open_office(**changed: Any) -> Iterator[Office]:
    """A corp with a bot's callback end on a real port; `smart=True` puts the smart bot in callback mode."""
    smart = changed.pop("smart", False)
    office = Office(replace(SETUP, **changed))
    with serving(office.app()) as base, office.http:
        office.base = office.server.address = base
        office.server.callback_url = changed.get("callback_url", f"{base}/wecom/callback")
        office.server.bot_callback_url = f"{base}/wecom/bot" if smart else ""
        yield office


def button_card(task: str = "task_1", **more: object) -> dict[str, Any]:
    """A card with two buttons."""
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "回访任务", "desc": "王女士"},
        "task_id": task,
        "button_list": [{"text": "发券", "style": 1, "key": "3f.1"}, {"text": "稍后", "style": 2, "key": "3f.2"}],
        **more,
    }


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc00000030101"
    "0018dd8db00000000049454e44ae426082"
)
