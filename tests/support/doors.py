"""A dialogue file played on the phones: through a platform, the adapter, the service, and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.db.core.engine import Database
from tests.support import dialogue
from tests.support.cast import CAST
from tests.support.platforms import Platforms
from tests.support.service import settled

_NAMES = {"telegram": "zhanggui_bot", "wecom": "掌柜"}
_BOT = "掌柜"
_DIGITS = re.compile(r"(?:^| )1 \S+　[02] ")
_CHOICES = re.compile(r"\[((?:\d .+?)(?: \| \d .+?)*)\]")
_LOOKALIKES = str.maketrans(
    {"∗": "*", "＃": "#", "～": "~", "＿": "_", "｀": "`", "＜": "<", "＞": ">", "［": "[", "］": "]"}
)


@dataclass(slots=True)
class Door:
    """Which platform and which talk a door is, and what was said and seen there so far."""

    name: str
    where: Platforms
    database: Database
    said: int = 0
    seen: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    menus: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        return "telegram" if self.name in ("telegram", "webhook") else "wecom"

    def private(self) -> str:
        return {"app": "app", "bot": "bot", "callback": "bot"}.get(self.name, "private")

    def group(self, store: str) -> str:
        return store if self.platform == "telegram" else f"group:{store}"

    def say(self, person: str, text: str, group: str | None) -> None:
        """Type a message, or press the key that a digit stands for."""
        talk = self.group(group) if group else self.private()
        key = self.menus.get(person, {}).get(text) if not group else None
        self.said += 1
        if key:
            bubble, data = key
            self.where.do("press", self.platform, person, talk, bubble=bubble, data=data)
        else:
            words = f"@{_NAMES[self.platform]} {text}" if group else text
            self.where.do("say", self.platform, person, talk, text=words)
        settled(self.database, self.said)

    def greet(self) -> None:
        """Everyone says a word that wants no answer: a bot may write first only to who has written to it."""
        for person in CAST.values():
            if person.role and self.name != "app":
                self.say(person.code, "嗯", None)

    def heard(self, person: str, talk: str) -> list[dict[str, Any]]:
        """What the bot said there since the last look, or changed; keys it offers are kept for the next digit."""
        found = [one for one in self.where.bubbles(self.platform, person, talk) if one["author"] == _BOT]
        viewer = person if talk == self.private() else ""  # a group is the same for all
        before = self.seen.get((viewer, talk), {})
        self.seen[viewer, talk] = {one["id"]: one["text"] for one in found}
        edits = self.name in ("telegram", "webhook", "callback")
        return [one for one in found if one["id"] not in before or (edits and before[one["id"]] != one["text"])]


def played(text: str, door: Door) -> Iterator[tuple[int, list[str], list[str]]]:
    """Each message of the file: its line, what the file says comes back, and what came back."""
    clock = dialogue.START
    door.where.clock.move_to(clock.timestamp())
    lines, codes = text.splitlines(), dialogue.Codes()
    for number, line in enumerate(lines):
        if moment := dialogue._CLOCK.fullmatch(line):
            clock = dialogue._moment(moment[1])
            door.where.clock.move_to(clock.timestamp())
        elif said := dialogue._SAYS.fullmatch(line):
            name, group, words = said.groups()
            expected = _as_shown(list(_until_empty(lines[number + 1 :])))
            came = _exchange(door, CAST[name].code, group, codes.typed(words))
            came = codes.written("\n".join(came)).split("\n")
            if door.name == "callback":  # one message only: a card, whose keys need no line of digits
                expected, came = ([one for one in said if not _DIGITS.search(one)] for said in (expected, came))
            yield number + 1, expected, came
            clock += timedelta(seconds=1)


def _exchange(door: Door, person: str, group: str | None, words: str) -> list[str]:
    door.say(person, words.replace("\\n", "\n"), group)
    answered: list[str] = []
    if group:
        answered += _read(door, person, door.group(group))
        private = _read(door, person, door.private())
        return (answered + (["→ 私聊", *private] if private else [])) or [dialogue.SILENCE]
    return _read(door, person, door.private()) or [dialogue.SILENCE]


def _read(door: Door, person: str, talk: str) -> list[str]:
    """The lines of what came, less what only repeats the choices."""
    lines: list[str] = []
    keys: dict[str, tuple[str, str]] = {}
    for bubble in door.heard(person, talk):
        for _label, data in bubble["keys"]:
            keys[data.rpartition(".")[2]] = (bubble["id"], data)
        card = bubble["card"]
        if card and lines:  # a card that only holds the keys of the text before it
            continue
        lines += _text(bubble["text"], card).split("\n")
    if lines and not talk.startswith("group"):
        door.menus[person] = keys
    return [plain(line) or "¶" for line in lines if not line.startswith("已绑定：")]


def _text(text: str, card: dict[str, Any] | None) -> str:
    if not card:
        return text
    title = card.get("main_title", {})
    return "\n".join(filter(None, [title.get("title"), title.get("desc"), card.get("sub_title_text")]))


def plain(line: str) -> str:
    """A line without what markdown needs and people do not see."""
    return line.rstrip().translate(_LOOKALIKES)


def _as_shown(expected: list[str]) -> list[str]:
    """What the phones show of an answer in a file: choices are keys there, refusals are words only."""
    shown = [line for line in expected if not line.startswith("!") and not _CHOICES.fullmatch(line)]
    return [plain(line) for line in shown]


def _until_empty(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line:
            return
        yield line
