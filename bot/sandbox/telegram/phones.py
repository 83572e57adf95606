"""The chats as a phone shows them; what the bot wrote is made HTML anew from its entities, never passed on."""

from html import escape
from urllib.parse import quote

from bot.sandbox.model import Bubble, Key, Talk
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.text.render import shown
from bot.sandbox.telegram.wire import Json
from bot.sandbox.telegram.world import Chat, World

FILES_AT = "/sandbox/telegram/files"
_BOT_NAME = "掌柜"


def talks(world: World, files: Files, person: str) -> list[Talk]:
    """The private chat, the groups she is in, and the topics of forums."""
    own = world.chats[world.user_ids[person]]
    found = [_talk(world, files, own, person, None)]
    for chat in world.chats.values():
        if chat.private or chat.moved_to is not None or person not in chat.members:
            continue
        found.append(_talk(world, files, chat, person, None))
        found += [_talk(world, files, chat, person, thread) for thread in chat.topics]
    return found


def _talk(world: World, files: Files, chat: Chat, person: str, thread: int | None) -> Talk:
    name, title = chat.talk, _BOT_NAME if chat.private else chat.title
    if thread is not None:
        name, title = f"{chat.talk}#{thread}", f"{chat.title} · {chat.topics[thread]}"
    bubbles = [
        _bubble(world, files, chat, message, person)
        for message in chat.messages.values()
        if (message["message_thread_id"] if message.get("is_topic_message") else None) == thread
    ]
    return Talk(name, title, not chat.private, bubbles, _menu(world, chat))


def _menu(world: World, chat: Chat) -> list[Key]:
    if chat.private and chat.status == "kicked":
        return [Key("重新启用", "/start")]
    if chat.private and not chat.started:
        return [Key("开始", "/start")]
    if chat.status in {"left", "kicked"}:
        return []
    named = "" if chat.private else f"@{world.username}"
    return [
        Key(f"/{one['command']} {one['description']}", f"/{one['command']}{named}") for one in commands_for(world, chat)
    ]


def commands_for(world: World, chat: Chat, language: str = "zh") -> list[Json]:
    """The commands a client offers in a chat: the narrowest scope that has a list, its language before none."""
    every = "all_private_chats" if chat.private else "all_group_chats"
    for scope, number in (("chat", chat.id), (every, 0), ("default", 0)):
        for tongue in (language, ""):
            if found := world.commands.get((scope, number, 0, tongue)):
                return found
    return []


def _bubble(world: World, files: Files, chat: Chat, message: Json, person: str) -> Bubble:
    author = message["from"]
    mine = author["id"] == world.user_ids[person]
    if "text" in message:
        html = shown(message["text"], message.get("entities", []))
    else:
        html = shown(message.get("caption", ""), message.get("caption_entities", []))
    return Bubble(
        id=str(message["message_id"]),
        mine=mine,
        author=_BOT_NAME if author["is_bot"] else author["first_name"],
        html=_quoted(message) + (html or escape(_event(message), quote=False)),
        at=float(message["date"]),
        keys=[
            [Key(key["text"], key.get("callback_data", "")) for key in row]
            for row in message.get("reply_markup", {}).get("inline_keyboard", ())
        ],
        files=_files(files, message),
        note="　".join(_notes(chat, message)),
    )


def _quoted(message: Json) -> str:
    """The first words of what a message answers."""
    answered = message.get("reply_to_message")
    if not answered or "forum_topic_created" in answered:
        return ""
    words = str(answered.get("text") or answered.get("caption") or "文件").splitlines()[0]
    return f"<blockquote>{escape(words[:40], quote=False)}</blockquote>"


def _event(message: Json) -> str:
    if "poll" in message:
        return "\n".join([message["poll"]["question"], *(f"○ {one['text']}" for one in message["poll"]["options"])])
    if "new_chat_members" in message:
        return "、".join(one["first_name"] for one in message["new_chat_members"]) + " 进群了"
    if "left_chat_member" in message:
        return f"{message['left_chat_member']['first_name']} 离开了群"
    if "migrate_from_chat_id" in message:
        return "本群已升级为超级群"
    if "forum_topic_created" in message:
        return f"新话题：{message['forum_topic_created']['name']}"
    return ""


def _files(files: Files, message: Json) -> list[dict[str, str]]:
    sizes = message.get("photo") or ([message["document"]] if "document" in message else [])
    if not sizes:
        return []
    kept = files.by_id[sizes[-1]["file_id"]]
    href = f"{FILES_AT}/{kept.unique}/{quote(kept.name, safe='')}"
    return [{"name": kept.name, "mime": kept.mime, "href": href}]


def _notes(chat: Chat, message: Json) -> list[str]:
    notes = []
    if "edit_date" in message:
        notes.append("已编辑")
    if message.get("has_protected_content"):
        notes.append("不可转发")
    if emoji := chat.reactions.get(message["message_id"]):
        notes.append(emoji)
    return notes
