"""The self-built app as a channel: callbacks in at one door, answers out by message/send, one person a chat."""

import asyncio
import mimetypes
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.channels.wecom import outgoing
from bot.channels.wecom.api import Api
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.door import Callbacks, Hands
from bot.channels.wecom.envelope import MOST_BYTES
from bot.channels.wecom.faults import EXPIRED_MEDIA, NAME_TAKEN, WecomError
from bot.channels.wecom.inbound import NAME
from bot.channels.wecom.menu import MENU, Entry, menu_body
from bot.channels.wecom.repeats import Repeats
from bot.channels.wecom.transport import PARALLEL, Upload
from bot.wire import Desk, Door, Pace, Parcel, Piece, Pulse

# Faults no waiting mends. Others, such as an address not yet trusted, can be mended only while the door is open:
# the admin console checks the callback before it takes anything else.
_HOPELESS = frozenset({40001, 40013, 40056, 41004, 41011, 301002})
_LEAST_FILE, _MOST_FILE, _MOST_PICTURE = 6, 20 << 20, 5 << 20
_REMEMBERED = 2000
_FINE = Pulse(True, "企业微信应用正常。")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WecomAppSetup:
    """What the admin console says of the app. `api` is a base address without /cgi-bin; `files` a folder of ours."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    api: str = ""
    files: Path = field(kw_only=True)


class WecomApp:
    """The channel `wecom`; raises SendError("setup") for a Token or EncodingAESKey that cannot be one."""

    name: str = NAME
    # A little under 30 a minute and 1000 an hour: what is above is dropped there without a word.
    paces: Mapping[str, tuple[Pace, ...]] = {"chat": (Pace(25, 60), Pace(900, 3600))}

    def __init__(self, setup: WecomAppSetup, menu: Sequence[Entry] = MENU) -> None:
        """Take the app's setup and the menu to put under its conversation."""
        self.api = Api(setup.corp_id, setup.secret, setup.api)
        self._agent_id = setup.agent_id
        self._menu = menu_body(menu)
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix=NAME)
        self._repeats = Repeats()
        self._labels: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._pulse = Pulse(False, "企业微信应用还没有启动。")
        crypto = Crypto(setup.token, setup.aes_key, setup.corp_id)
        hands = Hands(fetch=self._fetch, say=self._say, label=self._label)
        self._callbacks = Callbacks(crypto, setup.agent_id, setup.files, hands)
        self.doors: tuple[Door, ...] = (
            Door("/wecom/callback", ("GET", "POST"), self._callbacks.receive, most_bytes=MOST_BYTES),
        )

    async def open(self, desk: Desk) -> None:
        """Open the door, prove the secret and set the menu; only a setup no waiting mends is refused."""
        self._callbacks.desk = desk
        try:
            await self._run(lambda: self.api.menu.create(self._agent_id, self._menu))
        except WecomError as error:
            if error.code in _HOPELESS:
                raise

    async def listen(self) -> None:
        """Nothing: all comes through the door."""

    def pieces(self, parcel: Parcel) -> list[Piece]:
        """What to send for a parcel."""
        return outgoing.pieces(parcel, self._agent_id)

    async def post(self, piece: Piece) -> None:
        """Send one piece, one try; raises SendError."""
        await self._run(lambda: self._send(piece.body))

    def pulse(self) -> Pulse:
        """How the last call went, and what to mend."""
        return self._pulse

    async def close(self) -> None:
        """Keep what is being kept, then give back threads and connections."""
        await self._callbacks.close()
        await asyncio.to_thread(self._pool.shutdown)
        self.api.close()

    async def _run(self, do: Callable[[], T]) -> T:
        """Call in the pool: the platform takes few calls at once."""
        try:
            done = await asyncio.get_running_loop().run_in_executor(self._pool, do)
        except WecomError as error:
            self._pulse = Pulse(error.fault in {"never", "gone"}, error.say)
            raise
        self._pulse = _FINE
        return done

    def _send(self, body: Mapping[str, Any]) -> None:
        if update := body.get("update"):
            self.api.ask("message/update_template_card", update)
            return
        message = self._uploaded(body["file"], body["message"]) if "file" in body else body["message"]
        checked = self._repeats.checked(message, body["mark"])
        try:
            self.api.send(checked)
        except WecomError as error:
            if error.fault == "never" and error.code != NAME_TAKEN and "instead" in body:
                self._send(body["instead"])
                return
            if error.code != NAME_TAKEN:  # a card's name is its parcel's alone: an earlier try did arrive
                raise self._judged(error, checked) from None
        if card := message.get("template_card"):
            self._labels[card["task_id"]] = {button["key"]: button["text"] for button in card["button_list"]}
            while len(self._labels) > _REMEMBERED:
                self._labels.popitem(last=False)

    def _judged(self, error: WecomError, message: Mapping[str, Any]) -> WecomError:
        """The error as it is for this message: what the platform knows again may be tried again."""
        if error.fault == "unknown" and "enable_duplicate_check" in message:
            again = WecomError("again", error.say, code=error.code)
            again.known_again = True
            return again
        media = message.get(message["msgtype"], {}).get("media_id")
        if error.code == EXPIRED_MEDIA and media and self.api.forget_media(media):
            return WecomError("again", error.say, code=error.code)
        return error

    def _uploaded(self, path: str, message: Mapping[str, Any]) -> dict[str, Any]:
        upload = _read(Path(path))
        kind = message["msgtype"] if len(upload[1]) <= _MOST_PICTURE else "file"
        return {**message, "msgtype": kind, kind: {"media_id": self.api.upload(kind, upload)}}

    async def _fetch(self, media_id: str, most_bytes: int) -> bytes:
        return await self._run(lambda: self.api.download(media_id, most_bytes))

    async def _say(self, account: str, text: str) -> None:
        content = {"touser": account, "msgtype": "text", "agentid": self._agent_id, "text": {"content": text}}
        await self._run(lambda: self.api.send(content))

    def _label(self, task: str, key: str) -> str:
        return self._labels.get(task, {}).get(key, "")


def _read(path: Path) -> Upload:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _MOST_FILE else b""
    except OSError:
        raise WecomError("never", "要发的文件读不到。") from None
    if len(content) < _LEAST_FILE:
        raise WecomError("never", "要发的文件是空的，或大于 20 MB。")
    return path.name, content, mimetypes.guess_type(path.name)[0] or "application/octet-stream"
