"""What people do in their Telegram: write, press, send files, block; each act becomes the update the bot would get."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Literal

from bot.sandbox.model import Talk
from bot.sandbox.telegram import phones
from bot.sandbox.telegram.files import Files, dimensions
from bot.sandbox.telegram.privacy import reaches
from bot.sandbox.telegram.profile import Profile
from bot.sandbox.telegram.sending import LONGEST_TEXT
from bot.sandbox.telegram.text.entities import found, trimmed
from bot.sandbox.telegram.wire import Json
from bot.sandbox.telegram.world import BOT_ID, Chat, Query, World, placed, plain_copy

_GONE = "这条消息已经不在了"


class People:
    """The hands on the phones; the same for a page and for a test, from any thread."""

    name: Literal["telegram", "wecom"] = "telegram"
    patience = 3.0  # seconds a pressed key waits for what the bot flashes up

    def __init__(self, world: World, files: Files) -> None:
        self.world = world
        self.files = files
        self.watchers: list[Callable[[], None]] = world.watchers
        self.profile = Profile(world)

    def talks(self, person: str) -> list[Talk]:
        """The chats on this person's phone: the bot's, her groups, and their topics."""
        with self.world.lock:
            return phones.talks(self.world, self.files, person)

    async def say(self, person: str, talk: str, text: str, quotes: str | None = None) -> str:
        """Type and send; what is too long for one message becomes several, as in the client."""
        chat, thread = self.place(person, talk)
        if chat.private and chat.status == "kicked":
            raise ValueError("机器人已被停用，先点“重新启用”")
        kept = text.strip()
        for at in range(0, len(kept), LONGEST_TEXT):
            self.write(person, chat, {"text": kept[at : at + LONGEST_TEXT]}, quotes, thread)
            quotes = None
        return ""

    async def press(self, person: str, talk: str, bubble: str, data: str, values: Mapping[str, list[str]]) -> str:  # noqa: ARG002
        """Press a key, or tap a menu entry; returns what the bot flashes up, where it does so soon."""
        if not bubble:
            chat, _ = self.place(person, talk)
            if chat.private and chat.status == "kicked":
                self.unblock(person)
            return await self.say(person, talk, data)
        answer = self.tap(person, talk, bubble, data)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(answer), self.patience)
        except TimeoutError:
            return ""

    async def drop(self, person: str, talk: str, name: str, content: bytes, caption: str = "") -> str:
        """Send a file: a PNG or JPEG goes as a photo, all else as a document."""
        chat, thread = self.place(person, talk)
        self.write(person, chat, self._media(name, content) | ({"caption": caption} if caption else {}), None, thread)
        return ""

    async def drop_together(self, person: str, talk: str, named: Mapping[str, bytes]) -> str:
        """Send several files at once: one update each, with a common album number."""
        chat, thread = self.place(person, talk)
        album = {"media_group_id": str(self.world.fresh())}
        for name, content in named.items():
            self.write(person, chat, self._media(name, content) | album, None, thread)
        return ""

    def _media(self, name: str, content: bytes) -> Json:
        if not content:
            raise ValueError("文件是空的")
        with self.world.lock:
            if all(dimensions(content)) and name.lower().endswith((".png", ".jpg", ".jpeg")):
                return {"photo": self.files.photo(self.files.keep("photo", name, content))}
            return {"document": self.files.document(self.files.keep("document", name, content))}

    def start(self, person: str, payload: str = "") -> int:
        """Open the bot by its link (t.me/bot?start=payload) and press START."""
        chat = self.private(person)
        if chat.status == "kicked":
            self.unblock(person)
        return self.write(person, chat, {"text": f"/start {payload}".strip()})

    def tap(self, person: str, talk: str, bubble: str, data: str, *, inaccessible: bool = False) -> "Future[str]":
        """Press a key without waiting; any `data` goes, since a client may send what it likes.

        An `inaccessible` message is told without its content, as very old ones are.
        """
        chat, _ = self.place(person, talk)
        with self.world.lock:
            message = chat.messages.get(int(bubble)) if bubble.isdigit() else None
            if message is None or message["from"]["id"] != BOT_ID:
                raise LookupError(_GONE)
            answer: Future[str] = Future()
            number = str(4_000_000_000_000_000 + self.world.fresh())
            told = {"chat": chat.json, "message_id": message["message_id"], "date": 0} if inaccessible else message
            self.world.queries[number] = Query(person, self.world.now(), _first(answer))
            query = {
                "id": number,
                "from": self.world.user(person),
                "message": told,
                "chat_instance": str(chat.id),
                "data": data,
            }
            self.world.tell("callback_query", query, chat)
        return answer

    def edit(self, person: str, talk: str, bubble: str, text: str) -> None:
        """Change one of one's own messages."""
        chat, _ = self.place(person, talk)
        with self.world.lock:
            message = chat.messages.get(int(bubble))
            if message is None or message["from"]["id"] != self.world.user_ids[person]:
                raise LookupError(_GONE)
            message.pop("entities", None)
            message.update(_marked(text), edit_date=int(self.world.now()))
            if reaches(chat, message, self.world.username):
                self.world.tell("edited_message", message, chat)
        self.world.changed()

    def delete(self, person: str, talk: str, bubble: str) -> None:
        """Take a message away; the bot is not told."""
        chat, _ = self.place(person, talk)
        chat.messages.pop(int(bubble), None)
        self.world.changed()

    def block(self, person: str) -> None:
        """Stop the bot: it may not write any more."""
        self._stand(person, "kicked")

    def unblock(self, person: str) -> None:
        """Take the bot up again."""
        self._stand(person, "member")

    def _stand(self, person: str, status: str) -> None:
        chat = self.private(person)
        with self.world.lock:
            old, chat.status = chat.status, status
            if old != status:
                self.profile.moved(chat, self.world.user(person), old)
        self.world.changed()

    def write(self, person: str, chat: Chat, body: Json, quotes: str | None = None, thread: int | None = None) -> int:
        """Put a person's message into a chat and, where it reaches the bot, into its updates; returns its number."""
        with self.world.lock:
            answered = chat.messages.get(int(quotes)) if quotes and quotes.isdigit() else None
            if quotes and answered is None:
                raise LookupError(_GONE)
            if answered is not None and thread is None and answered.get("is_topic_message"):
                thread = answered["message_thread_id"]
            if chat.private:
                chat.started = True
            marked = body | (_marked(body["text"]) if "text" in body else {})
            message = self.world.post(chat, self.world.user(person), placed(chat, thread, answered) | marked)
            if reaches(chat, message, self.world.username):
                self.world.tell("message", message, chat)
        self.world.changed()
        return int(message["message_id"])

    def announce(self, kind: str, body: Json, person: str) -> int:
        """Send the bot an update of any kind, as it is: what no phone of the sandbox can do."""
        with self.world.lock:
            return self.world.updates.add(kind, plain_copy(body), self.private(person).id)

    def private(self, person: str) -> Chat:
        """A person's own chat with the bot."""
        return self.world.chats[self.world.user_ids[person]]

    def place(self, person: str, talk: str) -> tuple[Chat, int | None]:
        """The chat and the topic that a talk on a phone is."""
        if person not in self.world.people:
            raise LookupError("没有这个人")
        group, _, topic = talk.partition("#")
        if talk in {"private", person, str(self.world.user_ids[person])}:
            return self.private(person), None
        for chat in self.world.chats.values():
            if group in {chat.talk, str(chat.id)} and not chat.private and chat.moved_to is None:
                if person in chat.members:
                    return chat, int(topic) if topic else None
                break
        raise LookupError("她不在这个群里")


def _marked(text: str) -> Json:
    kept, entities = trimmed(text, found(text))
    return {"text": kept} | ({"entities": entities} if entities else {})


def _first(answer: "Future[str]") -> Callable[[str], None]:
    def give(text: str) -> None:
        if not answer.done():
            answer.set_result(text)

    return give
