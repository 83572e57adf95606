"""A dialogue file played against the bot: what comes out is the file as it should read (tests/dialogues/README.md)."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.chat import Incoming, Outcome, Reply
from bot.dispatch import Dispatcher
from bot.domain.selling.codes import ALPHABET
from bot.understand import numbered
from tests.support.cast import CAST, ZONE, address

START = datetime(2026, 11, 20, 15, tzinfo=ZONE)
Console = Callable[[str, datetime], None]
SILENCE = "（不回）"
_CLOCK = re.compile(r"@ (\d{4}-\d\d-\d\d \d\d:\d\d)")
_TAILS = ("K3T9", "M7P4", "R2W8", "H6C5", "D8N3", "W4G7", "B9Y2", "P5K6", "C3M8", "T7D4", "N2H9", "G6R5")
CODE = re.compile(rf"\b[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}-([{ALPHABET}]{{4}})\b")
_TAIL = re.compile(rf"尾码 ([{ALPHABET}]{{4}})")
_SAYS = re.compile(rf"({'|'.join(CAST)})(?:@(\S+))?> ?(.*)")


def began(text: str) -> datetime:
    """The first moment the file names: the world is made for it."""
    found = _CLOCK.search(text)
    return _moment(found[1]) if found else START


class Codes:
    """Coupon codes are drawn by chance: a file calls the first K3T9, the next M7P4 and so on, both ways."""

    def __init__(self) -> None:
        self._tails: dict[str, str] = {}  # as drawn, as the file has it
        self._codes: dict[str, str] = {}

    def written(self, text: str) -> str:
        """An answer as the file has it."""
        for drawn in CODE.finditer(text):
            self._codes[drawn[0]] = f"*****-*****-{self._tail(drawn[1])}"
        for drawn in _TAIL.finditer(text):
            self._tail(drawn[1])
        for drawn, named in (self._codes | self._tails).items():
            text = re.sub(rf"(?<![0-9A-Z-]){drawn}(?![0-9A-Z-])", named, text)
        return text

    def typed(self, text: str) -> str:
        """A message of the file as it must be typed."""
        for drawn, named in (self._codes | self._tails).items():
            text = re.sub(rf"(?<![0-9A-Z*-]){re.escape(named)}(?![0-9A-Z-])", drawn, text, flags=re.IGNORECASE)
        return text

    def _tail(self, drawn: str) -> str:
        return self._tails.setdefault(drawn, _TAILS[len(self._tails)] if drawn not in self._tails else "")


def played(text: str, dispatcher: Dispatcher, name: str, console: Console | None = None) -> str:
    """The file with every answer replaced by what the bot says now; `console` does its lines of the command line."""
    return "\n".join(_lines(text.splitlines(), dispatcher, name, console)) + "\n"


def _lines(script: list[str], dispatcher: Dispatcher, name: str, console: Console | None) -> Iterator[str]:
    clock, answering, codes = START, False, Codes()
    for number, line in enumerate(script):
        said = _SAYS.fullmatch(line)
        if answering and line:
            continue
        answering = said is not None
        yield line
        if moment := _CLOCK.fullmatch(line):
            clock = _moment(moment[1])
        elif said:
            speaker, group, words = said.groups()
            words = codes.typed(words.replace("\\n", "\n"))
            message = Incoming(f"{name}:{number}", address(speaker, group), words, clock)
            yield from codes.written("\n".join(shown(dispatcher.handle(message)))).splitlines()
            clock += timedelta(seconds=1)
        elif console and line.startswith("$ "):
            console(line[2:], clock)
        elif line and not line.startswith("#"):
            raise ValueError(f"{name}, line {number + 1}: not a message, a comment or a clock: {line}")


def shown(outcome: Outcome) -> list[str]:
    """An answer as the files write it."""
    lines = _parts(outcome.reply)
    if outcome.reply.private:
        lines += ["→ 私聊", *_parts(outcome.reply.private)]
    return [*(lines or [SILENCE]), *([f"!{outcome.error}"] if outcome.error else [])]


def _parts(reply: Reply) -> list[str]:
    lines = [line or "¶" for line in reply.text.split("\n")] if reply.text else []
    lines += [f"[图 {Path(picture).name}]" for picture in reply.pictures]
    if reply.choices:
        lines.append(f"[{' | '.join(f'{digit} {choice.label}' for digit, choice in numbered(reply.choices))}]")
    return lines


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
