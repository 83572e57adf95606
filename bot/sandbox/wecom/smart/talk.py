"""What members do with the smart bot: in their own talk with it, and in groups when they name it."""

from bot.sandbox.model import Bubble
from bot.sandbox.wecom import faces
from bot.sandbox.wecom.app_talk import MIMES, AppTalk, find, media_kind, plain_text
from bot.sandbox.wecom.corp import BOT, Corp, Seen, Stored
from bot.sandbox.wecom.crypto import aes_key, lock
from bot.sandbox.wecom.refusals import Body
from bot.sandbox.wecom.smart.callback import SmartCallback
from bot.sandbox.wecom.smart.link import SmartLink
from bot.sandbox.wecom.smart.rules import SmartBot, Turn, chosen_in

OFFLINE = "机器人没连上，没送到"
MISSED = "没送到"
BUSY = "请等机器人回答完前面的消息"
FILE_LIFE = 300


class SmartTalk:
    """The members' side of the smart bot."""

    def __init__(self, bot: SmartBot, link: SmartLink, callback: SmartCallback, app: AppTalk) -> None:
        """`app` shows on the sender's phone what she sent."""
        self._bot = bot
        self._corp: Corp = bot.corp
        self._link = link
        self._callback = callback
        self._app = app
        self._entered: dict[str, int] = {}

    async def say(self, person: str, talk: str, text: str, quotes: str | None) -> str:
        """Type and send; in a group the bot hears only what names it first."""
        quoted = find(self._corp, person, talk, quotes) if quotes else None
        mine = self._show(person, talk, faces.text_html(text), "text", {"content": text})
        named = talk.startswith("group:") and text.startswith(f"@{self._corp.setup.bot_name}")
        if talk != BOT and not named:
            return ""
        if self._bot.too_many(person):
            return BUSY
        body: Body = {"msgtype": "text", "text": {"content": text}}
        if quoted is not None:
            body["quote"] = {"msgtype": "text", "text": {"content": plain_text(self._corp, quoted)}}
        return await self._tell(self._bot.begin("message", person, talk), body, mine)

    async def speak(self, person: str, transcript: str) -> str:
        """Send a voice message in the own talk; the bot gets what was understood."""
        mine = self._show(person, BOT, faces.text_html(f"[语音] {transcript}"), "voice", {"content": transcript})
        body = {"msgtype": "voice", "voice": {"content": transcript}}
        return await self._tell(self._bot.begin("message", person, BOT), body, mine)

    async def drop(self, person: str, talk: str, name: str, content: bytes) -> str:
        """Send a file; in a group the bot does not get it."""
        kind = media_kind(name, content)
        kind = "file" if kind == "voice" else kind
        stored = Stored(name, MIMES[kind], content, self._corp.now(), kind)
        held = self._corp.keep("PIC", stored)
        files = [{"name": name, "mime": stored.mime, "href": f"/wecom/file/{held}"}]
        mine = self._show(person, talk, "", kind, {"name": name}, files)
        if talk != BOT:
            return ""
        body = {"msgtype": kind, kind: self._locked(stored)}
        return await self._tell(self._bot.begin("message", person, talk), body, mine)

    async def enter(self, person: str) -> str:
        """Open the talk; the bot is told of the first time each day."""
        day = int(self._corp.now() // 86400)
        if self._entered.get(person) == day:
            return ""
        self._entered[person] = day
        turn = self._bot.begin("enter", person, BOT)
        return await self._tell(turn, self._event({"eventtype": "enter_chat"}))

    async def press(self, person: str, talk: str, shown: Bubble, data: str, values: dict[str, list[str]]) -> str:
        """Press a card's button, its submit or its corner menu."""
        if data.startswith("url:"):
            return f"打开 {data[4:]}"
        card = shown.card or {}
        try:
            chosen = chosen_in(card, shown, data, values)
        except ValueError as error:
            return str(error)
        turn = self._bot.begin("card", person, talk, shown)
        event = self._bot.card_event(card, data.removeprefix(faces.MENU), chosen)
        return await self._tell(turn, self._event(event))

    def _event(self, event: Body) -> Body:
        return {"create_time": int(self._corp.now()), "msgtype": "event", "event": event}

    async def _tell(self, turn: Turn, body: Body, mine: Bubble | None = None) -> str:
        """Hand it to the bot; where that fails it stands below what she sent, her bubble `mine`."""
        whole = {**self._bot.head(turn), **body}
        if self._corp.bot_callback_url:
            taken = await self._callback.tell(turn, whole)
        else:
            taken = await self._link.tell(turn, whole, event=turn.kind != "message")
        if taken:
            return ""
        if mine is not None:
            mine.note = MISSED
            self._corp.changed()
        return OFFLINE

    def _locked(self, stored: Stored) -> Body:
        """A file as the bot may fetch it for five minutes: encrypted, with its own key on the long connection."""
        setup = self._corp.setup
        if self._corp.bot_callback_url:
            key, more = setup.bot_aes_key, {}
        else:
            key = self._corp.new_key()
            more = {"aeskey": key}
        locked = lock(stored.content, aes_key(key))
        name = self._corp.keep("ENC", Stored(stored.name, stored.mime, locked, self._corp.now(), stored.kind))
        return {"url": f"{self._corp.address}/wecom/file/{name}", **more}

    def _show(  # noqa: PLR0913, PLR0917 — one row of a phone
        self, person: str, talk: str, shown: str, kind: str, content: Body, files: list[dict[str, str]] | None = None
    ) -> Bubble:
        mine = self._app.mine(person, talk, shown, kind, content, files or [])
        for other in [] if talk == BOT else self._bot.receivers(talk, person):
            if other != person:
                bubble = Bubble(mine.id, mine=False, author=mine.author, html=shown, at=mine.at, files=files or [])
                self._corp.put(Seen(mine.id, other, talk, kind, content, bubble))
        return mine
