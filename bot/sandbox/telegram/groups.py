"""What happens to groups: the bot comes and goes, people do, a group becomes a supergroup, topics are opened."""

from bot.sandbox.telegram.people import People
from bot.sandbox.telegram.wire import Json
from bot.sandbox.telegram.world import FIRST_SUPERGROUP, Chat

_TOPIC_COLOUR = 7322096


class Groups(People):
    """The acts upon groups; `group` is the talk's name, the same before and after a migration."""

    def group(self, group: str) -> Chat:
        """The chat that a group is now."""
        for chat in self.world.chats.values():
            if chat.talk == group and not chat.private and chat.moved_to is None:
                return chat
        raise LookupError(f"no such group: {group}")

    def chat_id_of(self, group: str) -> int:
        """The number of a group's chat, as it is now."""
        return self.group(group).id

    def user_id_of(self, person: str) -> int:
        """The number of a person, which is that of her private chat, too."""
        return self.world.user_ids[person]

    def set_privacy(self, *, on: bool) -> None:
        """Switch the bot's group privacy; in groups it is in already this takes effect when it comes anew."""
        self.world.privacy = on

    def add_bot(self, person: str, group: str, *, administrator: bool = False) -> None:
        """Take the bot into a group, or make it an administrator there."""
        chat = self.group(group)
        with self.world.lock:
            old = chat.status
            chat.status = "administrator" if administrator else "member"
            comes = old in {"left", "kicked"}
            if comes:
                chat.reads_all, chat.bot_spoke = not self.world.privacy, False
            self.profile.moved(chat, self.world.user(person), old)
            if comes:
                self._note(chat, person, {"new_chat_members": [self.world.me]})
        self.world.changed()

    def remove_bot(self, person: str, group: str) -> None:
        """Throw the bot out of a group."""
        chat = self.group(group)
        with self.world.lock:
            if chat.kind == "group":  # out of a supergroup it sees nothing of its own going
                self._note(chat, person, {"left_chat_member": self.world.me})
            old, chat.status = chat.status, "kicked"
            self.profile.moved(chat, self.world.user(person), old)
        self.world.changed()

    def invite(self, person: str, group: str) -> None:
        """Let a person into a group."""
        chat = self.group(group)
        with self.world.lock:
            if person not in chat.members:
                chat.members.append(person)
                self._note(chat, person, {"new_chat_members": [self.world.user(person)]})
                self._member(chat, person, "left", "member")
        self.world.changed()

    def part(self, person: str, group: str) -> None:
        """Let a person leave a group."""
        chat = self.group(group)
        with self.world.lock:
            if person in chat.members:
                self._note(chat, person, {"left_chat_member": self.world.user(person)})
                chat.members.remove(person)
                self._member(chat, person, "member", "left")
        self.world.changed()

    def migrate(self, group: str) -> int:
        """Make a group a supergroup: a new number, told in both chats; returns it."""
        old = self.group(group)
        if old.kind == "supergroup":
            return old.id
        with self.world.lock:
            number = FIRST_SUPERGROUP - self.world.supergroups
            self.world.supergroups += 1
            new = Chat(number, "supergroup", old.title, old.talk, old.members, status=old.status)
            new.reads_all, new.bot_spoke, new.last_id = old.reads_all, old.bot_spoke, self.world.skipped
            self.world.chats[number] = new
            self._note(old, old.members[0], {"migrate_to_chat_id": number})
            old.moved_to = number
            self._note(new, old.members[0], {"migrate_from_chat_id": old.id})
        self.world.changed()
        return number

    def open_topic(self, person: str, group: str, title: str) -> str:
        """Open a topic, which makes the group a forum; returns the talk's name."""
        self.migrate(group)
        chat = self.group(group)
        with self.world.lock:
            chat.forum = True
            thread = chat.last_id + 1 if chat.last_id else 2  # 1 is General
            chat.last_id = thread - 1
            chat.topics[thread] = title
            told = {"name": title, "icon_color": _TOPIC_COLOUR}
            place = {"message_thread_id": thread, "is_topic_message": True}
            self._note(chat, person, {"forum_topic_created": told} | place)
        self.world.changed()
        return f"{group}#{thread}"

    def _note(self, chat: Chat, person: str, body: Json) -> None:
        """A service message, which reaches the bot whatever its privacy."""
        message = self.world.post(chat, self.world.user(person), body)
        if chat.status not in {"left", "kicked"}:
            self.world.tell("message", message, chat)

    def _member(self, chat: Chat, person: str, old: str, new: str) -> None:
        if chat.status == "administrator":
            user = self.world.user(person)
            self.world.tell(
                "chat_member",
                {
                    "chat": chat.json,
                    "from": user,
                    "date": int(self.world.now()),
                    "old_chat_member": {"status": old, "user": user},
                    "new_chat_member": {"status": new, "user": user},
                },
                chat,
            )
