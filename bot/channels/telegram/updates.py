"""What an update means: a message to take, an event to tell, a word to say at once, or nothing. Pure.

Who acts is only ever a person in her own name: an edited message, a channel, an anonymous admin or another bot's
text is nobody's, and whatever is not a plain message, a pressed button or the bot's own coming and going is let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message, Update, User

from bot.channels.telegram import words
from bot.channels.telegram.questions import Questions
from bot.channels.telegram.text import head
from bot.chat import Address, Incoming, Press
from bot.wire import Event

CHANNEL = "telegram"
_SKEW = timedelta(seconds=120)
_GROUPS = ("group", "supergroup")
_UNHEARD = "听不了语音。请打字，输入法的语音转文字也行。"
_UNREAD = "看不懂这类消息。请打字，或发图片、表格文件。"
_STALE = "这个按钮用不了了，请再查一次。"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to fetch; `size` may be unknown, which is 0."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A message to take, with what is still to be fetched or answered for it."""

    message: Incoming
    attachment: Attachment | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Words to say at once, without the core; with `query` in the flash of a pressed button."""

    say: str
    chat: int = 0
    query: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads updates for one bot."""

    id: int
    username: str
    menu: Sequence[words.Entry]
    questions: Questions

    def read(self, update: Update, now: datetime) -> Heard | Event | Remark | None:
        """What it means at this moment; None is to be let go."""
        if update.message:
            return _moved(update.message, now) or self._message(update.message, self._key(update), now)
        if update.callback_query:
            return _pressed(update.callback_query, self._key(update), now)
        if update.my_chat_member:
            return _came_or_went(update.my_chat_member, now)
        return None

    def _key(self, update: Update) -> str:
        return f"{self.id}:{update.update_id}"

    def _message(self, message: Message, key: str, now: datetime) -> Heard | Remark | None:
        who, chat = message.from_user, message.chat
        if not _acts(who, chat) or message.sender_chat or message.via_bot:
            return None
        private = chat.type == Chat.PRIVATE
        attachment = _attachment(message)
        text = words.clean(message.text or message.caption or "").strip()
        if private and not text and not attachment:
            return _unread(message)
        text, meant = words.addressed(text, self.username)
        answers = self._answers_us(message)
        if not private and (meant == "other" or not (meant == "us" or answers or words.slashed(text))):
            return None
        back = _back(message)
        if words.slashed(text):
            text, entry = words.command(text, self.menu, private=private)
            back |= {"ask": entry.word, "hint": entry.asks} if entry and not attachment else {}
        elif text and not attachment:
            text = f"{self._asked(message)} {text}".lstrip()
        if not text and not attachment:
            return None
        stamp = message.date if abs(message.date - now) > _SKEW else now
        return Heard(Incoming(key, _address(who, chat), text, stamp, back=back, quoted=_quoted(message)), attachment)

    def _answers_us(self, message: Message) -> bool:
        """Whether it replies to a message of ours; in a topic every message seems to reply to its beginning."""
        quoted = message.reply_to_message
        if quoted is None or quoted.forum_topic_created or quoted.from_user is None:
            return False
        return quoted.from_user.id == self.id

    def _asked(self, message: Message) -> str:
        """The command whose rest a reply is, where the message replied to asked for it."""
        quoted = message.reply_to_message
        return self.questions.word(str(message.chat.id), quoted.message_id) if quoted else ""


def _acts(who: User | None, chat: Chat) -> bool:
    return who is not None and not who.is_bot and chat.type in (Chat.PRIVATE, *_GROUPS)


def _address(who: User | None, chat: Chat) -> Address:
    account = str(who.id) if who else ""
    return Address(CHANNEL, account, str(chat.id), private=chat.type == Chat.PRIVATE)


def _back(message: Message) -> dict[str, str]:
    """Where the answer goes: in a group on the message itself, in a forum in its topic (General has no number)."""
    back = {"chat": str(message.chat.id)}
    if message.chat.type != Chat.PRIVATE:
        back["message"] = str(message.message_id)
    if message.is_topic_message and message.message_thread_id:
        back["topic"] = str(message.message_thread_id)
    return back


def _quoted(message: Message) -> str:
    """What the message replied to says, or the part of it that was picked out."""
    if message.quote and message.quote.text:
        return words.clean(message.quote.text).strip()
    quoted = message.reply_to_message
    return words.clean(quoted.text or quoted.caption or "").strip() if quoted else ""


def _attachment(message: Message) -> Attachment | None:
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        return Attachment(largest.file_id, "照片.jpg", largest.file_size or 0)
    if message.document and not message.animation:
        return Attachment(
            message.document.file_id, message.document.file_name or "文件", message.document.file_size or 0
        )
    return None


def _unread(message: Message) -> Remark | None:
    """A private message that cannot be read is not passed over in silence; a service message is."""
    if message.voice or message.audio:
        return Remark(_UNHEARD, message.chat.id)
    shown = (message.sticker, message.video, message.video_note, message.animation)
    told = (message.location, message.contact, message.poll, message.dice, message.story)
    return Remark(_UNREAD, message.chat.id) if any((*shown, *told)) else None


def _pressed(query: CallbackQuery, key: str, now: datetime) -> Heard | Remark | None:
    message, who = query.message, query.from_user
    if message is None or not _acts(who, message.chat):
        return None
    press = Press.read(query.data or "")
    if press is None:
        return Remark(_STALE, query=query.id)
    back = {"chat": str(message.chat.id)}
    # What is too old to be seen is too old to be changed: its answer is a new message.
    if isinstance(message, Message) and message.is_accessible:
        back = _back(message) | {"pressed": str(message.message_id)}
        if message.text and (about := head(message.text)):
            back["head"] = about
    return Heard(Incoming(key, _address(who, message.chat), "", now, press, back=back), query=query.id)


def _moved(message: Message, now: datetime) -> Event | None:
    """A group that became a supergroup is told of in both: whichever is heard first, it is the same event."""
    if message.migrate_to_chat_id:
        old, new = message.chat.id, message.migrate_to_chat_id
    elif message.migrate_from_chat_id:
        old, new = message.migrate_from_chat_id, message.chat.id
    else:
        return None
    account = str(message.from_user.id) if message.from_user else ""
    return Event("moved", Address(CHANNEL, account, str(old), private=False), now, str(new))


def _came_or_went(change: ChatMemberUpdated, now: datetime) -> Event | None:
    was, is_in = _is_in(change.old_chat_member), _is_in(change.new_chat_member)
    if was == is_in or change.chat.type not in (Chat.PRIVATE, *_GROUPS):
        return None
    there = _address(change.from_user, change.chat)
    if change.chat.type == Chat.PRIVATE:
        return Event("unblocked" if is_in else "blocked", there, now)
    title = words.clean(change.chat.title or "") if is_in else ""
    return Event("joined" if is_in else "left", there, now, title)


def _is_in(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)
