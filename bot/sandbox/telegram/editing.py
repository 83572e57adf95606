"""What the bot does to messages that are there: edit, delete, react, answer a pressed key."""

from collections.abc import Callable

from bot.sandbox.telegram.keyboards import markup
from bot.sandbox.telegram.sending import LONGEST_CAPTION, content, formatted
from bot.sandbox.telegram.wire import Fields, Json, bad, word
from bot.sandbox.telegram.world import BOT_ID, Chat, World

ANSWER_WITHIN = 15.0  # seconds; the real deadline is unpublished and short
DELETE_WITHIN = 48 * 3600
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_QUERY_OLD = "query is too old and response timeout expired or query ID is invalid"
_EMOJI = (
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
_REACTIONS = set(_EMOJI.split())


class Editing:
    """The methods that change or take away messages."""

    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> dict[str, Callable[[Fields], object]]:
        """The Bot API methods it answers."""
        return {
            "editMessageText": self.text,
            "editMessageCaption": self.caption,
            "editMessageReplyMarkup": self.keys,
            "deleteMessage": self.delete,
            "deleteMessages": self.delete_many,
            "answerCallbackQuery": self.answer,
            "setMessageReaction": self.react,
        }

    def text(self, fields: Fields) -> Json:
        """EditMessageText; the keyboard goes unless it is given again."""
        body = content(*formatted(fields))
        keys = markup(fields, inline_only=True)
        message = self._own(fields)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        return self._change(message, body, ("text", "entities"), keys)

    def caption(self, fields: Fields) -> Json:
        """EditMessageCaption."""
        body = content(*formatted(fields, "caption", LONGEST_CAPTION), "caption")
        keys = markup(fields, inline_only=True)
        message = self._own(fields)
        if "photo" not in message and "document" not in message:
            raise bad("there is no caption in the message to edit")
        return self._change(message, body, ("caption", "caption_entities"), keys)

    def keys(self, fields: Fields) -> Json:
        """EditMessageReplyMarkup; without one it goes."""
        keys = markup(fields, inline_only=True)
        return self._change(self._own(fields), {}, (), keys)

    def _own(self, fields: Fields) -> Json:
        if fields.text("inline_message_id"):
            raise bad("MESSAGE_ID_INVALID")
        if fields.integer("message_id") <= 0:
            raise bad("message identifier is not specified")
        chat = self._world.writable(fields)
        message = chat.messages.get(fields.integer("message_id"))
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != BOT_ID or "poll" in message:
            raise bad("message can't be edited")
        return message

    def _change(self, message: Json, body: Json, names: tuple[str, ...], keys: Json | None) -> Json:
        wanted = body | ({"reply_markup": keys} if keys else {})
        there = {name: message[name] for name in (*names, "reply_markup") if name in message}
        if wanted == there:
            raise bad(_SAME)
        self._world.flood.pass_edit(message["chat"]["id"])
        for name in (*names, "reply_markup"):
            message.pop(name, None)
        message.update(wanted, edit_date=int(self._world.now()))
        self._world.changed()
        return message

    def delete(self, fields: Fields) -> bool:
        """DeleteMessage: own ones, and in private chats those of the person, for 48 hours."""
        if fields.integer("message_id") <= 0:
            raise bad("message identifier is not specified")
        chat = self._world.writable(fields)
        number = fields.integer("message_id")
        if number not in chat.messages:
            raise bad("message to delete not found")
        self._delete(chat, number)
        self._world.changed()
        return True

    def delete_many(self, fields: Fields) -> bool:
        """DeleteMessages: up to a hundred; those not there are passed over."""
        numbers = fields.array("message_ids")
        if not numbers or not all(type(number) is int for number in numbers):
            raise bad("message identifiers are not specified")
        if len(numbers) > 100:
            raise bad("too many message identifiers specified")
        chat = self._world.writable(fields)
        for number in numbers:
            if number in chat.messages:
                self._delete(chat, number)
        self._world.changed()
        return True

    def _delete(self, chat: Chat, number: int) -> None:
        message = chat.messages[number]
        if self._world.now() - message["date"] > DELETE_WITHIN:
            raise bad("message can't be deleted for everyone")
        mine = message["from"]["id"] == BOT_ID
        if not mine and not chat.private and chat.status != "administrator":
            raise bad("message can't be deleted")
        del chat.messages[number]

    def answer(self, fields: Fields) -> bool:
        """AnswerCallbackQuery: once, and soon."""
        if len(fields.text("text")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        query = self._world.queries.pop(fields.text("callback_query_id"), None)
        if query is None or self._world.now() - query.at > ANSWER_WITHIN:
            raise bad(_QUERY_OLD)
        query.answer(fields.text("text"))
        return True

    def react(self, fields: Fields) -> bool:
        """SetMessageReaction: one emoji of the allowed ones, or none."""
        if fields.integer("message_id") <= 0:
            raise bad("message identifier is not specified")
        chat = self._world.writable(fields)
        number = fields.integer("message_id")
        if number not in chat.messages:
            raise bad("message to react not found")
        chosen = fields.array("reaction") or []
        if len(chosen) > 1:
            raise bad("REACTIONS_TOO_MANY")
        emoji = [word(one, "emoji") if isinstance(one, dict) and one.get("type") == "emoji" else "" for one in chosen]
        if not all(one in _REACTIONS for one in emoji):
            raise bad("REACTION_INVALID")
        chat.reactions.pop(number, None)
        if emoji:
            chat.reactions[number] = emoji[0]
        self._world.changed()
        return True
