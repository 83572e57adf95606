"""The words of a conversation, the same on every channel; channels turn their own into these and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LET_GO = "算了"
ErrorCode = Literal["usage", "not_found", "not_allowed", "conflict", "unavailable", "bug"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message came from and its answer goes: `account` is the person there, `chat` the conversation.

    `chat` equals `account` in a private talk; `store` is the code of the store whose group this is.
    """

    channel: str
    account: str
    chat: str
    private: bool = True
    store: str | None = None

    @property
    def key(self) -> str:
        """One name for the conversation, across channels."""
        return f"{self.channel}:{self.chat}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message in; `key` is the platform's own name for it, so that a repeat is known."""

    key: str
    address: Address
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A command nobody has to type: a button's words, or a numbered line, and what pressing it says.

    `takes_text` lets words after the digit become the end of the command ("1 刘 朋友介绍来的").
    """

    label: str
    command: str
    takes_text: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers. `about` are the customers it tells of, first the one who is now in focus.

    `private` is what goes to the asker's own chat when a group asked. An empty text is silence.
    `focus` says that the first of `about` is now spoken of; `keeps_menu` leaves an older numbered list in force.
    `drops_focus`: whoever was spoken of is not meant any more. `reason` is kept, sealed, with the audit row.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    pictures: tuple[str, ...] = ()
    about: tuple[int, ...] = ()
    private: "Reply | None" = None
    focus: bool = True
    keeps_menu: bool = False
    drops_focus: bool = False
    reason: str = ""


def numbered(choices: Sequence[Choice]) -> list[tuple[int, Choice]]:
    """Choices with the digit that stands for each: 1 upwards, and 0 for letting go."""
    rows, count = [], 0
    for choice in choices:
        count += choice.command != LET_GO
        rows.append((0 if choice.command == LET_GO else count, choice))
    return rows


def digits(choices: Sequence[Choice]) -> str:
    """The choices as one line to be read: 1 记一句　2 全部."""
    return "　".join(f"{digit} {choice.label}" for digit, choice in numbered(choices))


SILENCE = Reply("", keeps_menu=True, focus=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `repeated` is a message that had been handled before."""

    reply: Reply
    error: ErrorCode | None = None
    repeated: bool = False
