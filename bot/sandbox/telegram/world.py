"""What the local Telegram knows: people, chats, messages, commands; messages are kept as the Bot API tells them."""

import copy
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.model import Group, Person
from bot.sandbox.telegram.delivery import Updates
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.flood import Flood
from bot.sandbox.telegram.wire import Fields, Json, Refusal, bad

FIRST_USER = 700_001
FIRST_GROUP = -4_000_001
FIRST_SUPERGROUP = -1_002_000_000_001
BOT_ID = 7_000_000_001


@dataclass(slots=True)
class Chat:
    """A chat; `status` is the bot's in it (in a private one: member, or kicked by a person who blocked it).

    `reads_all` is the bot's privacy as it was when it came: a later change has no effect here.
    """

    id: int
    kind: str
    title: str
    talk: str
    members: list[str]
    status: str = "member"
    started: bool = False
    reads_all: bool = False
    bot_spoke: bool = False
    moved_to: int | None = None
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    reactions: dict[int, str] = field(default_factory=dict)
    last_id: int = 0

    @property
    def private(self) -> bool:
        """Whether it is a talk of one person with the bot."""
        return self.kind == "private"

    @property
    def json(self) -> Json:
        """The chat as the Bot API tells it."""
        name = "first_name" if self.private else "title"
        return {"id": self.id, "type": self.kind, name: self.title} | ({"is_forum": True} if self.forum else {})


@dataclass(slots=True)
class Query:
    """A pressed key waiting for its answer."""

    person: str
    at: float
    answer: Callable[[str], None]


class World:
    """The whole state, guarded by one lock; `changed` tells the phones."""

    def __init__(self, people: Sequence[Person], groups: Sequence[Group], now: Callable[[], float], name: str) -> None:
        self.now = now
        self.lock = threading.RLock()
        self.watchers: list[Callable[[], None]] = []
        self.faults = Faults(now)
        self.flood = Flood(now)
        self.updates = Updates(now, self.faults, self.lock)
        self.username = name
        self.privacy = False
        self.people = {person.id: person for person in people}
        self.user_ids = {person.id: FIRST_USER + place for place, person in enumerate(people)}
        self.chats: dict[int, Chat] = {}
        self.commands: dict[tuple[str, int, int, str], list[Json]] = {}
        self.buttons: dict[int, Json] = {}
        self.queries: dict[str, Query] = {}
        self.counter = 1000
        self.supergroups = 0
        self.last_id = 0
        self.skipped = 0  # what a new supergroup's row of numbers begins after
        for person in people:
            number = self.user_ids[person.id]
            self.chats[number] = Chat(number, "private", person.name, "private", [person.id])
        for place, group in enumerate(groups):
            number = FIRST_GROUP - place
            self.chats[number] = Chat(number, "group", group.title, group.id, list(group.members), reads_all=True)

    @property
    def me(self) -> Json:
        """The bot as a user."""
        return {"id": BOT_ID, "is_bot": True, "first_name": "掌柜", "username": self.username}

    def user(self, person: str) -> Json:
        """A person as a user."""
        return {
            "id": self.user_ids[person],
            "is_bot": False,
            "first_name": self.people[person].name,
            "language_code": "zh-hans",
        }

    def changed(self) -> None:
        """Something on a phone is different now."""
        for watcher in list(self.watchers):
            watcher()

    def skip(self, numbers: int) -> None:
        """Leave out so many numbers of every kind: those an earlier run may have used."""
        self.counter += numbers
        self.last_id += numbers
        self.skipped += numbers
        self.updates.skip(numbers)

    def fresh(self) -> int:
        """A number used for nothing else."""
        self.counter += 1
        return self.counter

    def chat(self, fields: Fields, name: str = "chat_id") -> Chat:
        """The chat a request names, or Telegram's words for none."""
        if not (text := fields.text(name).strip()):
            raise bad(f"{name} is empty")
        chat = self.chats.get(fields.integer(name)) if text.lstrip("-").isdigit() else None
        if chat is None:
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        return chat

    def writable(self, fields: Fields) -> Chat:
        """The chat a request names, where the bot may write to it."""
        chat = self.chat(fields)
        if chat.private and chat.status == "kicked":
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat.private and not chat.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.status == "kicked":
            raise Refusal(403, f"Forbidden: bot was kicked from the {chat.kind} chat")
        if chat.status == "left":
            raise Refusal(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
        return chat

    def post(self, chat: Chat, author: Json, body: Json) -> Json:
        """Put a message into a chat; private chats and groups share one row of numbers, supergroups have their own."""
        if chat.kind == "supergroup":
            chat.last_id += 1
            number = chat.last_id
        else:
            self.last_id += 1
            number = self.last_id
        message = {"message_id": number, "from": author, "chat": chat.json, "date": int(self.now()), **body}
        chat.messages[number] = message
        chat.bot_spoke |= author["id"] == BOT_ID
        return message

    def tell(self, kind: str, body: Json, chat: Chat) -> None:
        """An update for the bot, as things are now."""
        self.updates.add(kind, copy.deepcopy(body), chat.id)


def plain_copy(message: Json) -> Json:
    """A message as it stands inside another: one level deep."""
    return {name: copy.deepcopy(value) for name, value in message.items() if name != "reply_to_message"}


def placed(chat: Chat, thread: int | None, answered: Json | None) -> dict[str, Any]:
    """What a message says of its place: its topic, and what it answers; in a topic that is at least its start."""
    place: dict[str, Any] = {}
    if thread is not None:
        place = {"message_thread_id": thread, "is_topic_message": True}
        answered = answered or chat.messages.get(thread)
    if answered is not None:
        place["reply_to_message"] = plain_copy(answered)
    return place
