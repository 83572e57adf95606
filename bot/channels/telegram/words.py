"""Texts as people send them there, made into what the core reads: menu commands, mentions, start links. Pure.

Telegram knows commands in latin letters only and marks none of `/查`, `/cx张三`, `／cx`: so its marks are not used.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Full-width forms one for one, so that places in the changed text are places in the typed one.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_NAMED = re.compile(r"\s*/[^\s@]*(@([A-Za-z0-9_]{3,32})(?![A-Za-z0-9_.]))")
_COMMAND = re.compile(r"\s*/([A-Za-z0-9_]+)")
_START = re.compile(r"\s*/start(?![A-Za-z0-9_])\s*(\S*)\s*")
_AFTER = " \t\r\n:,;　：，；"
Meant = Literal["us", "other", "nobody"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the menu: its latin name, the word it stands for, and what to ask when tapped bare."""

    latin: str
    word: str
    asks: str

    @classmethod
    def read(cls, latin: str, word: str, description: str) -> "Entry":
        """What follows a colon in the description is what has to be given."""
        return cls(latin.lower(), word, re.split("[：:]", description, maxsplit=1)[-1] if _takes(description) else "")


def _takes(description: str) -> bool:
    return "：" in description or ":" in description


def clean(text: str) -> str:
    """The text without what no database keeps: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def slashed(text: str) -> bool:
    """Whether it starts as a command does."""
    return text.lstrip()[:1] in ("/", "／")


def addressed(text: str, username: str) -> tuple[str, Meant]:
    """The text without the bot's own @name, and whom a name in it meant."""
    narrow = text.translate(_NARROW)
    if slashed(text):
        named = _NAMED.match(narrow)
        if not named:
            return text, "nobody"
        if named[2].lower() != username.lower():
            return text, "other"
        return text[: named.start(1)] + text[named.end(1) :], "us"
    mine = re.compile(rf"(?<![A-Za-z0-9_.])@{re.escape(username)}(?![A-Za-z0-9_])", re.IGNORECASE)
    found = list(mine.finditer(narrow))
    for one in reversed(found):
        text = text[: one.start()].rstrip() + " " + text[one.end() :].lstrip()
    return (text.strip(), "us") if found else (text, "nobody")


def command(text: str, menu: Sequence[Entry], *, private: bool) -> tuple[str, Entry | None]:
    """The text with a menu command in Chinese, and the entry whose argument is still to be asked for.

    A start link binds in a private chat only: a code must not be shown to a group.
    """
    narrow = text.translate(_NARROW)
    if started := _START.fullmatch(narrow):
        return (f"绑定 {started[1]}" if started[1] and private else "帮助"), None
    typed = _COMMAND.match(narrow)
    if not typed:
        return text, None
    for entry in sorted(menu, key=lambda one: -len(one.latin)):
        after = typed[1][len(entry.latin) : len(entry.latin) + 1]
        if typed[1].lower().startswith(entry.latin) and not re.match("[A-Za-z_]", after):
            rest = text[typed.start(1) + len(entry.latin) :].strip(_AFTER)
            return f"/{entry.word} {rest}".rstrip(), entry if entry.asks and not rest else None
    return text, None
