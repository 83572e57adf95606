"""What the phones of the sandbox show, the same for both platforms, and what a hand may do on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone: `id` is her WeCom userid; her Telegram id is a number made from her place in the list."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat of people and the bot."""

    id: str
    title: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key under a message: what stands on it, and what the platform carries."""

    label: str
    data: str


@dataclass(slots=True)
class Bubble:
    """One message as a phone shows it. `html` is safe to show: only tags the platform knows, all else escaped.

    `card` is a WeCom template card as sent; `note` is a small grey line (edited, 已选：发券, 按钮已失效).
    `files` have name, mime and `href`, a path on the sandbox's own server.
    """

    id: str
    mine: bool
    author: str
    html: str
    at: float
    keys: list[list[Key]] = field(default_factory=list)
    card: dict[str, Any] | None = None
    files: list[dict[str, str]] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class Talk:
    """A chat on a phone: private with the bot (app, smart bot) or a group; `menu` are commands or menu keys to tap."""

    id: str
    title: str
    group: bool
    bubbles: list[Bubble] = field(default_factory=list)
    menu: list[Key] = field(default_factory=list)


class Platform(Protocol):
    """A local platform server, seen from the phones' side; every act returns what the client would flash up."""

    name: Literal["telegram", "wecom"]
    watchers: list[Callable[[], None]]  # called after every change of what a phone shows

    def talks(self, person: str) -> Sequence[Talk]:
        """The chats on this person's phone."""

    async def say(self, person: str, talk: str, text: str, quotes: str | None = None) -> str:
        """Type and send; `quotes` is the bubble replied to."""

    async def press(self, person: str, talk: str, bubble: str, data: str, values: dict[str, list[str]]) -> str:
        """Press a key, a card's button (`values`: what was chosen in its lists) or a menu entry (bubble "")."""

    async def drop(self, person: str, talk: str, name: str, content: bytes) -> str:
        """Send a file."""
