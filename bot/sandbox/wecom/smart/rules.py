"""The smart bot's rules in both of its modes: whom it hears, what it may answer, in which time, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.model import Bubble
from bot.sandbox.wecom import cards, faces
from bot.sandbox.wecom.api.contents import check_card, check_words
from bot.sandbox.wecom.api.media import stored_media
from bot.sandbox.wecom.api.sending import file_links
from bot.sandbox.wecom.corp import BOT, DAY, HOUR, MINUTE, Corp, Seen
from bot.sandbox.wecom.refusals import Body, RefusedError

STREAM_BYTES = 20480
STREAM_LIFE = 6 * MINUTE
ANSWER_LIFE = DAY
AT_ONCE = 5
URL_LIFE = HOUR
IN_FLIGHT = 3
LIMITS = ((30, MINUTE), (1000, HOUR))
OWNER = "aibot"  # of media that the bot uploaded by its connection
MEDIA = ("image", "voice", "video", "file")
TYPING = "正在输入…"

TurnKind = Literal["message", "enter", "card"]


@dataclass(slots=True)
class Turn:
    """Something a member did that the bot may answer: a message, a first entry, a pressed card."""

    id: str
    kind: TurnKind
    person: str
    talk: str
    at: float
    shown: Bubble | None = None
    streams: dict[str, str] = field(default_factory=dict)  # stream id → message
    finished: set[str] = field(default_factory=set)
    carded: bool = False
    done: bool = False  # welcomed, updated


class SmartBot:
    """What both modes share."""

    def __init__(self, corp: Corp) -> None:
        """`spoken` are the chats where somebody has written to the bot."""
        self.corp = corp
        self.spoken: dict[str, str] = {}  # chatid → talk
        self.turns: dict[str, Turn] = {}
        self.urls: dict[str, Turn] = {}  # response_code → turn
        self._writing: list[Turn] = []  # turns whose streams may be unfinished

    def begin(self, kind: TurnKind, person: str, talk: str, shown: Bubble | None = None) -> Turn:
        """A new turn. Who writes opens the chat for messages of the bot's own."""
        turn = Turn(self.corp.name("TURN"), kind, person, talk, self.corp.now(), shown)
        self.turns[turn.id] = turn
        if kind == "message":
            self.spoken[chat_of(self.corp, person, talk)] = talk
        return turn

    def too_many(self, person: str) -> bool:
        """Whether three answers to this member are still being written."""
        since = self.corp.now() - STREAM_LIFE
        self._writing = [turn for turn in self._writing if turn.at > since and turn.streams.keys() - turn.finished]
        return sum(turn.person == person for turn in self._writing) >= IN_FLIGHT

    def head(self, turn: Turn) -> Body:
        """What every callback of this turn says of who and where."""
        group = turn.talk != BOT
        return {
            "msgid": self.corp.name("MSGID"),
            "aibotid": self.corp.setup.bot_id,
            **({"chatid": chat_of(self.corp, turn.person, turn.talk)} if group else {}),
            "chattype": "group" if group else "single",
            "from": {"userid": turn.person},
        }

    def card_event(self, card: Body, key: str, chosen: Mapping[str, Sequence[str]]) -> Body:
        """The event of a pressed card."""
        items = [{"question_key": name, "option_ids": {"option_id": list(ids)}} for name, ids in chosen.items()]
        found = {"card_type": card["card_type"], "event_key": key, "task_id": str(card.get("task_id") or "")}
        selected = {"selected_items": {"selected_item": items}} if items else {}
        return {"eventtype": "template_card_event", "template_card_event": {**found, **selected}}

    def answer(self, turn: Turn, body: Body, kinds: tuple[str, ...]) -> None:
        """Show an answer to a message; raises RefusedError."""
        kind = body.get("msgtype")
        if kind not in kinds:
            raise RefusedError(40008)
        if self.corp.now() > turn.at + ANSWER_LIFE:
            raise RefusedError(846605)
        if kind in ("stream", "stream_with_template_card"):
            self._stream(turn, _object(body, "stream"))
        if kind == "template_card" or (kind == "stream_with_template_card" and body.get("template_card")):
            if turn.carded:
                raise RefusedError(40058, "template_card was answered already")
            self._say(turn.talk, turn.person, "template_card", _object(body, "template_card"))
            turn.carded = True
        elif kind not in ("stream", "stream_with_template_card"):
            self._say(turn.talk, turn.person, str(kind), _object(body, str(kind)))

    def welcome(self, turn: Turn, body: Body) -> None:
        """Greet who came in: once, at once, with words or a card."""
        if turn.kind != "enter" or turn.done or self.corp.now() > turn.at + AT_ONCE:
            raise RefusedError(846605)
        if body.get("msgtype") not in ("text", "template_card"):
            raise RefusedError(40008)
        self._say(turn.talk, turn.person, body["msgtype"], _object(body, body["msgtype"]))
        turn.done = True

    def update(self, turn: Turn, body: Body) -> None:
        """Change the pressed card: once, at once, for whoever pressed, or in a group for `userids`."""
        if turn.kind != "card" or turn.shown is None or turn.done or self.corp.now() > turn.at + AT_ONCE:
            raise RefusedError(846605)
        if body.get("response_type") != "update_template_card":
            raise RefusedError(40058, "response_type")
        card = check_card(self.corp, body.get("template_card"), update=True)
        asked = body.get("userids") if turn.talk != BOT else None
        users = {str(one).lower() for one in asked} if isinstance(asked, list) and asked else {turn.person.lower()}
        for seen in self.corp.copies(turn.shown.id):
            if seen.person.lower() in users:
                faces.dress(seen.bubble, card)
        turn.done = True
        self.corp.changed()

    def push(self, body: Body) -> None:
        """Say something unasked, in a chat where somebody has written before; raises RefusedError."""
        chat = body.get("chatid")
        talk = self.spoken.get(chat) if isinstance(chat, str) else None
        wanted = body.get("chat_type", 0)
        if talk is None or not isinstance(chat, str) or wanted not in (0, 1 if talk == BOT else 2):
            raise RefusedError(93006)
        kind = body.get("msgtype")
        if kind not in ("markdown", "template_card", *MEDIA):
            raise RefusedError(40008)
        self._say(talk, chat, kind, _object(body, kind))

    def respond(self, code: str, body: Body) -> None:
        """The one answer by response_url, within an hour; raises RefusedError."""
        turn = self.urls.get(code)
        if turn is None or self.corp.now() > turn.at + URL_LIFE:
            raise RefusedError(60140)
        kind = body.get("msgtype")
        if kind not in ("markdown", "template_card") or (kind == "template_card" and turn.talk != BOT):
            raise RefusedError(40008)
        self._say(turn.talk, turn.person, kind, _object(body, kind))
        del self.urls[code]

    def receivers(self, talk: str, person: str) -> list[str]:
        """Who sees what is said in a talk."""
        return [person] if talk == BOT else self.corp.listeners(talk)

    def _stream(self, turn: Turn, stream: Body) -> None:
        name = stream.get("id")
        if not isinstance(name, str) or not name:
            raise RefusedError(40058, "stream.id")
        if self.corp.now() > turn.at + STREAM_LIFE or name in turn.finished:
            raise RefusedError(846608)
        content, finish = stream.get("content", ""), stream.get("finish", False)
        if not isinstance(content, str) or not isinstance(finish, bool):
            raise RefusedError(40058, "stream")
        if len(content.encode()) > STREAM_BYTES:
            raise RefusedError(45002)
        if stream.get("msg_item") and not (finish and self.corp.bot_callback_url):
            raise RefusedError(40058, "msg_item")
        if not turn.streams:
            self._writing.append(turn)
        if name not in turn.streams:
            turn.streams[name] = self._say(turn.talk, turn.person, "stream", {"content": content})
        for seen in self.corp.copies(turn.streams[name]):
            seen.content = stream
            seen.bubble.html = faces.markdown_html(content)
            seen.bubble.note = "" if finish else TYPING
        if finish:
            turn.finished.add(name)
        self.corp.changed()

    def _say(self, talk: str, person: str, kind: str, content: Body) -> str:
        if kind in ("text", "markdown"):
            check_words(content, STREAM_BYTES)
        elif kind == "template_card":
            check_card(self.corp, content)
        elif kind in MEDIA:
            stored_media(self.corp, content.get("media_id"), kind, OWNER)
        if not self.corp.windows.pass_(f"bot:{chat_of(self.corp, person, talk)}", *LIMITS):
            raise RefusedError(45009)
        message = self.corp.name("MSG")
        for user in self.receivers(talk, person):
            bubble = faces.bubble(message, self.corp.setup.bot_name, self.corp.now(), kind, content)
            bubble.files = file_links(self.corp, kind, content)
            self.corp.put(Seen(message, user, talk, kind, content, bubble))
        return message


def chat_of(corp: Corp, person: str, talk: str) -> str:
    """The chatid: the userid in a single chat, the group's otherwise."""
    return person if talk == BOT else corp.chat_id(talk.removeprefix("group:"))


def chosen_in(card: Body, shown: Bubble, data: str, values: dict[str, list[str]]) -> dict[str, list[str]]:
    """The options that go along with a press on this card; raises ValueError with what the client would say."""
    if not data or data not in {key.data for row in shown.keys for key in row}:
        raise ValueError("按钮已失效")
    return {} if data.startswith(faces.MENU) else cards.chosen(card, values)


def _object(body: Mapping[str, Any], name: str) -> Body:
    value = body.get(name)
    if not isinstance(value, dict):
        raise RefusedError(40058, f"{name} missing")
    return value
