"""The words of a conversation, the same on every channel; channels turn their own into these and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

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
class Press:
    """A button that was pressed: the list of choices it stood in, and its digit there."""

    menu: int
    digit: int

    @property
    def key(self) -> str:
        """What a button carries: 1 to 24 bytes, the menu in hexadecimal and the digit."""
        return f"{self.menu:x}.{self.digit}"

    @classmethod
    def read(cls, key: str) -> "Press | None":
        """The press a button's key stands for; None for anything else, since a client may send what it likes."""
        menu, _, digit = key.partition(".")
        try:
            found = cls(int(menu, 16), int(digit))
        except ValueError:
            return None
        return found if 0 < found.menu < 1 << 63 and 0 <= found.digit < 100 and found.key == key else None


@dataclass(frozen=True, slots=True)
class File:
    """A file somebody sent, already fetched: what it is called there, and where it lies here (mode 0600)."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message in; `key` is the platform's own name for it, so that a repeat is known.

    `press` is a button instead of words. `back` is what the channel wants to see again with the answer (a request
    to answer, the message whose button was pressed, a topic): small, kept with the message, unread by anyone else.
    `quoted` is the text of the message it was said to, where the platform tells: it says which list is meant.
    """

    key: str
    address: Address
    text: str
    at: datetime
    press: Press | None = None
    files: tuple[File, ...] = ()
    back: Mapping[str, str] = field(default_factory=dict)
    quoted: str = ""


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

    `private` is what goes to the asker's own chat when a group asked. An empty text is silence. `pictures` and
    `documents` are paths of files to send along.
    `focus` says that the first of `about` is now spoken of; `keeps_menu` leaves an older numbered list in force.
    `drops_focus`: whoever was spoken of is not meant any more. `reason` is kept, sealed, with the audit row.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    pictures: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
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


def with_digits(text: str, choices: Sequence[Choice]) -> str:
    """The text with its digits to be read, since they work everywhere: added where it does not number its choices."""
    if all(f"{digit} {choice.label}" in text for digit, choice in numbered(choices)):
        return text
    return f"{text}\n{digits(choices)}"


SILENCE = Reply("", keeps_menu=True, focus=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `repeated` is a message that had been handled before.

    `menu` names the list of the answer's choices, for buttons. `settled`: the list answered has had its effect.
    """

    reply: Reply
    error: ErrorCode | None = None
    repeated: bool = False
    menu: int | None = None
    settled: bool = False


def pack(outcome: Outcome) -> dict[str, Any]:
    """What is to be said of an outcome, as JSON has it."""
    return {"reply": _packed(outcome.reply), "menu": outcome.menu, "settled": outcome.settled}


def unpack(kept: Mapping[str, Any]) -> Outcome:
    """What `pack` packed."""
    return Outcome(_unpacked(kept["reply"]), menu=kept["menu"], settled=kept["settled"])


def _packed(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "choices": [[choice.label, choice.command, choice.takes_text] for choice in reply.choices],
        "pictures": reply.pictures,
        "documents": reply.documents,
        "private": _packed(reply.private) if reply.private else None,
    }


def _unpacked(kept: Mapping[str, Any]) -> Reply:
    return Reply(
        kept["text"],
        tuple(Choice(*choice) for choice in kept["choices"]),
        tuple(kept["pictures"]),
        tuple(kept["documents"]),
        private=_unpacked(kept["private"]) if kept["private"] else None,
    )
