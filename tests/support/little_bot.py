"""The sandbox served for a test or a picture, and a very small bot on it that knows a few lines by heart.

It speaks the platforms' own protocols: Telegram by polling, WeCom's smart bot by its long connection.
"""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from bot.sandbox.clock import Clock
from bot.sandbox.server import build, cast
from bot.sandbox.telegram.server import TelegramServer
from bot.sandbox.wecom.server import WecomServer
from bot.sandbox.wecom.setup import WecomSetup
from tests.support.local_server import serving

TOKEN = "7000000001:AAlocal-sandbox-token-for-tests-0001"
SETUP = WecomSetup(
    corp_id="ww0123456789abcdef",
    agent_id=1000002,
    secret="sandbox-secret",
    token="sandboxtoken",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    bot_id="aibsandbox",
    bot_secret="sandbox-bot-secret",
)

CARD = (
    "⚠️ 芒果过敏（2025-07 小王记）\n王*（尾号8000）· 沉睡 · 你的客户\n常买：芋泥波波 三分糖\n"
    "平时17天来一次，已62天没来\n"
    "今天可说：“好久不见！还是芋泥波波吗”\n1 记一句　2 全部　3 给看　· 数据到昨天15:00"
)
ALL = (
    "⚠️ 芒果过敏（2025-07 小王记）\n王*（尾号8000）· 沉睡\n女 · 生日 1993年6月18日 · 手机 138****8000 · 导购 小王\n"
    "买过6单，共¥108，均单¥18，最大一单¥18\n平时17天来一次，已62天没来\n· 喜好 三分糖\n"
    "最近：09-19芋泥波波 ¥18、09-01芋泥波波 ¥18\n1 记一句　2 给看　3 为什么"
)
LINES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "8000": (CARD, ("记一句", "全部", "给看")),
    "全部": (ALL, ("记一句", "给看", "为什么")),
    "记一句": ("说吧，一句话就行。比如：她对花生也过敏 三分糖去冰", ()),
    "给看": (
        "王女士，您好！\n已为您避开：芒果\n您喜欢：芋泥波波、三分糖\n谢谢您常来，有任何不满意请直接告诉我们。",
        (),
    ),
    "过敏": ("给 王*（尾号8000）记下：花生过敏、三分糖去冰。错了回 撤", ()),
    "撤": ("撤好了：王*（尾号8000）花生过敏、三分糖去冰。", ()),
}
UNKNOWN = ("没听懂。发尾号就能查，发一句话就能记；「帮助」看能做什么。", ())


def answer(text: str) -> tuple[str, tuple[str, ...]]:
    """What the little bot says, and the words on the keys below it."""
    return next((known for word, known in LINES.items() if word in text), UNKNOWN)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox while it is served; `killed` once somebody has asked for the bot's end."""

    address: str
    telegram: TelegramServer
    wecom: WecomServer
    clock: Clock
    killed: threading.Event

    def telegram_call(self, method: str, files: Mapping[str, Any] | None = None, **fields: object) -> Any:
        """A call of the Bot API, as a bot makes it; returns the result."""
        texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in fields.items()}
        answered = httpx.post(f"{self.address}/bot{TOKEN}/{method}", data=texts, files=files, timeout=40).json()
        assert answered["ok"], answered
        return answered["result"]

    def wecom_send(self, person: str, kind: str, content: Mapping[str, Any]) -> None:
        """An app message to one employee."""
        query = {"corpid": SETUP.corp_id, "corpsecret": SETUP.secret}
        token = httpx.get(f"{self.address}/cgi-bin/gettoken", params=query).json()["access_token"]
        body = {"touser": person, "msgtype": kind, "agentid": SETUP.agent_id, kind: content}
        sent = httpx.post(f"{self.address}/cgi-bin/message/send", params={"access_token": token}, json=body).json()
        assert sent["errcode"] == 0, sent


@contextmanager
def sandbox(folder: Path) -> Iterator[Sandbox]:
    """Both platforms, the clock and the page at an address of this machine."""
    clock = Clock(folder / "clock")
    people, groups = cast()
    telegram = TelegramServer(TOKEN, people, groups, clock.now)
    wecom = WecomServer(SETUP, people, groups, clock.now)
    killed = threading.Event()
    with serving(build([telegram, wecom], clock, kill=killed.set)) as address:
        wecom.address = address
        yield Sandbox(address, telegram, wecom, clock, killed)


@contextmanager
def working(place: Sandbox) -> Iterator[None]:
    """The little bot at work in a thread; it is connected to both platforms when this returns."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    bot = _Bot(place, ready)
    thread = threading.Thread(target=loop.run_until_complete, args=(bot.run(),), daemon=True)
    thread.start()
    assert ready.wait(20), "the little bot did not connect"
    yield
    loop.call_soon_threadsafe(bot.stop)
    thread.join(20)
    loop.close()


class _Bot:
    def __init__(self, place: Sandbox, ready: threading.Event) -> None:
        self._place = place
        self._ready = ready
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        self._tasks = [asyncio.create_task(self._telegram()), asyncio.create_task(self._wecom())]
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _telegram(self) -> None:
        async with httpx.AsyncClient(base_url=f"{self._place.address}/bot{TOKEN}", timeout=40) as client:
            offset = 0
            while True:
                told = (await client.post("/getUpdates", json={"offset": offset, "timeout": 20})).json()
                for update in told["result"]:
                    offset = update["update_id"] + 1
                    await self._update(client, update)

    async def _update(self, client: httpx.AsyncClient, update: Mapping[str, Any]) -> None:
        pressed, message = update.get("callback_query"), update.get("message")
        if pressed:
            await client.post(
                "/answerCallbackQuery", json={"callback_query_id": pressed["id"], "text": f"已选：{pressed['data']}"}
            )
            await self._write(client, pressed["message"]["chat"]["id"], pressed["data"])
        elif message and "document" in message:
            said = f"收到 {message['document']['file_name']}，读到 2 行。"
            await self._send(client, {"chat_id": message["chat"]["id"], "text": said})
        elif message and "text" in message:
            await self._write(client, message["chat"]["id"], message["text"])

    async def _write(self, client: httpx.AsyncClient, chat: int, text: str) -> None:
        said, keys = answer(text)
        board = {"inline_keyboard": [[{"text": key, "callback_data": key} for key in keys]]} if keys else None
        body = {"chat_id": chat, "text": said} | ({"reply_markup": board} if board else {})
        await self._send(client, body)

    async def _send(self, client: httpx.AsyncClient, body: Mapping[str, Any]) -> None:
        """Send, as often as Telegram asks to wait."""
        sent = await client.post("/sendMessage", json=body)
        if sent.status_code == 429:
            await asyncio.sleep(sent.json()["parameters"]["retry_after"])
            await self._send(client, body)

    async def _wecom(self) -> None:
        async with connect(f"{self._place.address.replace('http', 'ws', 1)}/wecom/ws") as line:
            await _put(line, "aibot_subscribe", "subscribe", {"bot_id": SETUP.bot_id, "secret": SETUP.bot_secret})
            async for raw in line:
                frame = json.loads(raw)
                self._ready.set()
                name = frame["headers"]["req_id"]
                if frame.get("cmd") == "aibot_msg_callback":
                    text = frame["body"].get("text", {}).get("content", "文件")
                    await _put(line, "aibot_respond_msg", name, _worded(text, name))
                elif frame.get("cmd") == "aibot_event_callback" and "template_card_event" in frame["body"]["event"]:
                    key = frame["body"]["event"]["template_card_event"]["event_key"]
                    card = _card(key, name) | {"replace_text": f"已选：{key}"}
                    await _put(
                        line,
                        "aibot_respond_update_msg",
                        name,
                        {"response_type": "update_template_card", "template_card": card},
                    )


def _worded(text: str, name: str) -> dict[str, Any]:
    said, keys = answer(text)
    stream = {"id": f"s{name}"[:60], "finish": True, "content": said}
    if not keys:
        return {"msgtype": "stream", "stream": stream}
    return {"msgtype": "stream_with_template_card", "stream": stream, "template_card": _card("接下来", name)}


def _card(desc: str, name: str) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "王*（尾号8000）", "desc": desc},
        "task_id": f"t{abs(hash(name))}",
        "button_list": [{"text": "记一句", "style": 1, "key": "记一句"}, {"text": "全部", "style": 2, "key": "全部"}],
    }


async def _put(line: Any, command: str, name: str, body: Mapping[str, Any]) -> None:
    await line.send(json.dumps({"cmd": command, "headers": {"req_id": name}, "body": body}, ensure_ascii=False))
