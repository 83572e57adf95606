"""Which messages of a group reach the bot: all of them, or with privacy on only those meant for it."""

from bot.sandbox.telegram.text.entities import cut
from bot.sandbox.telegram.wire import Json
from bot.sandbox.telegram.world import BOT_ID, Chat


def reaches(chat: Chat, message: Json, username: str) -> bool:
    """Whether the bot is told of a person's message.

    With privacy on: commands that name it, plain commands where it has spoken (it is the only bot here), answers to
    its own messages. A mention alone does not do, nor does a slash before Chinese: that is no command.
    """
    if chat.status in {"left", "kicked"}:
        return False
    if chat.private or chat.reads_all or chat.status == "administrator":
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID:
        return True
    text = message.get("text") or message.get("caption") or ""
    for one in message.get("entities") or message.get("caption_entities") or ():
        if one["type"] == "bot_command":
            _, _, named = cut(text, one["offset"], one["length"]).partition("@")
            if named.lower() == username.lower() or (not named and chat.bot_spoke):
                return True
    return False
