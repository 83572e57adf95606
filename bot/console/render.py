"""An answer as a terminal shows it, and as one line of JSON; pure."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from bot.chat import Outcome, Reply, numbered
from bot.console.json_line import json_line

RED, YELLOW, CYAN, GREEN = "\x1b[1;31m", "\x1b[33m", "\x1b[1;36m", "\x1b[1;32m"
DIM, OFF = "\x1b[2m", "\x1b[0m"
_BY_FIRST_SIGN = {"⚠": RED, "⛔": RED, "📌": YELLOW}
_PRIVATE = "〔只发给你本人〕"
_SILENT = "（不回话）"
_GAP = "　"  # between the choices of a line: where it may be folded


def render(outcome: Outcome, *, colour: bool, width: int = 80) -> str:
    """The whole answer as lines of text, the private part under the public one; silence is shown as such."""
    reply = outcome.reply
    lines = [*_lines(reply, colour=colour, width=width)]
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


def _lines(reply: Reply, *, colour: bool, width: int) -> Iterator[str]:
    numbers = [(f"{digit} {_shown(choice.label)}", str(digit)) for digit, choice in numbered(reply.choices)]
    for line in _shown(reply.text).split("\n") if reply.text else ():
        ink = _BY_FIRST_SIGN.get(line[:1], "")
        for part in _folded(line, width):
            yield _paint(part, ink, colour=colour) if ink else _lit(part, numbers, colour=colour)
    for path in reply.pictures:
        yield f"🖼 {_shown(path)}"


def _lit(line: str, numbers: list[tuple[str, str]], *, colour: bool) -> str:
    """The line with the digits that may be typed standing out."""
    for words, digit in numbers:
        lit = _paint(digit, CYAN, colour=colour)
        line = line.replace(words, words.replace(digit, lit, 1), 1)
    return line


def _folded(line: str, width: int) -> Iterator[str]:
    """The line, cut between its choices where it is too wide; other text is left to the terminal."""
    if columns(line) <= width:
        yield line
        return
    whole = ""
    for part in line.split(_GAP):
        if whole and columns(f"{whole}{_GAP}{part}") > width:
            yield whole
            whole = part
        else:
            whole = f"{whole}{_GAP}{part}" if whole else part
    yield whole


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: Chinese characters and most signs take two."""
    seen = (char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf"))
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in seen)


def _shown(text: str) -> str:
    """The text without the characters that steer a terminal: a note must not repaint the screen."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def _paint(text: str, ink: str, *, colour: bool) -> str:
    return f"{ink}{text}{OFF}" if colour and ink and text else text
