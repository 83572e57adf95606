"""What the bot is and where it is: itself, its commands and menu button, its chats and their members."""

import re
from collections.abc import Callable

from bot.sandbox.telegram.wire import Fields, Json, Refusal, bad, word
from bot.sandbox.telegram.world import BOT_ID, Chat, World

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


class Profile:
    """The methods about the bot itself and about chats."""

    def __init__(self, world: World) -> None:
        self._world = world

    def methods(self) -> dict[str, Callable[[Fields], object]]:
        """The Bot API methods it answers."""
        return {
            "getMe": self.me,
            "setMyCommands": self.set_commands,
            "getMyCommands": self.get_commands,
            "deleteMyCommands": self.delete_commands,
            "setChatMenuButton": self.set_button,
            "getChatMenuButton": self.get_button,
            "getChat": self.chat,
            "getChatMember": self.member,
            "getChatAdministrators": self.administrators,
            "leaveChat": self.leave,
        }

    def me(self, _: Fields) -> Json:
        """GetMe; can_read_all_group_messages says that privacy is off."""
        return self._world.me | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self._world.privacy,
            "supports_inline_queries": False,
        }

    def set_commands(self, fields: Fields) -> bool:
        """SetMyCommands, for a scope and a language; the names are Latin."""
        commands = fields.array("commands")
        if commands is None:
            raise bad("can't parse commands JSON object")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for one in commands:
            if not isinstance(one, dict) or not isinstance(one.get("command"), str):
                raise bad('can\'t parse BotCommand: Field "command" must be of type String')
            if not _COMMAND.fullmatch(one["command"].removeprefix("/")):
                raise bad("BOT_COMMAND_INVALID")
            if not isinstance(one.get("description"), str) or not 1 <= len(one["description"].strip()) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        kept = [
            {"command": one["command"].removeprefix("/"), "description": one["description"].strip()} for one in commands
        ]
        self._world.commands[self._where(fields)] = kept
        self._world.changed()
        return True

    def get_commands(self, fields: Fields) -> list[Json]:
        """GetMyCommands of exactly this scope and language."""
        return self._world.commands.get(self._where(fields), [])

    def delete_commands(self, fields: Fields) -> bool:
        """DeleteMyCommands; the wider scopes show again."""
        self._world.commands.pop(self._where(fields), None)
        self._world.changed()
        return True

    @staticmethod
    def _where(fields: Fields) -> tuple[str, int, int, str]:
        scope = fields.object("scope") or {"type": "default"}
        kind = word(scope, "type")
        if kind not in _SCOPES:
            raise bad("can't parse BotCommandScope: Unsupported type specified")
        for name in _SCOPES[kind]:
            if type(scope.get(name)) is not int:
                raise bad(f'can\'t parse BotCommandScope: Field "{name}" must be of type Number')
        language = fields.text("language_code")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise bad("invalid language code specified")
        return kind, scope.get("chat_id", 0), scope.get("user_id", 0), language

    def set_button(self, fields: Fields) -> bool:
        """SetChatMenuButton, of one private chat or of all."""
        button = fields.object("menu_button") or {"type": "default"}
        if word(button, "type") not in {"default", "commands", "web_app"}:
            raise bad("can't parse menu button: Unsupported type specified")
        if fields.text("chat_id") and not self._world.chat(fields).private:
            raise bad("chat must be private")
        self._world.buttons[fields.integer("chat_id")] = button
        self._world.changed()
        return True

    def get_button(self, fields: Fields) -> Json:
        """GetChatMenuButton."""
        default = self._world.buttons.get(0, {"type": "default"})
        return self._world.buttons.get(fields.integer("chat_id"), default)

    def chat(self, fields: Fields) -> Json:
        """GetChat."""
        chat = self._seen(fields)
        gifts = dict.fromkeys(_GIFTS, False)
        return chat.json | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}

    def member(self, fields: Fields) -> Json:
        """GetChatMember."""
        chat = self._seen(fields)
        number = fields.integer("user_id")
        if number == BOT_ID:
            return self.standing(chat)
        person = next((name for name, one in self._world.user_ids.items() if one == number), None)
        if person is None:
            raise bad("invalid user_id specified" if number <= 0 else "PARTICIPANT_ID_INVALID")
        if person not in chat.members:
            return {"status": "left", "user": self._world.user(person)}
        if not chat.private and person == chat.members[0]:
            return {"status": "creator", "user": self._world.user(person), "is_anonymous": False}
        return {"status": "member", "user": self._world.user(person)}

    def administrators(self, fields: Fields) -> list[Json]:
        """GetChatAdministrators: whoever is first in the group, and the bot where it is one."""
        chat = self._seen(fields)
        if chat.private:
            raise bad("there are no administrators in the private chat")
        owner = self._world.user(chat.members[0])
        first = [{"status": "creator", "user": owner, "is_anonymous": False}] if chat.members else []
        return [*first, *([self.standing(chat)] if chat.status == "administrator" else [])]

    def standing(self, chat: Chat, status: str = "") -> Json:
        """The bot as a member of a chat, as it is or as it was."""
        status = status or chat.status
        told: Json = {"status": status, "user": self._world.me}
        if status == "kicked":
            told["until_date"] = 0
        elif status == "administrator":
            told |= dict.fromkeys(_RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}
        return told

    def leave(self, fields: Fields) -> bool:
        """LeaveChat; the bot is told that it left, too."""
        chat = self._seen(fields)
        if chat.private:
            raise bad("chat can't be left")
        old = chat.status
        chat.status = "left"
        self.moved(chat, self._world.me, old)
        self._world.changed()
        return True

    def moved(self, chat: Chat, by: Json, old: str) -> None:
        """Tell the bot that its standing in a chat changed from `old`."""
        self._world.tell(
            "my_chat_member",
            {
                "chat": chat.json,
                "from": by,
                "date": int(self._world.now()),
                "old_chat_member": self.standing(chat, old),
                "new_chat_member": self.standing(chat),
            },
            chat,
        )

    def _seen(self, fields: Fields) -> Chat:
        chat = self._world.chat(fields)
        if not chat.private and chat.status in {"left", "kicked"}:
            words = "was kicked from" if chat.status == "kicked" else "is not a member of"
            raise Refusal(403, f"Forbidden: bot {words} the {chat.kind} chat")
        return chat
