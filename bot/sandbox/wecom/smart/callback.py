"""The smart bot's callback mode: sealed JSON both ways, a stream asked for until it is finished, one response_url."""

import asyncio
import json
from typing import Any

from bot.sandbox.wecom.callbacks import TRIES, Doorway, Receipt
from bot.sandbox.wecom.crypto import SealError
from bot.sandbox.wecom.passive import ThrownError
from bot.sandbox.wecom.refusals import Body, RefusedError
from bot.sandbox.wecom.smart.rules import STREAM_LIFE, SmartBot, Turn

KINDS = ("stream", "template_card", "stream_with_template_card")


class SmartCallback:
    """The server's side of the callback mode."""

    def __init__(self, bot: SmartBot, door: Doorway) -> None:
        """Streams that are being asked for run as tasks until `close`."""
        self._bot = bot
        self._door = door
        self._polls: set[asyncio.Task[None]] = set()

    async def tell(self, turn: Turn, body: Body) -> bool:
        """Hand a message or an event to the bot and show its answer; False where it was not taken."""
        if turn.kind == "message":
            code = self._bot.corp.name("RC")
            self._bot.urls[code] = turn
            address = f"{self._bot.corp.address}/cgi-bin/aibot/response?response_code={code}"
            body = {**body, "response_url": address}
        receipt = await self._door.deliver(
            json.dumps(body, ensure_ascii=False), tries=1 if turn.kind == "card" else TRIES
        )
        if not receipt.taken:
            return False
        self._take(turn, receipt)
        for name in turn.streams.keys() - turn.finished:
            task = asyncio.create_task(self._poll(turn, name))
            self._polls.add(task)
            task.add_done_callback(self._polls.discard)
        return True

    async def close(self) -> None:
        """Ask for no stream any more."""
        for task in list(self._polls):
            task.cancel()
        await asyncio.gather(*self._polls, return_exceptions=True)

    async def _poll(self, turn: Turn, name: str) -> None:
        while name not in turn.finished and self._bot.corp.now() < turn.at + STREAM_LIFE:
            await asyncio.sleep(self._bot.corp.setup.poll)
            body = {**self._bot.head(turn), "msgtype": "stream", "stream": {"id": name}}
            receipt = await self._door.deliver(json.dumps(body, ensure_ascii=False), tries=1)
            if receipt.taken:
                self._take(turn, receipt, stream=name)

    def _take(self, turn: Turn, receipt: Receipt, stream: str = "") -> None:
        try:
            answer = self._open(receipt, stream)
            if not answer:
                return
            if turn.kind == "message":
                self._bot.answer(turn, answer, KINDS)
            elif turn.kind == "enter":
                self._bot.welcome(turn, answer)
            else:
                self._bot.update(turn, answer)
        except (ThrownError, RefusedError) as error:
            self._bot.corp.complaints.append(str(error))

    def _open(self, receipt: Receipt, stream: str) -> Body:
        if not receipt.body.strip():
            return {}
        envelope = _object(receipt.body)
        sealed, signature = envelope.get("encrypt"), envelope.get("msgsignature")
        timestamp, nonce = envelope.get("timestamp"), envelope.get("nonce")
        if not isinstance(sealed, str) or not isinstance(signature, str) or not isinstance(timestamp, int):
            raise ThrownError("the answer lacks encrypt, msgsignature or a whole timestamp")
        if nonce != receipt.nonce:
            raise ThrownError("the answer has another nonce than the callback")
        try:
            answer = _object(self._door.seal.open(sealed, signature, str(timestamp), receipt.nonce).encode())
        except SealError as error:
            raise ThrownError(f"the answer is {error}") from error
        if stream and (answer.get("stream") or {}).get("id") != stream:
            raise ThrownError("the answer is of another stream")
        return answer


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise ThrownError("the answer is no JSON") from error
    if not isinstance(found, dict):
        raise ThrownError("the answer is no JSON object")
    return found
