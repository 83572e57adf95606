"""Texts and labels cut to what Telegram takes: messages on line ends, labels to what a phone shows. Pure."""

import hashlib
import html
import re
import unicodedata

LONGEST = 4096
CAPTION = 1024
_AIM = 3500
_LOOK_BACK = 300
_HEADED = 4  # lines from which a first line reads as a heading
_HEADING = 60
_JOINERS = "\u200d\ufe0f\ufe0e\u20e3"


def markup(text: str) -> str:
    """The text as Telegram's HTML, nothing in it taken for a tag; the heading of something longer is bold."""
    first, _, rest = text.partition("\n")
    if text.count("\n") + 1 < _HEADED or len(first) > _HEADING or not first.strip():
        return html.escape(text)
    return f"<b>{html.escape(first)}</b>\n{html.escape(rest)}"


def parts(text: str) -> list[str]:
    """The text in parts that can each be sent, whole paragraphs where they fit, then whole lines."""
    text = text.strip("\n")
    if len(text) <= _AIM:
        return [text] if text.strip() else []
    found: list[str] = []
    for block in _blocks(text):
        if found and len(found[-1]) + len(block) <= _AIM:
            found[-1] += block
        else:
            found.append(block)
    found = [one.strip("\n") for one in found if one.strip()]
    last = len(found)
    return [one if n == last else f"{one}\n（未完 {n}/{last}）" for n, one in enumerate(found, 1)]


def _blocks(text: str) -> list[str]:
    """Pieces short enough, which joined give the text: paragraphs, of long ones lines, of long lines runs."""
    blocks: list[str] = []
    for paragraph in re.split(r"(?<=\n\n)(?!\n)", text):
        if len(paragraph) <= _AIM:
            blocks.append(paragraph)
            continue
        for line in paragraph.splitlines(keepends=True):
            rest = line
            while len(rest) > _AIM:
                place = _cut(rest)
                blocks.append(rest[:place])
                rest = rest[place:]
            blocks.append(rest)
    return blocks


def _cut(line: str) -> int:
    """Where a line too long is cut: after the last stop near the limit, else between two characters as seen."""
    stops = [line.rfind(stop, _AIM - _LOOK_BACK, _AIM) for stop in "。；;，,、 "]
    if max(stops) > 0:
        return next(stop for stop in stops if stop > 0) + 1
    place = _AIM
    while place > _AIM - _LOOK_BACK and _joined(line, place):
        place -= 1
    return place


def _joined(line: str, place: int) -> bool:
    """Whether the characters on both sides of a place are one on the screen (an emoji with its tone or family)."""
    before, after = line[place - 1], line[place]
    flags = "\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff"
    tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return flags or tone or before == "\u200d" or after in _JOINERS or unicodedata.combining(after) > 0


def columns(text: str) -> int:
    """How wide it is, a Chinese character being two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def label(text: str, digit: int, most: int = 30) -> str:
    """A button's words on one line; where they had to be cut the digit tells which line of the text it is."""
    words = " ".join(text.split()) or str(digit)
    if columns(words) <= most:
        return words
    words = f"{digit} {words}"
    while columns(words) > most - 1:
        words = words[:-1]
    return f"{words.rstrip()}…"


def head(text: str) -> str:
    """A mark of what a message is about: equal for two states of one card, or two pages of one list."""
    first = text.strip().partition("\n")[0].partition("·")[0]
    about = re.sub(r"[\d\s*]+", "", first)
    return hashlib.sha256(about.encode()).hexdigest()[:8] if about else ""
