"""The callback door: a delivery is answered 200 only when it is kept, and a bad one always alike."""

import asyncio
import logging
import os
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.channels.wecom.crypto import Crypto, Refused
from bot.channels.wecom.envelope import echo, elements, letter
from bot.channels.wecom.inbound import Heard, Picture, Unfit, hear, key_of
from bot.chat import File, Incoming
from bot.wire import Desk, Event, Request, Response, SendError

ANSWER_WITHIN = 4.0  # seconds; the platform hangs up after 5 and comes again
MOST_PICTURE = 10 << 20
_FETCHES = 2  # at once, so that pictures leave room for answers
_REMEMBERED = 1000
_ACCEPTED = Response(200)
_REFUSED = Response(403, b"forbidden")
_UNAVAILABLE = Response(503)
_NO_VOICE = "语音我听不了：请用键盘上的语音输入，说完变成文字再发。"
_ONLY_WORDS = "我只看得懂文字和图片，别的请打字告诉我。"
_LOST_PICTURE = "图片没有收到，请再发一次。"
_SUFFIXES = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp"))

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hands:
    """What the door needs done: a picture fetched, a word said, the label of a pressed button known."""

    fetch: Callable[[str, int], Awaitable[bytes]]
    say: Callable[[str, str], Awaitable[None]]
    label: Callable[[str, str], str]


class Callbacks:
    """Receives for one app, once there is a desk."""

    def __init__(self, crypto: Crypto, agent_id: int, files: Path, hands: Hands) -> None:
        """Take the folder pictures go to."""
        self.desk: Desk | None = None
        self._crypto = crypto
        self._agent_id = agent_id
        self._files = files
        self._hands = hands
        self._running: dict[str, asyncio.Task[None]] = {}
        self._fetches = asyncio.Semaphore(_FETCHES)
        self._told: OrderedDict[str, None] = OrderedDict()

    async def receive(self, request: Request) -> Response:
        """Answer a GET that checks the address, and a POST that delivers."""
        desk = self.desk
        if desk is None:
            return _UNAVAILABLE
        now = desk.now()
        try:
            if request.method == "GET":
                return Response(200, echo(request, self._crypto, now))
            plain = letter(request, self._crypto, now)
            data = elements(plain)
        except Refused as refused:
            log.warning("a WeCom callback was refused: %s", refused.reason)
            return _REFUSED
        key = key_of(data, plain)
        heard = hear(data, key, self._agent_id, now)
        return _ACCEPTED if heard is None else await self._done(desk, key, heard)

    async def _done(self, desk: Desk, key: str, heard: Heard) -> Response:
        """Do it in a task of its own: who hangs up must not undo it, and who comes again waits for the same."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._do(desk, heard))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        await asyncio.wait({task}, timeout=ANSWER_WITHIN)
        kept = task.done() and not task.cancelled() and task.exception() is None
        return _ACCEPTED if kept else _UNAVAILABLE

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("a WeCom callback could not be kept: %s", type(error).__name__)

    async def _do(self, desk: Desk, heard: Heard) -> None:
        match heard:
            case Incoming():
                await desk.take(self._labelled(heard))
            case Event():
                await desk.tell(heard)
            case Picture():
                await self._picture(desk, heard)
            case Unfit():
                self._explain(heard)

    def _labelled(self, message: Incoming) -> Incoming:
        """A press with the words of its button, while they are known, to be shown on the card afterwards."""
        if message.press is None:
            return message
        label = self._hands.label(message.back["task_id"], message.press.key)
        return replace(message, back={**message.back, "label": label}) if label else message

    async def _picture(self, desk: Desk, picture: Picture) -> None:
        try:
            async with self._fetches:
                content = await self._hands.fetch(picture.media_id, MOST_PICTURE)
        except SendError as error:
            if error.fault not in {"never", "gone"}:
                raise
            self._say(picture.message.key, picture.message.address.account, _LOST_PICTURE)
            return
        file = await asyncio.to_thread(_stored, self._files, content)
        taken = False
        try:
            taken = await desk.take(replace(picture.message, files=(file,)))
        finally:
            if not taken:
                await asyncio.to_thread(Path(file.path).unlink, missing_ok=True)

    def _explain(self, unfit: Unfit) -> None:
        """Say what would be understood: for each voice message, for other things once to a person."""
        if unfit.kind == "voice":
            self._say(unfit.key, unfit.account, _NO_VOICE)
        else:
            self._say(unfit.account, unfit.account, _ONLY_WORDS)

    def _say(self, once: str, account: str, text: str) -> None:
        """Say it in the background, once; nothing depends on it."""
        if once in self._told:
            return
        self._told[once] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        name = f"say:{once}"
        task = self._running[name] = asyncio.create_task(_quietly(self._hands.say(account, text)))
        task.add_done_callback(lambda ended: self._ended(name, ended))

    async def close(self) -> None:
        """Let what is being kept be kept."""
        self.desk = None
        if self._running:
            await asyncio.wait(tuple(self._running.values()), timeout=ANSWER_WITHIN)


async def _quietly(said: Awaitable[None]) -> None:
    try:
        await said
    except SendError as error:
        log.info("a hint was not sent: %s", error.say)


def _stored(folder: Path, content: bytes) -> File:
    """The picture under a name nobody can guess, for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suffix = next((suffix for magic, suffix in _SUFFIXES if content.startswith(magic)), ".img")
    path = folder / f"wecom-{secrets.token_hex(16)}{suffix}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return File(f"图片{suffix}", str(path))
