"""An answer as a terminal shows it, and as one line of JSON; pure."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from bot.chat import Choice, Outcome, Reply
from bot.console.json_line import json_line
from bot.understand import numbered

RED, YELLOW, CYAN, GREEN, DIM, OFF = (
    "\x1b[1;31m",
    "\x1b[33m",
    "\x1b[1;36m",
    "\x1b[1;32m",
    "\x1b[2m",
    "\x1b[0m",
)
_BY_FIRST_SIGN = {"⚠": RED, "⛔": RED, "📌": YELLOW}
_PRIVATE = "〔只发给你本人〕"
_SILENT = "（不回话）"
_BETWEEN = "   "


def render(outcome: Outcome, *, colour: bool, width: int = 80) -> str:
    """The whole answer as lines of text, the private part under the public one; silence is shown as such."""
    reply = outcome.reply
    lines = _lines(reply, colour=colour, width=width)
    if reply.private:
        lines += [_paint(_PRIVATE, DIM, colour=colour), *_lines(reply.private, colour=colour, width=width)]
    return "\n".join(lines) or _paint(_SILENT, DIM, colour=colour)


def as_json(outcome: Outcome) -> str:
    """The answer as one line of JSON, the keys of which are relied on from outside."""
    reply = outcome.reply
    private = _fields(reply.private) if reply.private else None
    return json_line({**_fields(reply), "private": private, "error": outcome.error})


def _fields(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "choices": [{"label": choice.label, "command": choice.command} for choice in reply.choices],
        "pictures": list(reply.pictures),
    }


def _lines(reply: Reply, *, colour: bool, width: int) -> list[str]:
    lines = [_paint(line, _BY_FIRST_SIGN.get(line[:1], ""), colour=colour) for line in _shown(reply.text).split("\n")]
    lines += [f"🖼 {_shown(path)}" for path in reply.pictures]
    return [*(lines if reply.text else lines[1:]), *_menu(reply.choices, colour=colour, width=width)]


def _menu(choices: Sequence[Choice], *, colour: bool, width: int) -> list[str]:
    """The numbered list: in one line where it fits, else a line each."""
    rows = [(str(digit), _shown(choice.label)) for digit, choice in numbered(choices)]
    painted = [f"{_paint(digit, CYAN, colour=colour)} {label}" for digit, label in rows]
    cells = sum(columns(f"{digit} {label}{_BETWEEN}") for digit, label in rows)
    return [_BETWEEN.join(painted)] if rows and cells <= width else painted


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: Chinese characters and most signs take two."""
    seen = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in seen)


def _shown(text: str) -> str:
    """The text without the characters that steer a terminal: a note must not repaint the screen."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _paint(text: str, ink: str, *, colour: bool) -> str:
    return f"{ink}{text}{OFF}" if colour and ink and text else text
